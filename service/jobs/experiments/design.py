"""Resolves a new experiment: its arms are checked, each as a job's body, and together as a comparison."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.composition import Services
from service.domain.config import JobConfig
from service.domain.differences import LABELS
from service.domain.experiment import Arm, Design, NewExperiment
from service.domain.suggestions import did_you_mean
from service.errors import FieldError, InvalidInput
from service.experiments.sweeps import read_sweep
from service.jobs.configurations import resolve_new


@dataclass(frozen=True, kw_only=True)
class DescribedArm:
    """An arm as a client described it.

    Attributes:
        body: The body of its jobs.
        source_of: Returns where in the request a field of the body comes from, by its pointer.
        values: The values of the swept fields, by their pointers.
    """

    name: str
    body: Mapping[str, Any]
    source_of: Callable[[str], str]
    values: Mapping[str, Any] = field(default_factory=dict)


def resolve_experiment(services: Services, new: NewExperiment) -> Design:
    """Return the design that a request describes, ready to be queued.

    Raises:
        InvalidInput: A field is wrong, also of an arm's configuration; or the arms do not make a comparison.
        Unavailable: The file system of a dataset does not answer.
    """
    seeds = new.seeds if isinstance(new.seeds, list) else range(1, new.seeds + 1)
    described = _described(services, new, seeds)
    _raise_any([*_unusable_seeds(seeds), *_repeated_names(described), *_unknown_baseline(new, described)])
    configs = _resolved(services, described)
    _raise_any([*_equal_arms(configs, described), *_unusable_metrics(new, configs, described)])
    return Design(
        arms=tuple(
            Arm(name=arm.name, config=config.model_dump(mode="json"), values=arm.values)
            for arm, config in zip(described, configs, strict=True)
        ),
        seeds=tuple(seeds),
        metric=new.metric,
        epoch=new.epoch,
        baseline=new.baseline,
        margin=new.margin,
        stop_hopeless=new.stop_hopeless,
        sweep=new.sweep,
        metadata=new.metadata,
    )


def _described(services: Services, new: NewExperiment, seeds: Sequence[int]) -> list[DescribedArm]:
    """Return the arms of the request, after checking that they are not too many."""
    if new.sweep is not None:
        return _swept(services, new, new.sweep, seeds)
    for name in ("config", "budget"):
        if getattr(new, name) is not None:
            message = f"A {name} needs a sweep; without one, each arm has a config of its own."
            raise InvalidInput.at(f"/{name}", message, "needs_sweep")
    arms = new.arms or []
    if not arms:
        raise InvalidInput.at("/arms", "Give two arms or more, or a config with a sweep.", "no_arms")
    if len(arms) == 1:
        raise InvalidInput.at("/arms", "One arm has nothing to be compared with; add another one.", "one_arm")
    services.experiments.check_size(len(arms) * len(seeds), "/seeds")
    return [
        DescribedArm(name=arm.name, body=arm.config, source_of=f"/arms/{number}/config".__add__)
        for number, arm in enumerate(arms)
    ]


def _swept(
    services: Services, new: NewExperiment, fields: Mapping[str, Any], seeds: Sequence[int]
) -> list[DescribedArm]:
    if new.arms is not None:
        raise InvalidInput.at("/sweep", "Give arms or a sweep, not both.", "arms_and_sweep")
    sweep, body = read_sweep(fields, budget=new.budget), new.config or {}
    services.experiments.check_size(sweep.size * len(seeds), "/sweep")
    base = DescribedArm(name="", body=body, source_of="/config".__add__)
    (resolved,) = _resolved(services, [base])
    arms = sweep.arms(body, defaults=resolved.model_dump(mode="json"))
    return [DescribedArm(name=arm.name, body=arm.body, source_of=arm.source_of, values=arm.values) for arm in arms]


def _resolved(services: Services, described: Sequence[DescribedArm]) -> list[JobConfig]:
    """Return the configurations of the arms; the errors of all arms are raised as one."""
    configs, problems = [], []
    for arm in described:
        if arm.body.get("seed") is not None:
            message = "An arm has no seed of its own: all arms train with the seeds of the experiment."
            problems.append(FieldError(arm.source_of("/seed"), message, "seed_of_an_arm"))
            continue
        try:
            configs.append(_without_seed(resolve_new(services, arm.body)))
        except InvalidInput as error:
            problems += [
                FieldError(arm.source_of(each.pointer), each.message, each.code, each.parameters)
                for each in error.errors
            ]
    _raise_any(problems)
    return configs


def _without_seed(config: JobConfig) -> JobConfig:
    """Return what the jobs of an arm share. They keep one checkpoint beside the best, unless the body says more."""
    keep = {} if config.keep_last or config.keep_best else {"keep_last": 1}
    return config.model_copy(update={"seed": None, **keep})


def _raise_any(problems: Sequence[FieldError]) -> None:
    once = list({(each.pointer, each.code): each for each in problems}.values())  # arms of a sweep share their fields
    if once:
        raise InvalidInput("; ".join(f"{each.pointer}: {each.message}" for each in once), *once)


def _unusable_seeds(seeds: Sequence[int]) -> Iterator[FieldError]:
    if not seeds:
        yield FieldError("/seeds", "Give at least one seed.", "no_seeds")
    if len(set(seeds)) == len(seeds):
        return
    for number, seed in enumerate(seeds):
        if seed in seeds[:number]:
            message = f"The seed {seed} is there twice: a repeated run shows nothing new."
            yield FieldError(f"/seeds/{number}", message, "repeated_seed", {"seed": seed})


def _repeated_names(described: Sequence[DescribedArm]) -> Iterator[FieldError]:
    names = [arm.name for arm in described]
    for number, name in enumerate(names):
        if name in names[:number]:
            message = f"Another arm is called {name!r}, too; give each arm a name of its own."
            yield FieldError(f"/arms/{number}/name", message, "repeated_name", {"name": name})


def _unknown_baseline(new: NewExperiment, described: Sequence[DescribedArm]) -> Iterator[FieldError]:
    names = [arm.name for arm in described]
    if new.baseline is not None and new.baseline not in names:
        there = ", ".join(names)
        message = f"There is no arm {new.baseline!r}; choose one of: {there}."
        yield FieldError("/baseline", message, "no_such_arm", {"there": there, **did_you_mean(new.baseline, names)})


def _equal_arms(configs: Sequence[JobConfig], described: Sequence[DescribedArm]) -> Iterator[FieldError]:
    learned = [config.model_dump(mode="json", exclude=LABELS) for config in configs]
    for number, arm in enumerate(described):
        first = learned.index(learned[number])
        if first < number:
            other = described[first].name
            message = f"It is the same configuration as that of the arm {other!r}; change a field of one of them."
            where = next((arm.source_of(pointer) for pointer in arm.values), arm.source_of(""))
            yield FieldError(where, message, "equal_arms", {"other": other})


def _unusable_metrics(
    new: NewExperiment, configs: Sequence[JobConfig], described: Sequence[DescribedArm]
) -> Iterator[FieldError]:
    """Yield what keeps the metric from being measured, or lets the test set choose the epoch."""
    for config, arm in zip(configs, described, strict=True):
        needs_split = new.metric.startswith("validation") or new.epoch == "best_validation"
        if needs_split and not config.validation_split:
            message = f"The arm {arm.name!r} has no validation set: give it a validation_split greater than 0."
            yield FieldError(arm.source_of("/validation_split"), message, "arm_needs_validation", {"arm": arm.name})
        stopping = config.early_stopping
        if stopping and stopping.monitor.startswith("test") and new.metric.startswith("test"):
            message = "The test set may not choose the epoch that it is compared by; monitor validation_loss."
            yield FieldError(arm.source_of("/early_stopping/monitor"), message, "chosen_by_test")
