"""What an experiment measured: the runs of each arm, one a seed, and the question that they are to answer."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

#: How a run ended. Only ``measured`` runs have a value. ``stopped`` ones belong to an arm that was given up early.
RunState = Literal["measured", "diverged", "failed", "cancelled", "stopped", "pending"]

#: Outcomes that are results: a run that diverged is worse than every measured one.
RESULTS: frozenset[RunState] = frozenset({"measured", "diverged"})


@dataclass(frozen=True, kw_only=True)
class Run:
    """One job of an arm.

    Attributes:
        value: The metric, such as 0.981; None unless the run was measured.
    """

    seed: int
    job_id: str
    state: RunState
    value: float | None = None

    @property
    def outcome(self) -> RunState:
        """The state; ``diverged`` if the metric is not a finite number."""
        return "diverged" if self.value is not None and not math.isfinite(self.value) else self.state


@dataclass(frozen=True, kw_only=True)
class Arm:
    """A configuration under its name, and its runs; each of another seed."""

    name: str
    runs: Sequence[Run]

    @cached_property
    def results(self) -> Mapping[int, float | None]:
        """The metric of each run with a result, by its seed; None for a run that diverged, which is a result, too."""
        outcomes = {run.seed: (run.outcome, run.value) for run in self.runs}
        return {
            seed: value if outcome == "measured" else None
            for seed, (outcome, value) in outcomes.items()
            if outcome in RESULTS
        }

    @cached_property
    def values(self) -> Sequence[float]:
        """The metric of each measured run."""
        return [value for value in self.results.values() if value is not None]

    def count(self, *outcomes: RunState) -> int:
        """Return how many runs ended in one of these ways."""
        return sum(run.outcome in outcomes for run in self.runs)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What an experiment asks.

    Attributes:
        metric: The name of the metric, such as ``test_accuracy``; it decides whether larger is better.
        baseline: The arm to compare all others with; None compares all pairs.
        margin: A difference of at most so much does not matter, in the units of the metric; 0 if every one does.
        looks: How many times seeds were added after the result had been seen.
        samples: The number of images that the metric was measured on; None if it is not known.
    """

    metric: str
    baseline: str | None = None
    margin: float = 0.0
    looks: int = 0
    samples: int | None = None

    @property
    def is_accuracy(self) -> bool:
        """Whether the metric is a share of images, so that differences are percentage points."""
        return self.metric.endswith("accuracy")

    @property
    def sign(self) -> int:
        """1 if a larger metric is better, such as an accuracy; -1 if a smaller one is, such as a loss."""
        return 1 if self.is_accuracy else -1
