"""A job's history by step or by epoch, as JSON, CSV or newline-delimited JSON."""

import csv
import io
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from fastapi import APIRouter, Query, Request, Response
from numpy.typing import NDArray

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import ServicesDep
from service.api.http.negotiation import choose
from service.api.schemas.history import EpochOut, HistoryOut
from service.composition import Services
from service.domain.config import LARGEST_INTEGER
from service.domain.key import Scope
from service.domain.nonfinite import nonfinite_name
from service.domain.thinning import MIN_POINTS, thin

router = APIRouter(prefix="/v1/jobs", tags=["history"], route_class=GatedRoute)

JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"

Json = dict[str, Any]


@router.get(
    "/{job_id}/history",
    response_model=HistoryOut,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}, NDJSON: {"schema": {"type": "string"}}}}},
)
@requires(Scope.READ)
def get_history(
    job_id: str,
    request: Request,
    services: ServicesDep,
    granularity: Annotated[
        Literal["step", "epoch"], Query(description="The loss of each step, or the metrics of each epoch.")
    ] = "step",
    after: Annotated[int, Query(ge=0, le=LARGEST_INTEGER, description="Only points after this step.")] = 0,
    max_points: Annotated[
        int | None,
        Query(ge=MIN_POINTS, description="The largest number of points; the first, last, lowest and highest stay."),
    ] = None,
) -> Response:
    """Return the history. To poll for new points only, set `after` to the previous response's `next_after`."""
    media_type = choose(request.headers.get("accept"), [JSON, CSV, NDJSON])
    read = _steps if granularity == "step" else _epochs
    return _FORMATS[media_type](read(services, job_id, after, max_points))


def _steps(services: Services, job_id: str, after: int, max_points: int | None) -> Json:
    status = services.jobs.get(job_id).status  # read first: a terminal status then comes with the whole history
    curve = services.history.losses(job_id, after=after)
    shown = _shown(curve.losses, max_points)
    steps = shown + curve.first_step
    columns = steps.tolist(), curve.epochs_of(steps).tolist(), curve.losses[shown].tolist()
    return {
        "data": [_step_point(*point) for point in zip(*columns, strict=True)],
        "total_points": curve.last_step if len(shown) else services.history.total_steps(job_id),
        "sampled": len(shown) < len(curve.losses),
        "next_after": curve.last_step,
        "status": status,
    }


def _epochs(services: Services, job_id: str, after: int, max_points: int | None) -> Json:
    status = services.jobs.get(job_id).status
    epochs = services.history.epochs(job_id, after=after)
    curve = np.array([epoch.train_loss for epoch in epochs], np.float32)
    shown = _shown(curve, max_points)
    return {
        "data": [EpochOut.of(epochs[i]).model_dump(exclude_unset=True) for i in shown],
        "total_points": services.history.total_epochs(job_id),
        "sampled": len(shown) < len(curve),
        "next_after": epochs[-1].step if epochs else after,
        "status": status,
    }


def _shown(curve: NDArray[np.float32], max_points: int | None) -> NDArray[np.intp]:
    return thin(curve, max_points) if max_points else np.arange(len(curve))


def _step_point(step: int, epoch: int, loss: float) -> Json:
    point = {"step": step, "epoch": epoch, "loss": loss}
    return point | {"loss": None, "nonfinite": kind} if (kind := nonfinite_name(loss)) else point


def _json(history: Json) -> Response:
    return Response(orjson.dumps(history), media_type=JSON)


def _csv(history: Json) -> Response:
    text = io.StringIO()
    names = list(history["data"][0]) if history["data"] else ["step", "epoch", "loss"]
    writer = csv.DictWriter(text, [name for name in names if name != "nonfinite"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows({**point, "loss": point.get("nonfinite", point["loss"])} for point in history["data"])
    return Response(text.getvalue(), media_type=CSV, headers=_paging(history))


def _ndjson(history: Json) -> Response:
    lines = b"".join(orjson.dumps(point, option=orjson.OPT_APPEND_NEWLINE) for point in history["data"])
    return Response(lines, media_type=NDJSON, headers=_paging(history))


def _paging(history: Json) -> dict[str, str]:
    """Return the fields beside ``data`` as headers, for the formats that contain nothing but data."""
    names = ("total_points", "sampled", "next_after", "status")
    return {f"X-{name.replace('_', '-').title()}": str(history[name]).lower() for name in names}


_FORMATS: dict[str, Callable[[Json], Response]] = {JSON: _json, CSV: _csv, NDJSON: _ndjson}
