"""Builds a training run from a job's configuration: its samples, its network and the training itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import naivenet
from service.domain.config import JobConfig
from service.domain.history import SetMetrics, Split
from service.storage.weights import INPUT_SIZE

#: Images and their labels.
Samples = tuple[Any, Any]


#: Loads the arrays of a dataset by its name and version.
Load = Callable[[str, int | None], naivenet.datasets.Dataset]


@dataclass(frozen=True, kw_only=True, eq=False)
class EvaluatedSet:
    """One dataset of a mix, with the pictures on which it is evaluated.

    Attributes:
        split: Which of its pictures: the test pictures, or the training pictures if it has none for testing.
    """

    dataset: str
    split: Split
    samples: Samples


@dataclass(frozen=True, kw_only=True, eq=False)
class RunSamples:
    """The samples that a run trains on and is evaluated on.

    Attributes:
        training: Those of all datasets of a mix, one after another.
        validation: The end of each training set, held out; None without a validation split.
        test: The test set of the dataset that is measured.
        test_set: The digest of the test set.
        main: The dataset that is measured.
        mix: How often an epoch shows those of each dataset; None without a mix.
        sets: The datasets of a mix, and before them the one that is measured if it is not in the mix; else empty.
    """

    training: Samples
    validation: Samples | None
    test: Samples
    test_set: str
    main: str
    mix: tuple[naivenet.MixPart, ...] | None = None
    sets: tuple[EvaluatedSet, ...] = ()

    def steps_per_epoch(self, batch_size: int) -> int:
        """Return the number of batches in an epoch."""
        shown = sum(part.shown for part in self.mix) if self.mix else len(self.training[0])
        return naivenet.count_batches(shown, batch_size)

    @property
    def further(self) -> dict[str, Samples]:
        """The sets to evaluate beside the test set, by the names of their datasets."""
        return {each.dataset: each.samples for each in self.sets if each.dataset != self.main}

    def sets_of(self, end: naivenet.EpochEnd) -> tuple[SetMetrics, ...]:
        """Return the metrics of an epoch on each dataset of a mix."""
        measured = {each.name: (each.loss, each.accuracy) for each in end.sets}
        measured[self.main] = end.test_loss or 0.0, end.test_accuracy or 0.0
        return tuple(
            SetMetrics(
                dataset=each.dataset,
                split=each.split,
                samples=len(each.samples[0]),
                loss=measured[each.dataset][0],
                accuracy=measured[each.dataset][1],
            )
            for each in self.sets
        )


def load_samples(config: JobConfig, load: Load) -> RunSamples:
    """Load the configuration's datasets and hold out their validation splits.

    Raises:
        InvalidInput: There is no such dataset.
        NotFound: An uploaded dataset does not exist any more.
        DatasetError: A file is damaged or has the wrong form.
    """
    main = load(config.dataset, config.dataset_version)
    test, test_set = (main.x_test, main.y_test), naivenet.datasets.test_set_digest(main)
    if config.datasets is None:
        training, validation = split((main.x_train, main.y_train), config.validation_split)
        return RunSamples(training=training, validation=validation, test=test, test_set=test_set, main=config.dataset)
    loaded = {
        each.name: main if each.name == config.dataset else load(each.name, each.version) for each in config.datasets
    }
    halves = [split((data.x_train, data.y_train), config.validation_split) for data in loaded.values()]
    return RunSamples(
        training=_joined([training for training, _ in halves]),
        mix=tuple(
            naivenet.MixPart(samples=len(training[0]), weight=each.weight)
            for (training, _), each in zip(halves, config.datasets, strict=True)
        ),
        validation=_joined([validation for _, validation in halves if validation]),
        test=test,
        test_set=test_set,
        main=config.dataset,
        sets=tuple(evaluated_set(name, data) for name, data in ({config.dataset: main} | loaded).items()),
    )


def evaluated_set(name: str, data: naivenet.datasets.Dataset) -> EvaluatedSet:
    """Return a dataset with its test pictures, or with its training pictures if it has none for testing."""
    if len(data.x_test):
        return EvaluatedSet(dataset=name, split="test", samples=(data.x_test, data.y_test))
    return EvaluatedSet(dataset=name, split="train", samples=(data.x_train, data.y_train))


def _joined(each: Sequence[Samples]) -> Any:
    """Return several samples one after another; None if there are none."""
    if len(each) < 2:  # noqa: PLR2004  # nothing to join, so nothing to copy
        return each[0] if each else None
    return np.concatenate([images for images, _ in each]), np.concatenate([labels for _, labels in each])


def split(samples: Samples, share: float) -> tuple[Samples, Samples | None]:
    """Return the samples without their last *share*, and that share; None if it has no sample."""
    images, labels = samples
    kept = len(images) - int(len(images) * share)
    return (images[:kept], labels[:kept]), (images[kept:], labels[kept:]) if kept < len(images) else None


def build_model(config: JobConfig) -> naivenet.NaiveSequential:
    """Build the configuration's network on TensorFlow variables, its initial weights drawn from the seed."""
    return config.network.build(INPUT_SIZE, seed=config.seed or 0)


def build_training(
    model: naivenet.NaiveSequential, samples: RunSamples, config: JobConfig, **resumed: Any
) -> naivenet.Training:
    """Prepare to train *model* in place as *config* says; iterating over the result trains it.

    Args:
        model: A network on TensorFlow variables.
        samples: Its training, validation and test samples.
        config: The job's configuration.
        resumed: Further arguments of `naivenet.train`, such as where a resumed run starts; they override *config*.
    """
    from_config: dict[str, Any] = {
        "epochs": config.epochs,
        "batch_size": config.batch_size,
        "optimizer": config.optimizer,
        "schedule": config.schedule,
        "shuffle": config.shuffle,
        "augment": config.augment,
        "precision": config.precision,
        "seed": config.seed or 0,
        "validation": samples.validation,
        "test": samples.test,
        "mix": samples.mix,
        "sets": samples.further,
    }
    return naivenet.train(model, *samples.training, **(from_config | resumed))
