"""Reads the data of charts from the stores."""

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from PIL import Image

from naivenet.datasets import SIDE
from naivenet.plots import smoothed
from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.curve_places import Place, places
from service.domain.history import EpochPoint, LossCurve
from service.domain.job import Job
from service.domain.listing import Listing
from service.domain.thinning import thin
from service.jobs.comparison import JobGroup, grouped, labels_of

Json = dict[str, Any]
Floats = NDArray[np.float32]

BINS = 41  # of a histogram: odd, so that one bin is in the middle
COLUMNS = 20  # the largest number of epochs in a weight history

#: The colours of positive, negative and zero weights in a unit's image: orange, blue and near black.
POSITIVE, NEGATIVE, ZERO = np.array([[251, 146, 60], [96, 165, 250], [21, 22, 31]], np.float32)


def losses(services: Services, job_id: str, *, max_points: int, smoothing: float) -> list[Json]:
    """Return each step's loss and its moving average; averaged over all steps, then thinned to *max_points*."""
    curve = services.history.losses(job_id)
    shown = thin(curve.losses, max_points)
    smooth = smoothed(curve.losses, smoothing).astype(np.float32)
    steps = shown + curve.first_step
    columns = (steps, curve.epochs_of(steps), curve.losses[shown], smooth[shown])
    names = ("step", "epoch", "loss", "smooth")
    return [dict(zip(names, row, strict=True)) for row in zip(*(column.tolist() for column in columns), strict=True)]


def curve(services: Services, job_id: str, *, max_points: int, smoothing: float, scale: str) -> Json:
    """Return the data of a job's loss curve."""
    ends = services.history.epochs(job_id)
    return {
        "points": losses(services, job_id, max_points=max_points, smoothing=smoothing),
        "marks": [epoch.step for epoch in ends],
        "tests": [{"step": epoch.step, "epoch": epoch.epoch, "test_loss": epoch.test_loss} for epoch in ends],
        "log": scale == "log",
        "whole": scale == "whole",
    }


def epochs(services: Services, job_id: str, kind: str, *, log: bool) -> Json:
    """Return the data of a job's accuracy or mean loss by epoch, as *kind* says."""
    points = services.history.epochs(job_id)
    names = [f"{part}_{kind}" for part in ("train", "validation", "test")]
    metrics = [name for name in names if any(getattr(point, name) is not None for point in points)]
    rows = [{"epoch": point.epoch} | {name: getattr(point, name) for name in metrics} for point in points]
    return {"points": rows, "metrics": metrics, "title": kind, "share": kind == "accuracy", "log": log}


@dataclass(frozen=True, kw_only=True)
class ComparedCurves:
    """What a chart of several jobs shows.

    Attributes:
        metric: ``loss`` of each step, or a metric of each epoch.
        max_points: The largest number of steps of a loss.
        smoothing: The largest weight of earlier losses in the moving average.
        place: What the x axis counts; None for its natural place.
        log: Whether the axis of a loss is logarithmic.
    """

    metric: str
    max_points: int
    smoothing: float
    place: Place | None
    log: bool = False

    @property
    def natural_place(self) -> Place:
        """What the x axis counts unless a request says otherwise."""
        return "step" if self.metric == "loss" else "epoch"

    @property
    def needs_epochs(self) -> bool:
        """Whether the chart shows values of epochs, or places its points by them."""
        return self.metric != "loss" or self.place in {"epoch", "seconds"}


def compared(services: Services, jobs: Sequence[Job], shown: ComparedCurves) -> Json:
    """Return the data of one metric of several jobs."""
    metric = shown.metric

    def points(job: Job) -> list[Json]:
        epochs = services.history.epochs(job.id) if shown.needs_epochs else []
        if metric == "loss":
            rows = losses(services, job.id, max_points=shown.max_points, smoothing=shown.smoothing)
        else:
            rows = [{"step": epoch.step, "epoch": epoch.epoch, metric: getattr(epoch, metric)} for epoch in epochs]
        return _placed(rows, job, epochs, shown.place)

    labels = labels_of(jobs)
    runs = [{"name": name, "jobs": [job.id], "points": points(job)} for name, job in zip(labels, jobs, strict=True)]
    return _curves(runs, shown)


def bands(services: Services, jobs: Sequence[Job], shown: ComparedCurves) -> Json:
    """Return the data of one metric of jobs; jobs that differ in the seed only are one group.

    The seconds of a group are those of its job with the most epochs.
    """

    def points(group: JobGroup) -> list[Json]:
        epochs = [services.history.epochs(job.id) if shown.needs_epochs else [] for job in group.jobs]
        if shown.metric == "loss":
            curves = [services.history.losses(job.id) for job in group.jobs]
            rows = _loss_bands(curves, shown.max_points, shown.smoothing)
        else:
            rows = _epoch_bands(epochs, shown.metric)
        longest = max(range(len(epochs)), key=lambda index: len(epochs[index]))
        return _placed(rows, group.jobs[longest], epochs[longest], shown.place)

    groups = grouped(jobs)
    runs = [{"name": each.label, "jobs": [job.id for job in each.jobs], "points": points(each)} for each in groups]
    return _curves(runs, shown)


def _curves(runs: list[Json], shown: ComparedCurves) -> Json:
    share = shown.metric.endswith("accuracy")
    return {"runs": runs, "metric": shown.metric, "share": share, "log": shown.log, "place": shown.place}


def _placed(rows: list[Json], job: Job, epochs: Sequence[EpochPoint], place: Place | None) -> list[Json]:
    """Return the rows with their places as ``x``, without those whose place is not known."""
    if place is None:
        return rows
    found = places(job, epochs, np.array([row["step"] for row in rows], np.intp), place)
    return [row | {"x": x} for row, x in zip(rows, found.tolist(), strict=True) if math.isfinite(x)]


