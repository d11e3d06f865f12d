"""The report of a job: results, charts, epochs, diagnostics, and how to train it again."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from service.api.charts import data as chart_data
from service.api.http.languages import diagnostic_of, page_words
from service.api.reports import page
from service.api.reports.page import MISSING, Figure, Image, ReportFile, Table, share_text, time_text
from service.charts import ChartRenderer
from service.composition import Services
from service.domain.config import request_body
from service.domain.history import EpochPoint
from service.domain.job import TERMINAL, Job
from service.errors import NotFound
from service.messages import Language, formatted, read_messages

_SHARES = ("train_accuracy", "validation_accuracy", "test_accuracy")
_COLUMNS = ("epoch", "train_loss", "train_accuracy", "validation_accuracy", "test_loss", "test_accuracy", "seconds")


@dataclass(frozen=True, kw_only=True)
class JobReport:
    """What a report shows of a job, read from the stores.

    Attributes:
        epochs: Its metrics.
        diagnostics: The data of its diagnostics.
        sha256: The digest of its result's weights.
    """

    job: Job
    epochs: Sequence[EpochPoint]
    figures: Sequence[Figure]
    diagnostics: Sequence[Mapping[str, Any]]
    sha256: str | None


def read_job_report(services: Services, job_id: str) -> JobReport:
    """Return what the report of a job shows.

    Raises:
        NotFound: There is no such job.
    """
    job = services.jobs.get(job_id)
    epochs, figures = services.history.epochs(job_id), list[Figure]()
    curve = chart_data.curve(services, job_id, max_points=800, smoothing=0.98, scale="linear")
    if curve["points"]:
        figures.append(Figure(title="loss", chart="curve", data=curve))
    if epochs:
        data = chart_data.epochs(services, job_id, "accuracy", log=False)
        figures.append(Figure(title="accuracy", chart="epochs", data=data))
    return JobReport(
        job=job,
        epochs=epochs,
        figures=figures,
        diagnostics=services.events.diagnostics(job_id),
        sha256=_sha256(services, job),
    )


async def write_job_report(report: JobReport, renderer: ChartRenderer, *, language: Language, url: str) -> ReportFile:
    """Return the report as HTML; *url* is the address of the service, for the requests that repeat the run."""
    images = await page.draw(report.figures, renderer, language)
    return await asyncio.to_thread(_written, report, images, language=language, url=url)


def _written(report: JobReport, images: Sequence[Image], *, language: Language, url: str) -> ReportFile:
    job, words = report.job, read_messages("report", language)
    body = request_body(job.config)
    text = page.write(
        "job",
        language=language,
        name=job.config.name or job.id,
        url=url,
        unfinished=None if job.status in TERMINAL else words["unfinished_job"],
        facts=_facts(report, language),
        diagnostics=[diagnostic_of(each, language) for each in report.diagnostics],
        images=images,
        epochs=_epochs(report.epochs, language),
        curl=page.curl(url, "jobs", body),
        python=page.python(url, "jobs", body),
        configuration=json.dumps(job.config.model_dump(mode="json"), indent=2, ensure_ascii=False),
    )
    return ReportFile(name=page.file_name(job.config.name, "run", job.id), page=text)


def _facts(report: JobReport, language: Language) -> dict[str, Any]:
    job, config = report.job, report.job.config
    optimizer = asdict(config.optimizer)
    return {
        "status": page_words(language)[f"status.{job.status}"],
        "created": time_text(job.created_at),
        "duration": page.duration_text(job.started_at, job.finished_at, language),
        "layers": " → ".join(["784", *(f"{each.units} {each.activation}" for each in config.network.layers)]),
        "optimizer": ", ".join(f"{name} {value}" if name != "name" else value for name, value in optimizer.items()),
        "batch": str(config.batch_size),
        "seed": str(config.seed),
        "dataset": config.dataset,
        "test_accuracy": job.result and share_text(job.result.test_accuracy, language),
        "test_loss": job.result and formatted(job.result.test_loss, ".4f", language),
        "weights": report.sha256,
    }


def _sha256(services: Services, job: Job) -> str | None:
    """Return the digest of the result's weights; None if there is no result, or its checkpoint was deleted."""
    try:
        return services.checkpoints.get(job.result.checkpoint_id).sha256 if job.result else None
    except NotFound:
        return None


def _epochs(epochs: Sequence[EpochPoint], language: Language) -> Table:
    words = read_messages("report", language)
    columns = [name for name in _COLUMNS if any(getattr(each, name) is not None for each in epochs)]
    rows = [[_cell(point, each, language) for each in columns] for point in epochs]
    return Table(columns=[words[each] for each in columns], rows=rows)


def _cell(point: EpochPoint, column: str, language: Language) -> str:
    value = getattr(point, column)
    if column == "epoch" or value is None:
        return MISSING if value is None else str(value)
    if column in _SHARES:
        return share_text(value, language)
    return formatted(value, ".1f" if column == "seconds" else ".4f", language)
