"""The result of an experiment: what each job has come to, and what that shows about the arms."""

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from service.composition import Services
from service.domain.experiment import Design, Experiment, Outcome
from service.domain.job import Status
from service.errors import ServiceError
from service.experiments import Analysis, Arm, Hopeless, Question, Run, RunState, analyse, reason
from service.jobs.datasets import find
from service.messages import Language

#: The code of a job whose loss is not a finite number: of an arm, that is a result.
DIVERGED = "diverged"


@dataclass(frozen=True, kw_only=True)
class ExperimentResult:
    """The result of an experiment.

    Attributes:
        analysis: Of all arms; a job that was deleted counts as cancelled.
        outcomes: Of each job that exists, by its arm and its seed.
    """

    experiment: Experiment
    analysis: Analysis
    outcomes: Mapping[tuple[str, int], Outcome]


def result_of(services: Services, experiment_id: str) -> ExperimentResult:
    """Return the result so far: complete once the experiment has ended.

    Raises:
        NotFound: There is no experiment with this id.
    """
    experiment, found = services.experiments.outcomes(experiment_id)
    outcomes = {(each.arm, each.seed): each for each in found}
    analysis = _analysed(measured_arms(experiment, found), question_of(services, experiment))
    return ExperimentResult(experiment=experiment, analysis=analysis, outcomes=outcomes)


def question_of(services: Services, experiment: Experiment) -> Question:
    """Return what the experiment asks."""
    return Question(
        metric=experiment.design.metric,
        baseline=experiment.design.baseline,
        margin=experiment.design.margin,
        looks=experiment.looks,
        samples=_samples(services, experiment.design),
    )


def reasons(experiment: Experiment, question: Question, language: Language) -> dict[str, str]:
    """Return why arms were given up, by their names."""
    return {name: reason(Hopeless(**found), question, language) for name, found in sorted(experiment.stopped.items())}


def measured_arms(experiment: Experiment, outcomes: Sequence[Outcome]) -> tuple[Arm, ...]:
    """Return the arms with a run for each of their seeds, also for jobs that were deleted."""
    by_arm: dict[str, dict[int, Run]] = defaultdict(dict)
    for each in outcomes:
        by_arm[each.arm][each.seed] = _run(each, experiment)
    return tuple(
        Arm(
            name=arm.name,
            runs=tuple(
                by_arm[arm.name].get(seed) or _absent(seed, is_stopped=arm.name in experiment.stopped)
                for seed in experiment.design.seeds
            ),
        )
        for arm in experiment.design.arms
    )


#: Only new outcomes cost time: the analysis of the same ones is computed once.
_analysed = functools.lru_cache(maxsize=64)(analyse)


def _run(outcome: Outcome, experiment: Experiment) -> Run:
    state = _state(outcome, experiment)
    value = _value(outcome, experiment.design) if state == "measured" else None
    if state == "measured" and value is None:
        state = "failed"  # its version of the service did not measure the metric
    return Run(seed=outcome.seed, job_id=outcome.job_id, state=state, value=value)


def _absent(seed: int, *, is_stopped: bool) -> Run:
    """Return the run of a job that was deleted, or of a seed that was added after its arm was given up."""
    return Run(seed=seed, job_id="", state="stopped" if is_stopped else "cancelled")


def _state(outcome: Outcome, experiment: Experiment) -> RunState:
    match outcome.status:
        case Status.SUCCEEDED:
            return "measured"
        case Status.FAILED:
            return "diverged" if outcome.error and outcome.error.code == DIVERGED else "failed"
        case Status.CANCELLED:
            return "stopped" if outcome.arm in experiment.stopped else "cancelled"
    return "pending"


def _value(outcome: Outcome, design: Design) -> float | None:
    """Return the metric of the epoch that counts."""
    if design.epoch == "best_validation":
        return outcome.best.get(design.metric) if outcome.best else None
    value: float | None = getattr(outcome.result, design.metric)
    return value


def _samples(services: Services, design: Design) -> int | None:
    """Return on how many pictures the metric is measured; None if that is not known, or not the same for all arms."""
    tested = {(arm.config["dataset"], arm.config.get("dataset_version")) for arm in design.arms}
    if len(tested) > 1 or not design.metric.startswith("test"):
        return None
    with suppress(ServiceError):  # the dataset was deleted, or does not answer
        return find(services, *tested.pop()).test.samples
    return None
