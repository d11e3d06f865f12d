"""A job's history by step or by epoch, as JSON, CSV or newline-delimited JSON."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from numpy.typing import NDArray
from starlette.responses import StreamingResponse

from service.api.access.gate import GatedRoute
from service.api.access.scopes import requires
from service.api.dependencies import BulkThreadDep, ServicesDep
from service.api.http.negotiation import choose
from service.api.schemas.history import EpochOut, HistoryOut
from service.composition import Services
from service.domain.config import LARGEST_INTEGER
from service.domain.history import LossCurve
from service.domain.key import Scope
from service.domain.nonfinite import nonfinite_name
from service.domain.thinning import MIN_POINTS, thin

router = APIRouter(prefix="/v1/jobs", tags=["history"], route_class=GatedRoute)

JSON, CSV, NDJSON = "application/json", "text/csv", "application/x-ndjson"

Form = Literal["json", "csv", "ndjson"]
FORMS: dict[Form, str] = {"json": JSON, "csv": CSV, "ndjson": NDJSON}

Json = dict[str, Any]

_VARY = {"Vary": "Accept"}  # a cache must not give CSV to a client that wants JSON

#: The largest number of points in a JSON answer, and how many are read and encoded at a time: a million points as
#: objects would take hundreds of megabytes.
MOST_POINTS, PIECE = 50_000, 5_000


@dataclass(frozen=True, kw_only=True)
class _History:
    """What an answer contains.

    Attributes:
        pieces: The points, some at a time; they are read as they are needed.
        facts: The other fields.
    """

    pieces: Iterator[list[Json]]
    facts: Json


async def _media_type(
    request: Request,
    format: Annotated[Form | None, Query(description="The format; it overrides `Accept`.")] = None,  # noqa: A002  # the name that clients expect
) -> str:
    """Return the media type that the path's suffix, the query or else `Accept` asks for."""
    form = "csv" if request.url.path.endswith(".csv") else format
    return FORMS[form] if form else choose(request.headers.get("accept"), list(FORMS.values()))


_TEXT = {"schema": {"type": "string"}}


@router.get(
    "/{job_id}/history.csv",
    operation_id="get_history_csv",
    response_class=Response,
    responses={200: {"content": {CSV: _TEXT}}},
)
@router.get("/{job_id}/history", response_model=HistoryOut, responses={200: {"content": {CSV: _TEXT, NDJSON: _TEXT}}})
@requires(Scope.READ)
def get_history(
    job_id: str,
    services: ServicesDep,
    bulk_thread: BulkThreadDep,
    media_type: Annotated[str, Depends(_media_type)],
    granularity: Annotated[
        Literal["step", "epoch"], Query(description="The loss of each step, or the metrics of each epoch.")
    ] = "step",
    after: Annotated[int, Query(ge=0, le=LARGEST_INTEGER, description="Only points after this step.")] = 0,
    max_points: Annotated[
        int | None,
        Query(ge=MIN_POINTS, description="The largest number of points; the first, last, lowest and highest stay."),
    ] = None,
) -> Response:
    """Return the history. To poll for new points only, set `after` to the previous response's `next_after`.

    JSON has at most 50,000 points: if `has_more` is true, `after=next_after` returns the next ones. CSV and NDJSON have
    all of them. `history.csv` is CSV for programs that send no `Accept`, such as `pandas.read_csv(url)`.
    """
    read = _steps if granularity == "step" else _epochs
    history = read(services, job_id, after, max_points, most=MOST_POINTS if media_type == JSON else None)
    if media_type == JSON:
        return _json(history)
    pieces = bulk_thread.iterate(_STREAMED[media_type](history.pieces))
    return StreamingResponse(pieces, media_type=media_type, headers=_paging(history))


def _steps(services: Services, job_id: str, after: int, max_points: int | None, *, most: int | None) -> _History:
    status = services.jobs.get(job_id).status  # read first: a terminal status then comes with the whole history
    if most is None and max_points is None:
        total = services.history.total_steps(job_id)
        facts = _facts(total, sampled=False, next_after=max(after, total), status=status)
        return _History(pieces=_all_steps(services, job_id, after, total), facts=facts)
    until = after + most if most and max_points is None else None
    curve = services.history.losses(job_id, after=after, until=until)
    indices = _shown(curve.losses, max_points)
    shown = indices[:most] + curve.first_step
    next_after = int(shown[-1]) if len(shown) < len(indices) else curve.last_step
    is_last = len(curve.losses) > 0 and next_after == curve.last_step != until
    total = curve.last_step if is_last else services.history.total_steps(job_id)
    facts = _facts(total, sampled=len(indices) < len(curve.losses), next_after=next_after, status=status)
    return _History(pieces=_step_pieces(curve, shown), facts=facts)


