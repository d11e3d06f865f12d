"""What a notebook shows of a job, its history, and lists. All texts are escaped."""

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naivenet_client.schemas.jobs import JobData

WIDTH, HEIGHT = 240, 40


def sparkline(losses: Sequence[float | None]) -> str:
    """Return a small SVG of a loss curve, without axes; numbers that are not finite leave gaps."""
    finite = [loss for loss in losses if loss is not None and math.isfinite(loss)]
    if len(finite) < 2:  # noqa: PLR2004  # a line has two ends
        return ""
    low, high = min(finite), max(finite)
    scale_x, scale_y = WIDTH / max(1, len(losses) - 1), (HEIGHT - 2) / ((high - low) or 1.0)
    places = [
        None
        if loss is None or not math.isfinite(loss)
        else f"{at * scale_x:.1f} {HEIGHT - 1 - (loss - low) * scale_y:.1f}"
        for at, loss in enumerate(losses)
    ]
    path = " ".join(
        f"{'L' if at and places[at - 1] else 'M'}{place}" for at, place in enumerate(places) if place is not None
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="Loss from {losses_text(losses)}">'
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.2"/></svg>'
    )


def losses_text(losses: Sequence[float | None]) -> str:
    """Return the first and the last loss as text."""
    ends = [losses[0], losses[-1]]
    return " to ".join("not finite" if each is None or not math.isfinite(each) else f"{each:.4g}" for each in ends)


def job(shown: "JobData", losses: Sequence[float | None]) -> str:
    """Return a job as HTML: its status, its progress, its result, and a sparkline of its losses."""
    progress, result = shown.progress, shown.result
    total = f" of {progress.total_steps:,}" if progress.total_steps else ""
    facts = [
        ("status", shown.status),
        ("epoch", f"{progress.epoch} of {shown.epochs}"),
        ("step", f"{progress.step:,}{total}"),
    ]
    if result and result.test_accuracy is not None:
        facts.append(("test accuracy", f"{result.test_accuracy:.2%}"))
    if shown.error:
        facts.append(("error", shown.error.message))
    title = f"<b>{escape(shown.name or 'Job')}</b> <code>{escape(shown.id)}</code>"
    return f"<div>{title}<br>{_facts(facts)}<br>{sparkline(losses)}</div>"


def jobs(shown: "Iterable[JobData]") -> str:
    """Return jobs as a table."""
    heads = ["id", "name", "status", "epoch", "test accuracy", "created"]
    return table(heads, map(_row, shown))


def _row(shown: "JobData") -> list[object]:
    result, progress = shown.result, shown.progress
    accuracy = f"{result.test_accuracy:.2%}" if result and result.test_accuracy is not None else ""
    epoch = f"{progress.epoch} of {shown.epochs}"
    return [shown.id, shown.name or "", shown.status, epoch, accuracy, f"{shown.created_at:%Y-%m-%d %H:%M}"]


def history(losses: Sequence[float], *, total: int, status: str) -> str:
    """Return a history as HTML: its size, its ends, and a sparkline."""
    facts = [("points", f"{len(losses):,} of {total:,}"), ("status", status)]
    if losses:
        facts.append(("loss", losses_text(losses)))
    return f"<div>{_facts(facts)}<br>{sparkline(losses)}</div>"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as HTML."""
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(each))}</td>" for each in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    return " · ".join(f"{escape(name)}: {escape(value)}" for name, value in facts)


def number(value: float | None) -> str:
    """Return a number with four digits; empty for None."""
    return "" if value is None else f"{value:.4g}"


def paragraphs(sentences: Iterable[str]) -> str:
    """Return sentences as HTML, each a paragraph."""
    return "".join(f"<p>{escape(each)}</p>" for each in sentences)
