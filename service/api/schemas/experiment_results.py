"""Results of experiments in responses."""

from typing import Literal, Self

from pydantic import Field

from service.api.schemas.common import JOB_ID, Wire
from service.api.schemas.experiments import EXPERIMENT_ID
from service.api.schemas.jobs import FailureOut
from service.api.schemas.sweeps import SweepOut, ends_of
from service.domain.config import Monitor
from service.domain.experiment import AtEpoch, ExperimentStatus
from service.domain.nonfinite import finite_or_none
from service.experiments import Pair, Run, RunState, Verdict, note, sentence
from service.experiments.results import ArmResult
from service.experiments.sweeps import explore
from service.jobs.experiments.results import ExperimentResult, reasons
from service.messages import Language


class RunOut(Wire):
    """A job of an arm, and what it measured."""

    job_id: str | None = Field(description="Null if the job was deleted.", examples=[JOB_ID])
    seed: int
    state: RunState
    value: float | None = Field(description="The metric, once it is measured.", examples=[0.9812])
    error: FailureOut | None = Field(description="Why the job failed.")


class ArmResultOut(Wire):
    """An arm, and the summary of what its jobs measured."""

    name: str = Field(examples=["adam"])
    n: int = Field(description="How many jobs have a value.", examples=[8])
    mean: float | None = Field(examples=[0.9815])
    sd: float | None = Field(description="The standard deviation from seed to seed.", examples=[0.0011])
    interval: list[float] | None = Field(
        description="The 95 % confidence interval of the mean, by Student's t.", examples=[[0.9806, 0.9824]]
    )
    minimum: float | None = Field(examples=[0.9799])
    maximum: float | None = Field(examples=[0.9831])
    test_set_sd: float | None = Field(
        description="How much an accuracy would vary with another test set of the same size.", examples=[0.0013]
    )
    failed: int = Field(description="How many jobs failed for another reason than divergence.", examples=[0])
    diverged: int = Field(description="How many jobs diverged: that is a result, worse than any value.", examples=[0])
    pending: int = Field(description="How many jobs have not ended.", examples=[0])
    cancelled: int = Field(description="How many jobs were cancelled or deleted.", examples=[0])
    stopped: int = Field(description="How many jobs were given up early.", examples=[0])
    jobs: list[RunOut]

    @classmethod
    def of(cls, result: ArmResult, experiment: ExperimentResult) -> Self:
        """Return the result of an arm as the API shows it."""
        arm, summary = result.arm, result.summary
        return cls(
            name=arm.name,
            n=summary.n,
            mean=summary.mean,
            sd=summary.sd,
            interval=ends_of(summary.interval),
            minimum=summary.minimum,
            maximum=summary.maximum,
            test_set_sd=result.test_set_sd,
            failed=arm.count("failed"),
            diverged=arm.count("diverged"),
            pending=arm.count("pending"),
            cancelled=arm.count("cancelled"),
            stopped=arm.count("stopped"),
            jobs=[_run(run, arm.name, experiment) for run in arm.runs],
        )


class PairOut(Wire):
    """Two arms, compared seed by seed."""

    arm: str = Field(examples=["adam"])
    baseline: str = Field(examples=["sgd"])
    difference: float | None = Field(description="The mean of arm minus baseline.", examples=[0.0042])
    interval: list[float] | None = Field(
        description="The 95 % confidence interval of the difference, by Student's t.", examples=[[0.0031, 0.0053]]
    )
    sd: float | None = Field(description="The standard deviation of the differences.", examples=[0.0013])
    n: int = Field(description="The number of seeds with a result in both arms.", examples=[8])
    missing: int = Field(description="The number of seeds without a result in one of them.", examples=[0])
    wins: int = Field(description="On how many seeds the arm is better.", examples=[8])
    losses: int = Field(examples=[0])
    ties: int = Field(examples=[0])
    p: float | None = Field(description="Of the sign-flip permutation test, two-sided.", examples=[0.0078])
    p_holm: float | None = Field(description="The same after Holm's correction for all pairs.", examples=[0.0078])
    p_method: Literal["exact", "monte_carlo"]
    probability_better: float | None = Field(
        description="The share of seeds on which the arm is better, ties counted half.", examples=[1.0]
    )
    test_set_sd: float | None = Field(
        description="How much of the difference may be the chance of which pictures are in the test set, at most.",
        examples=[0.0018],
    )
    verdict: Verdict
    more_seeds_needed: int | None = Field(
        description="How many more seeds would show a difference like this one, with 80 % power; null where that says "
        "nothing."
    )
    sentence: str = Field(
        description="In English, or in Spanish if `Accept-Language` prefers it.",
        examples=["adam is better than sgd here: +0.42 points, between 0.31 and 0.53, in 8 of 8 seeds."],
    )


