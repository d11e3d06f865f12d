"""Resolves the datasets of a new job: they exist and have pictures, and each gets the version that it has now."""

import naivenet
from service.composition import Services
from service.domain.config import JobConfig
from service.domain.dataset import Dataset
from service.domain.mix import MAX_EPOCH_SAMPLES, MixedDataset
from service.errors import InvalidInput
from service.jobs import datasets


def with_versions(services: Services, config: JobConfig) -> JobConfig:
    """Return *config* with the version of each of its datasets.

    Raises:
        InvalidInput: A dataset or version does not exist, or has no pictures to train on or to measure; or an epoch of
            the mix is too long. Each error has a JSON pointer.
        Unavailable: The file system or the store does not answer.
    """
    if config.datasets is None:
        main = datasets.resolve(services, config.dataset, config.dataset_version)
        _check_measurable(main)
        return config.model_copy(update={"dataset_version": main.version})
    found = [_resolved(services, config.datasets, number) for number in range(len(config.datasets))]
    _check_length(config.datasets, found)
    main = _main(services, config, found)
    _check_measurable(main)
    mix = tuple(
        each.model_copy(update={"version": one.version}) for each, one in zip(config.datasets, found, strict=True)
    )
    return config.model_copy(update={"dataset_version": main.version, "datasets": mix})


def _resolved(services: Services, mix: tuple[MixedDataset, ...], number: int) -> Dataset:
    entry, pointer = mix[number], f"/datasets/{number}"
    if entry.name in {each.name for each in mix[:number]}:
        message = f"The dataset {entry.name!r} is in the mix already; give it a larger weight there."
        raise InvalidInput.at(f"{pointer}/name", message, "repeated_dataset", name=entry.name)
    return datasets.resolve(
        services, entry.name, entry.version, pointer=f"{pointer}/name", version_pointer=f"{pointer}/version"
    )


def _main(services: Services, config: JobConfig, found: list[Dataset]) -> Dataset:
    """Return the dataset that is measured: of the mix, or another one."""
    inside = next((each for each in found if each.name == config.dataset), None)
    if inside is None:
        return datasets.resolve(services, config.dataset, config.dataset_version)
    if config.dataset_version not in {None, inside.version}:
        message = f"Version {inside.version} of {inside.name!r} is in the mix; leave `dataset_version` out."
        raise InvalidInput.at("/dataset_version", message, "other_version", name=inside.name)
    return inside


def _check_measurable(main: Dataset) -> None:
    if not main.test.samples:
        message = (
            f"The dataset {main.name!r} has no test pictures, on which `test_accuracy` is measured; add some, or train "
            "on `datasets`, and name one with test pictures as `dataset`."
        )
        raise InvalidInput.at("/dataset", message, "no_test_pictures", name=main.name)


def _check_length(mix: tuple[MixedDataset, ...], found: list[Dataset]) -> None:
    parts = [
        naivenet.MixPart(samples=one.train.samples, weight=each.weight) for each, one in zip(mix, found, strict=True)
    ]
    length = sum(part.shown for part in parts)
    if length > MAX_EPOCH_SAMPLES:
        message = f"An epoch of this mix has {length:,} pictures; at most {MAX_EPOCH_SAMPLES:,} are allowed."
        raise InvalidInput.at("/datasets", message, "epoch_too_long", given=length, limit=MAX_EPOCH_SAMPLES)
