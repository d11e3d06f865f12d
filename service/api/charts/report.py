"""The report of a job: one HTML file with its charts, numbers and configuration, which opens without a network."""

import asyncio
import json
import re
import shlex
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from pprint import pformat
from typing import TYPE_CHECKING, Any

from service.api.charts import data as chart_data
from service.api.http.languages import diagnostic_of, text_of
from service.charts import Chart, ChartRenderer, ChartRequest, Look
from service.composition import Services
from service.domain.config import JobConfig
from service.domain.history import EpochPoint
from service.domain.job import Job
from service.errors import NotFound
from service.messages import Language, formatted, read_messages

if TYPE_CHECKING:
    from jinja2 import Template

_MISSING = "\N{EN DASH}"
_SHARES = ("train_accuracy", "validation_accuracy", "test_accuracy")
_COLUMNS = ("epoch", "train_loss", "train_accuracy", "validation_accuracy", "test_loss", "test_accuracy", "seconds")


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """What a report shows of a job, read from the stores.

    Attributes:
        epochs: Its metrics.
        charts: The data of each chart, by the message that names it.
        diagnostics: The data of its diagnostics.
        sha256: The digest of its result's weights.
    """

    job: Job
    epochs: Sequence[EpochPoint]
    charts: Mapping[str, tuple[Chart, Mapping[str, Any]]]
    diagnostics: Sequence[Mapping[str, Any]]
    sha256: str | None


def read_report(services: Services, job_id: str) -> ReportData:
    """Return what the report of a job shows.

    Raises:
        NotFound: There is no such job.
    """
    job = services.jobs.get(job_id)
    epochs, charts = services.history.epochs(job_id), dict[str, tuple[Chart, Mapping[str, Any]]]()
    curve = chart_data.curve(services, job_id, max_points=800, smoothing=0.98, scale="linear")
    if curve["points"]:
        charts["loss"] = "curve", curve
    if epochs:
        charts["accuracy"] = "epochs", chart_data.epochs(services, job_id, "accuracy", log=False)
    return ReportData(
        job=job,
        epochs=epochs,
        charts=charts,
        diagnostics=services.events.diagnostics(job_id),
        sha256=_sha256(services, job),
    )


async def draw_report(report: ReportData, renderer: ChartRenderer, *, language: Language, url: str) -> str:
    """Return the report as HTML; *url* is the address of the service, for the requests that repeat the run."""
    charts = [
        (name, b64encode(await renderer.draw(_request(chart, data, language))).decode())
        for name, (chart, data) in report.charts.items()
    ]
    return await asyncio.to_thread(_written, report, charts, language=language, url=url)


def _written(report: ReportData, charts: Sequence[tuple[str, str]], *, language: Language, url: str) -> str:
    job, columns = report.job, [each for each in _COLUMNS if _has(report.epochs, each)]
    config = job.config.model_dump(mode="json")
    body = {name: value for name, value in config.items() if value != _DEFAULTS[name]}
    return _template().render(
        language=language,
        words=read_messages("report", language),
        name=job.config.name or job.id,
        now=_time(datetime.now(UTC)),
        url=url,
        facts=_facts(report, language),
        diagnostics=[diagnostic_of(each, language) for each in report.diagnostics],
        charts=charts,
        columns=columns,
        rows=[[_cell(point, each, language) for each in columns] for point in report.epochs],
        curl=_CURL.format(url=url, body=shlex.quote(json.dumps(body))),
        python=_PYTHON.format(url=url, body=pformat(body, width=96, sort_dicts=False)),
        configuration=json.dumps(config, indent=2, ensure_ascii=False),
    )


def report_name(job: Job) -> str:
    """Return the name of a report's file: ASCII, with the job's name and id."""
    name = re.sub(r"[^a-z0-9]+", "-", (job.config.name or "").lower()).strip("-")[:40]
    return f"{name or 'run'}-{job.id}.html"


_DEFAULTS = JobConfig().model_dump(mode="json")

_CURL = "curl {url}/v1/jobs -H 'Content-Type: application/json' -d {body}"

_PYTHON = """from naivenet_client import Client

body = {body}
with Client("{url}") as client:
    job = client.jobs.create(body).wait()
    print(job.result)
"""


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  # only reports need it

    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("report.html")


def _request(chart: Chart, data: Mapping[str, Any], language: Language) -> ChartRequest:
    look = Look(theme="light", language=language, width=720, height=320, scale=1, live=False)
    return ChartRequest(chart=chart, form="svg", look=look, data=data)


def _facts(report: ReportData, language: Language) -> list[tuple[str, str]]:
    job, config = report.job, report.job.config
    optimizer = asdict(config.optimizer)
    ended = job.finished_at and job.started_at and (job.finished_at - job.started_at).total_seconds()
    facts: dict[str, Any] = {
        "status": text_of(f"status.{job.status}", job.status.value, language),
        "created": _time(job.created_at),
        "duration": ended and f"{formatted(ended, ',.1f', language)} s",
        "layers": " → ".join(["784", *(f"{each.units} {each.activation}" for each in config.network.layers)]),
        "optimizer": ", ".join(f"{name} {value}" if name != "name" else value for name, value in optimizer.items()),
        "batch": str(config.batch_size),
        "seed": str(config.seed),
        "dataset": config.dataset,
        "test_accuracy": job.result and _share(job.result.test_accuracy, language),
        "test_loss": job.result and formatted(job.result.test_loss, ".4f", language),
        "weights": report.sha256,
    }
    return list(facts.items())


def _sha256(services: Services, job: Job) -> str | None:
    """Return the digest of the result's weights; None if there is no result, or its checkpoint was deleted."""
    try:
        return services.checkpoints.get(job.result.checkpoint_id).sha256 if job.result else None
    except NotFound:
        return None


def _has(epochs: Sequence[EpochPoint], column: str) -> bool:
    return any(getattr(each, column) is not None for each in epochs)


def _cell(point: EpochPoint, column: str, language: Language) -> str:
    value = getattr(point, column)
    if column == "epoch" or value is None:
        return _MISSING if value is None else str(value)
    if column in _SHARES:
        return _share(value, language)
    return formatted(value, ".1f" if column == "seconds" else ".4f", language)


def _share(value: float, language: Language) -> str:
    text = formatted(value, ".2%", language)
    return text.replace("%", " %") if language == "es" else text


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
