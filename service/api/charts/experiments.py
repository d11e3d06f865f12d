"""The data of an experiment's charts, from what it shows."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from service.composition import Services
from service.domain.config import Monitor
from service.domain.history import EpochPoint
from service.experiments import Analysis, Interval, Pair, mean_curve

Json = dict[str, Any]

#: More pairs than this would leave no room for the runs.
MOST_PAIRS = 12

#: The height of a chart of dots in pixels: its frame with the differences, a row for each arm, and at most so much.
HEIGHT_OF_FRAME, HEIGHT_OF_ARM, HIGHEST = 200, 56, 1500


def dots_height(arms: int) -> int:
    """Return the height of a chart of dots, in pixels."""
    return min(HEIGHT_OF_FRAME + HEIGHT_OF_ARM * arms, HIGHEST)


def dots(analysis: Analysis) -> Json:
    """Return the data of the dots: each measured run, each arm with its interval, and each compared pair."""
    question = analysis.question
    runs = [
        {"arm": each.arm.name, "place": place, "seed": seed, "value": value}
        for place, each in enumerate(analysis.arms)
        for seed, value in each.arm.results.items()
        if value is not None
    ]
    arms = [
        {
            "name": each.arm.name,
            "diverged": each.arm.count("diverged"),
            "mean": each.summary.mean,
            **ends(each.summary.interval),
        }
        for each in analysis.arms
    ]
    compared = [pair for pair in analysis.pairs if pair.compared.difference is not None]
    pairs = [_pair(pair) for pair in compared] if len(compared) <= MOST_PAIRS else []
    return {"runs": runs, "arms": arms, "pairs": pairs, "metric": question.metric, "share": question.is_accuracy}


def curves(services: Services, experiment_id: str, metric: Monitor | None = None, *, log: bool = False) -> Json:
    """Return the data of the mean curves of an experiment; of its own metric unless another one is named."""
    design, found = services.experiments.get(experiment_id).design, services.experiments.histories(experiment_id)
    histories = {arm.name: found.get(arm.name, ()) for arm in design.arms}
    return mean_curves(histories, metric or design.metric, log=log)


def mean_curves(histories: Mapping[str, Sequence[Sequence[EpochPoint]]], metric: str, *, log: bool = False) -> Json:
    """Return the data of the mean curve of each arm, with a band for the interval of the mean.

    Args:
        histories: The epochs of each run, by the name of its arm.
        metric: The metric to show, such as ``test_accuracy``.
        log: Whether the axis of a loss is logarithmic.
    """
    runs = [{"name": arm, "points": _points(epochs, metric)} for arm, epochs in histories.items()]
    return {"runs": runs, "metric": metric, "share": metric.endswith("accuracy"), "log": log, "band": "interval"}


def _points(histories: Sequence[Sequence[EpochPoint]], metric: str) -> list[Json]:
    found = [{point.epoch: getattr(point, metric) for point in history} for history in histories]
    known = [{epoch: value for epoch, value in run.items() if _is_finite(value)} for run in found]
    return [
        {"epoch": point.epoch, "mean": point.summary.mean, **ends(point.summary.interval)}
        for point in mean_curve(known)
    ]


def _is_finite(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _pair(pair: Pair) -> Json:
    compared = pair.compared
    names = {"arm": compared.arm, "baseline": compared.baseline}
    return {**names, "difference": compared.difference, **ends(compared.interval)}


def ends(interval: Interval | None) -> Json:
    """Return the ends of an interval, for a row of a chart."""
    return {"low": interval.low if interval else None, "high": interval.high if interval else None}