def _all_steps(services: Services, job_id: str, after: int, last: int) -> Iterator[list[Json]]:
    while after < last:
        curve = services.history.losses(job_id, after=after, until=min(after + PIECE, last))
        if not len(curve.losses):  # the job is being deleted
            return
        yield from _step_pieces(curve, np.arange(curve.first_step, curve.last_step + 1))
        after = curve.last_step


def _step_pieces(curve: LossCurve, steps: NDArray[np.intp]) -> Iterator[list[Json]]:
    for piece in _pieces(steps):
        losses = curve.losses[piece - curve.first_step]
        columns = piece.tolist(), curve.epochs_of(piece).tolist(), losses.tolist()
        points: list[Json] = [{"step": s, "epoch": e, "loss": loss} for s, e, loss in zip(*columns, strict=True)]
        for index in np.flatnonzero(~np.isfinite(losses)):
            points[index] |= {"loss": None, "nonfinite": nonfinite_name(points[index]["loss"])}
        yield points


def _epochs(services: Services, job_id: str, after: int, max_points: int | None, *, most: int | None) -> _History:
    status = services.jobs.get(job_id).status
    epochs = services.history.epochs(job_id, after=after)
    curve = np.array([epoch.train_loss for epoch in epochs], np.float32)
    indices = _shown(curve, max_points)
    shown = indices[:most]
    is_cut = len(shown) < len(indices)
    next_after = epochs[shown[-1] if is_cut else -1].step if epochs else after
    total, sampled = services.history.total_epochs(job_id), len(indices) < len(curve)
    facts = _facts(total, sampled=sampled, next_after=next_after, status=status) | {"has_more": is_cut}
    pieces = ([EpochOut.of(epochs[i]).model_dump(exclude_unset=True) for i in piece] for piece in _pieces(shown))
    return _History(pieces=pieces, facts=facts)


def _facts(total: int, *, sampled: bool, next_after: int, status: str) -> Json:
    return {
        "total_points": total,
        "sampled": sampled,
        "has_more": next_after < total,
        "next_after": next_after,
        "status": status,
    }


def _pieces(values: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    return (values[start : start + PIECE] for start in range(0, len(values), PIECE))


def _shown(curve: NDArray[np.float32], max_points: int | None) -> NDArray[np.intp]:
    return thin(curve, max_points) if max_points else np.arange(len(curve))


def _json(history: _History) -> Response:
    points = b",".join(orjson.dumps(piece)[1:-1] for piece in history.pieces)
    return Response(b'{"data":[%b],%b' % (points, orjson.dumps(history.facts)[1:]), media_type=JSON, headers=_VARY)


def _csv(pieces: Iterable[list[Json]]) -> Iterator[str]:
    names: list[str] = []
    for piece in pieces:
        text = io.StringIO()
        writer = csv.writer(text)
        rows = list(map(_with_columns, piece))
        if not names:
            names = [name for name in rows[0] if name != "nonfinite"]
            writer.writerow(names)
        points = (point | {"loss": point["nonfinite"]} if "nonfinite" in point else point for point in rows)
        writer.writerows([point.get(name) for name in names] for point in points)
        yield text.getvalue()
    if not names:
        yield "step,epoch,loss\r\n"


def _with_columns(point: Json) -> Json:
    """Return a point with the metrics on each dataset of a mix as columns of their own, such as ``mine_test_loss``."""
    if "sets" not in point:
        return point
    of_sets = {
        f"{each['dataset']}_{each['split']}_{name}": each[name]
        for each in point["sets"]
        for name in ("loss", "accuracy")
    }
    return {name: value for name, value in point.items() if name != "sets"} | of_sets


def _ndjson(pieces: Iterable[list[Json]]) -> Iterator[bytes]:
    for piece in pieces:
        if piece[0].get("sets"):
            yield b"".join(orjson.dumps(point, option=orjson.OPT_APPEND_NEWLINE) for point in piece)
        else:  # the points are flat objects of numbers: one call encodes them all
            yield orjson.dumps(piece)[1:-1].replace(b"},{", b"}\n{") + b"\n"


def _paging(history: _History) -> dict[str, str]:
    """Return the other fields as headers, for the formats that contain nothing but data."""
    return _VARY | {f"X-{name.replace('_', '-').title()}": str(value).lower() for name, value in history.facts.items()}


_STREAMED: dict[str, Callable[[Iterable[list[Json]]], Iterator[str | bytes]]] = {CSV: _csv, NDJSON: _ndjson}
