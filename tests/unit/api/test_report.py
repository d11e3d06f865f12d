"""The numbers of a report."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from service.api.reports.job import JobReport, write_job_report
from service.charts import ChartRenderer
from service.domain.config import JobConfig
from service.domain.history import EpochPoint
from service.domain.job import Job, Progress, Result, Status
from service.messages import Language

NOW = datetime(2026, 1, 1, tzinfo=UTC)
METRICS: dict[str, Any] = {
    "train_loss": 0.1,
    "train_accuracy": 1.0,
    "validation_loss": None,
    "validation_accuracy": None,
    "test_loss": 0.0,
    "test_accuracy": 0.99999,
}


class _Noted(list[dict[str, str]]):
    """A list that notes which threads iterate over it."""

    def __init__(self) -> None:
        self.threads = set[threading.Thread]()

    def __iter__(self) -> Iterator[dict[str, str]]:
        self.threads.add(threading.current_thread())
        return super().__iter__()


def report(language: Language, diagnostics: Sequence[dict[str, str]] = ()) -> str:
    """Return the report of a job that read all training images, and all test images but one of 100,000."""
    job = Job(
        id="job_1",
        config=JobConfig(),
        status=Status.SUCCEEDED,
        created_at=NOW,
        started_at=NOW,
        finished_at=NOW,
        queue_position=None,
        progress=Progress(epoch=1, step=1, total_steps=1),
        result=Result(**METRICS, checkpoint_id="ckpt_1", model_version=None),
        error=None,
        parent_id=None,
        attempt=1,
        threads=1,
    )
    epoch = EpochPoint(epoch=1, step=1, seconds=2.0, **METRICS)
    data = JobReport(job=job, epochs=[epoch], figures=[], diagnostics=diagnostics, sha256=None)
    return asyncio.run(write_job_report(data, ChartRenderer(), language=language, url="http://localhost")).page


@pytest.mark.parametrize(("language", "whole", "almost"), [("en", "100.00%", "99.99%"), ("es", "100,00 %", "99,99 %")])
def test_no_rounding_makes_a_share_whole(language: Language, whole: str, almost: str) -> None:
    """In the facts and in the table, as in charts and on the page."""
    page = report(language)
    assert f"<td>{whole}</td>" in page
    assert f"<td>{almost}</td>" in page
    assert f"<dd>{almost}</dd>" in page


def test_a_loss_of_zero_is_shown() -> None:
    """It is a number like others."""
    assert "<dt>Test loss</dt><dd>0.0000</dd>" in report("en")


def test_a_report_is_written_off_the_event_loop() -> None:
    """The template engine's first import takes long, and so does a report of many epochs: other requests go on."""
    noted = _Noted()
    report("en", noted)
    assert noted.threads
    assert threading.current_thread() not in noted.threads
