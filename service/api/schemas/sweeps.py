"""What a sweep shows, in responses."""

from typing import Self

from pydantic import Field, JsonValue

from service.api.schemas.common import Wire
from service.experiments import Interval
from service.experiments.sweeps import EffectPoint, Exploration, Method


class EffectPointOut(Wire):
    """One value of a swept field, or several near each other, with the arms that have it."""

    value: JsonValue = Field(description="The value; of several, their median.", examples=[0.1])
    low: float | None = Field(description="The smallest of several values; null for a single one.")
    high: float | None
    arms: int = Field(description="How many arms have it.", examples=[2])
    mean: float | None = Field(description="The mean of these arms.", examples=[0.981])
    interval: list[float] | None = Field(description="Its 95 % confidence interval, over the seeds.")
    best: float = Field(description="The best mean of these arms.", examples=[0.983])


class EffectOut(Wire):
    """What a swept field does, whatever the other fields are."""

    pointer: str = Field(examples=["/optimizer/learning_rate"])
    label: str = Field(examples=["learning_rate"])
    importance: float | None = Field(
        description="Its share of the variation between arms, from 0 to 1; null if they do not vary.", examples=[0.8]
    )
    points: list[EffectPointOut]


class BestSoFarOut(Wire):
    """An arm, and the best arm up to it, in the order of the sweep."""

    arm: str
    mean: float
    best_arm: str
    best: float


class SweepOut(Wire):
    """What a sweep shows."""

    method: Method | None = Field(
        description="How importance was computed: `main_effects` of a full grid, or `binned_main_effects`, where "
        "numbers are sorted into bins; null without results."
    )
    rest: float | None = Field(description="The share of the variation that several fields explain only together.")
    noise: float | None = Field(description="The share that chance between seeds explains.")
    seeds: int = Field(description="How many seeds count: each counted arm has a result for them.")
    arms: int = Field(description="How many arms count.")
    left_out: list[str] = Field(description="The arms that do not: runs of theirs are missing.")
    effects: list[EffectOut] = Field(description="The swept fields, the most important one first.")
    best_so_far: list[BestSoFarOut]

    @classmethod
    def of(cls, found: Exploration) -> Self:
        """Return what a sweep shows as the API shows it."""
        return cls(
            method=found.method,
            rest=found.rest,
            noise=found.noise,
            seeds=found.seeds,
            arms=found.arms,
            left_out=list(found.left_out),
            effects=[
                EffectOut(
                    pointer=each.pointer,
                    label=each.label,
                    importance=each.importance,
                    points=[_point(point) for point in each.points],
                )
                for each in found.effects
            ],
            best_so_far=[BestSoFarOut(**vars(each)) for each in found.best_so_far],
        )


def _point(point: EffectPoint) -> EffectPointOut:
    return EffectPointOut(
        value=point.group.value,
        low=point.group.low,
        high=point.group.high,
        arms=len(point.group.places),
        mean=point.summary.mean,
        interval=ends_of(point.summary.interval),
        best=point.best,
    )


def ends_of(interval: Interval | None) -> list[float] | None:
    """Return the ends of an interval."""
    return [interval.low, interval.high] if interval else None