class ExperimentResultOut(Wire):
    """The result of an experiment so far; complete once `status` is not `running`."""

    id: str = Field(examples=[EXPERIMENT_ID])
    status: ExperimentStatus
    metric: Monitor
    epoch: AtEpoch
    baseline: str | None
    margin: float
    seeds: list[int]
    looks: int = Field(description="How many times seeds were added after a job had ended.")
    note: str | None = Field(description="A warning about a result that was looked at before seeds were added.")
    stopped: dict[str, str] = Field(description="The arms that were given up early, each with the reason.")
    best: str | None = Field(description="The arm with the best mean so far.", examples=["adam"])
    pairs_tested: int = Field(description="How many pairs Holm's correction counts.", examples=[1])
    arms: list[ArmResultOut]
    pairs: list[PairOut]
    sweep: SweepOut | None = Field(description="What a sweep shows about each field; null without a sweep.")

    @classmethod
    def of(cls, result: ExperimentResult, language: Language) -> Self:
        """Return a result as the API shows it."""
        experiment, analysis = result.experiment, result.analysis
        design, best = experiment.design, analysis.best
        return cls(
            id=experiment.id,
            status=experiment.status,
            metric=design.metric,
            epoch=design.epoch,
            baseline=design.baseline,
            margin=design.margin,
            seeds=list(design.seeds),
            looks=experiment.looks,
            note=note(analysis.question, language),
            stopped=reasons(experiment, analysis.question, language),
            best=best.arm.name if best else None,
            pairs_tested=analysis.tested,
            arms=[ArmResultOut.of(each, result) for each in analysis.arms],
            pairs=_pairs(result, language),
            sweep=SweepOut.of(explore(analysis, design.values)) if design.sweep else None,
        )


def _pairs(result: ExperimentResult, language: Language) -> list[PairOut]:
    analysis = result.analysis
    arms = {each.arm.name: each.arm for each in analysis.arms}
    return [_pair(pair, sentence(pair, analysis.question, language, arms=arms)) for pair in analysis.pairs]


def _pair(pair: Pair, text: str) -> PairOut:
    compared = pair.compared
    return PairOut(
        arm=compared.arm,
        baseline=compared.baseline,
        difference=compared.difference,
        interval=ends_of(compared.interval),
        sd=compared.differences.sd,
        n=compared.seeds,
        missing=compared.missing,
        wins=compared.wins,
        losses=compared.losses,
        ties=compared.ties,
        p=compared.p,
        p_holm=pair.p_holm,
        p_method=compared.p_method,
        probability_better=compared.probability_better,
        test_set_sd=compared.test_set_sd,
        verdict=pair.verdict,
        more_seeds_needed=pair.more_seeds_needed,
        sentence=text,
    )


def _run(run: Run, arm: str, result: ExperimentResult) -> RunOut:
    outcome = result.outcomes.get((arm, run.seed))
    error = outcome.error if outcome else None
    return RunOut(
        job_id=run.job_id or None,
        seed=run.seed,
        state=run.outcome,
        value=None if run.value is None else finite_or_none(run.value),
        error=FailureOut(code=error.code, message=error.message) if error else None,
    )
