"""The data of a sweep's charts, from what the sweep shows."""

from collections.abc import Mapping
from typing import Any

from service.api.charts.experiments import ends
from service.experiments import Analysis
from service.experiments.sweeps import (
    Effect,
    EffectPoint,
    axis_of,
    explore,
    is_logarithmic,
    is_number,
    labels_of,
    text_of,
)

Json = dict[str, Any]

#: The values of the swept fields by their JSON pointers, of each arm by its name.
Values = Mapping[str, Mapping[str, Any]]


def best_so_far(analysis: Analysis, values: Values) -> Json:
    """Return the data of the best so far."""
    points = [{"place": place, **vars(each)} for place, each in enumerate(explore(analysis, values).best_so_far, 1)]
    return {"points": points, **_measure(analysis)}


def effects(analysis: Analysis, values: Values) -> Json:
    """Return the data of the curves of the parameters, the most important one first."""
    means = _means(analysis)
    found = [_effect(effect, means, values) for effect in explore(analysis, values).effects]
    return {"effects": found, **_measure(analysis)}


def parallel(analysis: Analysis, values: Values) -> Json:
    """Return the data of the parallel coordinates: of all arms with a mean."""
    means = _means(analysis)
    labels = labels_of(list(next(iter(values.values()), {})))
    axes = [(label, axis_of([values[arm][pointer] for arm in means])) for pointer, label in labels.items()]
    score = axis_of(list(means.values()))
    good = [place if analysis.question.sign > 0 else 1 - place for place in score.places]
    points = [
        {"arm": arm, "axis": number, "place": axis.places[row], "mean": mean, "good": good[row]}
        for row, (arm, mean) in enumerate(means.items())
        for number, (_, axis) in enumerate([*axes, (None, score)])
    ]
    shown = [
        {"name": name, "ticks": [{"place": place, "value": value} for place, value in axis.ticks]}
        for name, axis in [*axes, (None, score)]
    ]
    return {"axes": shown, "points": points, **_measure(analysis)}


def _effect(effect: Effect, means: Mapping[str, float], values: Values) -> Json:
    found = [point.group.value for point in effect.points]
    numeric = all(is_number(value) for value in found)
    arms = [{"arm": arm, "value": values[arm][effect.pointer], "mean": mean} for arm, mean in means.items()]
    return {
        "label": effect.label,
        "importance": effect.importance,
        "numeric": numeric,
        "log": numeric and is_logarithmic([row["value"] for row in arms]),
        "points": [_point(point, numeric=numeric) for point in effect.points],
        "arms": arms if numeric else [{**row, "value": text_of(row["value"])} for row in arms],
    }


def _point(point: EffectPoint, *, numeric: bool) -> Json:
    value = point.group.value
    return {"value": value if numeric else text_of(value), "mean": point.summary.mean, **ends(point.summary.interval)}


def _means(analysis: Analysis) -> dict[str, float]:
    return {each.arm.name: each.summary.mean for each in analysis.arms if each.summary.mean is not None}


def _measure(analysis: Analysis) -> Json:
    return {"metric": analysis.question.metric, "share": analysis.question.is_accuracy}