def _loss_bands(curves: Sequence[LossCurve], max_points: int, smoothing: float) -> list[Json]:
    """Return the mean, lowest and highest smoothed loss of a group, at evenly spaced steps that all runs reached."""
    curves = [curve for curve in curves if len(curve.losses)]
    steps = min((len(curve.losses) for curve in curves), default=0)
    shown = np.unique(np.linspace(0, steps - 1, min(steps, max_points)).astype(int))
    rows = np.array([smoothed(curve.losses[:steps], smoothing)[shown] for curve in curves])
    return [{"step": int(step) + curves[0].first_step, **_band(rows[:, at])} for at, step in enumerate(shown)]


def _epoch_bands(runs: Sequence[Sequence[EpochPoint]], metric: str) -> list[Json]:
    """Return the mean, lowest and highest value of a group in each epoch."""
    values: dict[int, list[float]] = {}
    steps: dict[int, int] = {}
    for point in (point for run in runs for point in run):
        if (value := getattr(point, metric)) is not None:
            values.setdefault(point.epoch, []).append(value)
            steps[point.epoch] = point.step
    return [{"step": steps[epoch], "epoch": epoch, **_band(np.array(values[epoch]))} for epoch in sorted(values)]


def _band(values: NDArray[Any]) -> dict[str, float]:
    return {"mean": float(values.mean()), "low": float(values.min()), "high": float(values.max())}


def confusion(evaluation: bytes) -> Json:
    """Return the data of the confusion matrix, from an evaluation."""
    metrics: Json = orjson.loads(evaluation)
    return {name: metrics[name] for name in ("confusion", "accuracy", "samples")}


def histograms(services: Services, checkpoint_id: str) -> Json:
    """Return a histogram of each layer's weights in a checkpoint."""
    layers = _weights(services, services.checkpoints.get(checkpoint_id))
    return {"layers": [_histogram(W, _extent([W])) for W in layers]}


def weight_history(services: Services, job_id: str) -> Json:
    """Return histograms of each layer's weights over the epochs of a job that have a checkpoint."""
    network = services.jobs.get(job_id).config.network
    checkpoints = _of_epochs(services.checkpoints.page(Listing(limit=100), job_id=job_id)[0])
    ends = [[_extent([W]) for W in _weights(services, each)] for each in checkpoints]  # one is in memory at a time
    extents = [_extent(np.array(layer)) for layer in zip(*ends, strict=True)] or [_extent([]) for _ in network.layers]
    columns: list[list[Json]] = [[] for _ in extents]
    since = 0
    for each in checkpoints:
        for layer, W in enumerate(_weights(services, each)):
            shares = _histogram(W, extents[layer])["shares"]
            columns[layer].append({"since": since, "epoch": each.epoch, "shares": shares})
        since = each.epoch or 0
    edges = [np.linspace(*extent, BINS + 1) for extent in extents]
    return {"layers": [{"edges": edge, "columns": column} for edge, column in zip(edges, columns, strict=True)]}


def units(services: Services, checkpoint_id: str, *, first: int, count: int) -> Json:
    """Return the weights into units of the first layer, as images."""
    layer = services.weights.load(services.checkpoints.get(checkpoint_id)).layers[0]
    W, b = np.asarray(layer.W, np.float32), np.asarray(layer.b)
    chosen = range(first - 1, min(first - 1 + count, W.shape[1]))
    return {"units": [{"unit": unit + 1, "bias": float(b[unit]), "png": _picture(W[:, unit])} for unit in chosen]}


def _weights(services: Services, checkpoint: Checkpoint) -> list[Floats]:
    """Return the finite weights of each layer's matrix."""
    flat = (np.asarray(layer.W, np.float32).ravel() for layer in services.weights.load(checkpoint).layers)
    return [W[np.isfinite(W)] for W in flat]


def _of_epochs(newest_first: Sequence[Checkpoint]) -> list[Checkpoint]:
    """Return the last checkpoint of each epoch, oldest first; of many epochs only some, first and last included."""
    by_epoch = {each.epoch: each for each in reversed(newest_first) if each.epoch}
    newest = [by_epoch[epoch] for epoch in sorted(by_epoch)]
    chosen = np.unique(np.linspace(0, len(newest) - 1, min(COLUMNS, len(newest))).round().astype(int))
    return [newest[place] for place in chosen]


def _extent(values: Sequence[Floats] | NDArray[Any]) -> tuple[float, float]:
    flat = np.concatenate([np.ravel(each) for each in values]) if len(values) else np.empty(0)
    low, high = (float(flat.min()), float(flat.max())) if flat.size else (0.0, 0.0)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _histogram(W: Floats, extent: tuple[float, float]) -> Json:
    counts, edges = np.histogram(W, BINS, extent)
    return {"edges": edges, "shares": counts / max(len(W), 1)}


def _picture(weights: Floats) -> str:
    """Return the weights from each pixel as an image: the data URL of a PNG.

    Shapes:
        weights: (784,).
    """
    sizes = np.abs(np.nan_to_num(weights, posinf=0, neginf=0))[:, None]
    share = sizes / (sizes.max() or 1)
    colours = ZERO + share * (np.where(weights[:, None] > 0, POSITIVE, NEGATIVE) - ZERO)
    stream = io.BytesIO()
    Image.fromarray(colours.reshape(SIDE, SIDE, 3).astype(np.uint8)).resize(
        (2 * SIDE, 2 * SIDE), Image.Resampling.NEAREST
    ).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
