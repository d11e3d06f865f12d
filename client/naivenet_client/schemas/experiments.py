"""Experiments: several configurations with the same seeds, and what they show."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypedDict

from msgspec import Struct, field

from naivenet_client import html
from naivenet_client.schemas.jobs import Creator, Failure, JobConfig

#: The metrics that an experiment can compare.
Metric = Literal["train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy"]


class ExperimentFields(TypedDict, total=False):
    """The fields of a new experiment: `arms`, or `config` with a `sweep`.

    Attributes:
        name: A name for people.
        arms: The configurations to compare: ``{"adam": {"optimizer": {"name": "adam"}}, "sgd": {...}}``, or a list of
            ``{"name": ..., "config": ...}``.
        config: The fields of a job from which all arms of a sweep start.
        sweep: Values by field: ``{"optimizer.learning_rate": [0.01, 0.1]}``, or a range to draw from, ``{"low": 0.001,
            "high": 1, "scale": "log"}``. A JSON pointer also names a field.
        budget: How many combinations of the sweep are drawn; all if it is not given.
        seeds: The seeds of every arm, or their number; 8 if it is not given.
        metric: The metric to compare; ``test_accuracy`` if it is not given.
        epoch: Of which epoch it counts: ``last``, or ``best_validation``.
        baseline: The arm that all others are compared with; all pairs are compared if it is not given.
        margin: A difference of at most so much does not matter.
        stop_hopeless: Whether an arm is given up that cannot become the best any more.
        metadata: Labels of your own.
    """

    name: str | None
    arms: Mapping[str, Mapping[str, Any]] | Sequence[Mapping[str, Any]] | None
    config: Mapping[str, Any] | None
    sweep: Mapping[str, Any] | None
    budget: int | None
    seeds: int | Sequence[int]
    metric: Metric
    epoch: Literal["last", "best_validation"]
    baseline: str | None
    margin: float
    stop_hopeless: bool
    metadata: Mapping[str, str]


class Arm(Struct, frozen=True, kw_only=True):
    """An arm: a configuration under its name, and the values of the swept fields by their JSON pointers."""

    name: str
    config: JobConfig
    values: dict[str, Any] = field(default_factory=dict)


class Design(Struct, kw_only=True):
    """What an experiment trains and asks."""

    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    metric: str
    epoch: str = "last"
    baseline: str | None = None
    margin: float = 0.0
    stop_hopeless: bool = False
    sweep: dict[str, Any] | None = None
    metadata: dict[str, str] = field(default_factory=dict)


class Plan(Design, kw_only=True):
    """An experiment that was only checked: how many jobs it would have, how long they take, and what it can show.

    Attributes:
        minimal_detectable_difference: The smallest difference in accuracy that is shown with 80 % power, if differences
            on a seed vary by *assumed_sd*.
        minimal_detectable_effect: The same in standard deviations, whatever the metric.
    """

    jobs: int
    estimated_s: float | None = None
    minimal_detectable_difference: float | None = None
    minimal_detectable_effect: float | None = None
    assumed_sd: float | None = None


class JobCounts(Struct, frozen=True, kw_only=True):
    """The jobs of an experiment by their states."""

    total: int
    queued: int = 0
    running: int = 0
    pausing: int = 0
    paused: int = 0
    cancelling: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    deleted: int = 0

    @property
    def ended(self) -> int:
        """The number of jobs that will not run any more."""
        return self.succeeded + self.failed + self.cancelled + self.deleted


class ExperimentData(Design, kw_only=True):
    """An experiment, and how far its jobs were when it was last read."""

    id: str
    status: str
    jobs: JobCounts
    created_at: datetime
    name: str | None = None
    looks: int = 0
    stopped: dict[str, str] = field(default_factory=dict)
    finished_at: datetime | None = None
    cancelled_at: datetime | None = None
    created_by: Creator | None = None
    links: dict[str, str] = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        """Whether all jobs have ended."""
        return self.status != "running"


class Run(Struct, frozen=True, kw_only=True):
    """A job of an arm, and what it measured: its *value* is None unless its *state* is ``measured``."""

    seed: int
    state: str
    job_id: str | None = None
    value: float | None = None
    error: Failure | None = None


class ArmResult(Struct, frozen=True, kw_only=True):
    """An arm, and the summary of what its jobs measured; *interval* is the 95 % confidence interval of the mean."""

    name: str
    n: int
    jobs: tuple[Run, ...]
    mean: float | None = None
    sd: float | None = None
    interval: tuple[float, float] | None = None
    minimum: float | None = None
    maximum: float | None = None
    test_set_sd: float | None = None
    failed: int = 0
    diverged: int = 0
    pending: int = 0
    cancelled: int = 0
    stopped: int = 0


class Pair(Struct, frozen=True, kw_only=True):
    """Two arms, compared seed by seed: *difference* is arm minus baseline, and *sentence* says what that shows."""

    arm: str
    baseline: str
    verdict: str
    sentence: str
    n: int = 0
    missing: int = 0
    difference: float | None = None
    interval: tuple[float, float] | None = None
    sd: float | None = None
    wins: int = 0
    losses: int = 0
    ties: int = 0
    p: float | None = None
    p_holm: float | None = None
    p_method: str = "exact"
    probability_better: float | None = None
    test_set_sd: float | None = None
    more_seeds_needed: int | None = None


class EffectPoint(Struct, frozen=True, kw_only=True):
    """One value of a swept field, or several near each other, with the mean of the arms that have it."""

    value: Any
    arms: int
    best: float
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    interval: tuple[float, float] | None = None


class Effect(Struct, frozen=True, kw_only=True):
    """What a swept field does: *importance* is its share of the variation between arms."""

    pointer: str
    label: str
    points: tuple[EffectPoint, ...]
    importance: float | None = None


class BestSoFar(Struct, frozen=True, kw_only=True):
    """An arm, and the best arm up to it, in the order of the sweep."""

    arm: str
    mean: float
    best_arm: str
    best: float


class SweepResult(Struct, frozen=True, kw_only=True):
    """What a sweep shows: its *effects*, the most important field first, and the best arm so far."""

    effects: tuple[Effect, ...]
    best_so_far: tuple[BestSoFar, ...]
    method: str | None = None
    rest: float | None = None
    noise: float | None = None
    seeds: int = 0
    arms: int = 0
    left_out: tuple[str, ...] = ()


class ExperimentResult(Struct, frozen=True, kw_only=True):
    """What an experiment shows so far; complete once *status* is not ``running``."""

    id: str
    status: str
    metric: str
    arms: tuple[ArmResult, ...]
    pairs: tuple[Pair, ...]
    seeds: tuple[int, ...] = ()
    epoch: str = "last"
    baseline: str | None = None
    margin: float = 0.0
    looks: int = 0
    note: str | None = None
    stopped: dict[str, str] = field(default_factory=dict)
    best: str | None = None
    pairs_tested: int = 0
    sweep: SweepResult | None = None

    def to_pandas(self) -> Any:
        """Return the runs as a pandas DataFrame: a row for each job, with its arm, seed, state and metric.

        Raises:
            ImportError: pandas is not installed.
        """
        try:
            import pandas as pd  # noqa: PLC0415  # only this call needs it
        except ImportError:
            raise ImportError("`to_pandas` needs pandas; install it with `pip install pandas`.") from None
        rows = [
            {"arm": arm.name, "seed": run.seed, "state": run.state, self.metric: run.value, "job_id": run.job_id}
            for arm in self.arms
            for run in arm.jobs
        ]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        """Return the sentences."""
        return "\n".join([f"ExperimentResult({self.id}, {self.status})", *(pair.sentence for pair in self.pairs)])

    def _repr_html_(self) -> str:
        heads = ["arm", "n", f"mean {self.metric}", "95 % interval", "sd", "diverged", "failed"]
        rows: list[list[object]] = [
            [
                arm.name,
                arm.n,
                html.number(arm.mean),
                " to ".join(map(html.number, arm.interval or ())),
                html.number(arm.sd),
                arm.diverged,
                arm.failed,
            ]
            for arm in self.arms
        ]
        return html.paragraphs(pair.sentence for pair in self.pairs) + html.table(heads, rows)


def body_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a request: arms as a list, and swept fields as JSON pointers."""
    body = {name: value for name, value in fields.items() if value is not None}
    if isinstance(arms := body.get("arms"), Mapping):
        body["arms"] = [{"name": name, "config": config} for name, config in arms.items()]
    if isinstance(sweep := body.get("sweep"), Mapping):
        body["sweep"] = {_pointer(field): values for field, values in sweep.items()}
    return body


def _pointer(name: str) -> str:
    """Return the JSON pointer of a field that may be written with dots."""
    return name if name.startswith("/") else "/" + name.replace(".", "/")
