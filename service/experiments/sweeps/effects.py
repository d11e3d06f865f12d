"""What a sweep shows about each parameter: its curve, and its share of the variation between arms.

The share is that of the main effect in an analysis of variance: the sum of squares between the means of the parameter's
values, less what chance adds to it, divided by the sum of squares between all arms. In a full grid, chance is the noise
of the seeds. In a random part of a grid, it is also what the other parameters happen to be.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from service.experiments.results import Analysis, ArmResult, best_of
from service.experiments.summaries import Summary, summarize
from service.experiments.sweeps.groups import Group, grouped, is_grid
from service.experiments.sweeps.names import labels_of
from service.experiments.sweeps.scores import Scores, scores_of

#: How importance is computed: in a full grid; or in a random part of it, where numbers are sorted into bins.
Method = Literal["main_effects", "binned_main_effects"]


@dataclass(frozen=True, kw_only=True)
class EffectPoint:
    """One value of a parameter, or several near each other.

    Attributes:
        group: The value, and the arms that have it.
        summary: Of the mean of these arms, over the seeds: its interval is the band of the curve.
        best: The best of the arms' means.
    """

    group: Group
    summary: Summary
    best: float


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a parameter does, whatever the other parameters are.

    Attributes:
        pointer: The JSON pointer of the field.
        label: A short name, such as ``learning_rate``.
        importance: Its share of the variation between arms, from 0 to 1; None if they do not vary.
    """

    pointer: str
    label: str
    points: Sequence[EffectPoint]
    importance: float | None


@dataclass(frozen=True, kw_only=True)
class BestSoFar:
    """An arm with a mean, and the best arm up to it, in the order of the sweep."""

    arm: str
    mean: float
    best_arm: str
    best: float


@dataclass(frozen=True, kw_only=True)
class Exploration:
    """What a sweep shows.

    Attributes:
        effects: The parameters, the most important one first; empty without results.
        method: How importance was computed.
        rest: The share of the variation that no parameter explains alone, but several together; None if arms do not
            vary.
        noise: The share that chance between seeds explains; None with a single seed, where it is in *rest*.
        seeds: The number of seeds that the arms have in common.
        arms: The number of arms that count.
        left_out: The arms that do not: without results, or with runs that failed or were cancelled.
    """

    best_so_far: Sequence[BestSoFar]
    effects: Sequence[Effect] = ()
    method: Method | None = None
    rest: float | None = None
    noise: float | None = None
    seeds: int = 0
    arms: int = 0
    left_out: Sequence[str] = ()


def explore(analysis: Analysis, values: Mapping[str, Mapping[str, Any]]) -> Exploration:
    """Return what a sweep shows.

    Args:
        analysis: The result of its arms.
        values: The values of the swept fields by their JSON pointers, of each arm by its name.
    """
    names, best = [each.arm.name for each in analysis.arms], _best_so_far(analysis)
    scores = scores_of(analysis, values)
    if scores is None:
        return Exploration(best_so_far=best, left_out=names)
    is_full, labels = is_grid(scores.values), labels_of(list(scores.values[0]))
    effects = [
        _effect(pointer, label, scores, analysis.question.sign, is_full=is_full) for pointer, label in labels.items()
    ]
    explained = [effect.importance for effect in effects if effect.importance is not None]
    noise = None if scores.noise is None else _share((len(scores.arms) - 1) * scores.noise, scores)
    return Exploration(
        best_so_far=best,
        effects=sorted(effects, key=lambda effect: -(effect.importance or 0.0)),
        method="main_effects" if is_full else "binned_main_effects",
        rest=max(1 - math.fsum(explained) - (noise or 0.0), 0.0) if explained else None,
        noise=noise,
        seeds=scores.table.shape[1],
        arms=len(scores.arms),
        left_out=[name for name in names if name not in scores.arms],
    )


def _effect(pointer: str, label: str, scores: Scores, sign: int, *, is_full: bool) -> Effect:
    groups = grouped([values[pointer] for values in scores.values], bins=not is_full)
    points = [_point(group, scores, sign) for group in groups]
    return Effect(pointer=pointer, label=label, points=points, importance=_importance(groups, scores, is_full=is_full))


def _point(group: Group, scores: Scores, sign: int) -> EffectPoint:
    means = scores.means[group.places]
    summary = summarize(scores.table[group.places].mean(axis=0).tolist())
    return EffectPoint(group=group, summary=summary, best=float(means.max() if sign > 0 else means.min()))


def _importance(groups: Sequence[Group], scores: Scores, *, is_full: bool) -> float | None:
    grand, free = scores.means.mean(), len(groups) - 1
    between = sum(len(group.places) * (scores.means[group.places].mean() - grand) ** 2 for group in groups)
    others = (scores.variation - between) / max(len(scores.arms) - len(groups), 1)
    chance = (scores.noise or 0.0) if is_full else others
    return _share(float(between - free * chance), scores)


def _share(squares: float, scores: Scores) -> float | None:
    """Return a sum of squares as a share of the variation between arms; None if it is only rounding."""
    least = len(scores.arms) * (1e-9 * abs(scores.means).max()) ** 2
    return min(max(squares / scores.variation, 0.0), 1.0) if scores.variation > least else None


def _best_so_far(analysis: Analysis) -> list[BestSoFar]:
    found, best = list[BestSoFar](), None
    for each in analysis.arms:
        best = best_of([*([best] if best else []), each], analysis.question)
        if best and each.summary.mean is not None:
            found.append(_so_far(each, best))
    return found


def _so_far(arm: ArmResult, best: ArmResult) -> BestSoFar:
    return BestSoFar(
        arm=arm.arm.name, mean=arm.summary.mean or 0.0, best_arm=best.arm.name, best=best.summary.mean or 0.0
    )
