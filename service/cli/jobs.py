"""``naivenet jobs``: start, list, watch, cancel and delete jobs of a service."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from service.cli.connection import ApiKey, Url, connect
from service.errors import InvalidInput
from service.settings import DEFAULT_URL

app = typer.Typer(help="Start, list, watch, cancel and delete jobs of a service.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="The job's id, such as job_01m84c1jy4e3jte4zp011kt9e9.")]


@app.command()
def start(
    config: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            allow_dash=True,
            help="The configuration: a JSON file, or - for standard input.",
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="The configuration to start from: `notebook` or `accurate`.")
    ] = None,
    watch_it: Annotated[bool, typer.Option("--watch", help="Wait until the job ends, and show its epochs.")] = False,  # noqa: FBT002  # a flag
    url: Url = DEFAULT_URL,
    key: ApiKey = None,
) -> None:
    """Start a job. Without a configuration it trains as the notebook does."""
    body = _read(config) | ({"preset": preset} if preset else {})
    with connect(url, key) as client:
        job = client.create_job(body)
    typer.echo(job["id"])
    if watch_it:
        watch(job["id"], url, key)


@app.command("list")
def list_jobs(
    status: Annotated[str | None, typer.Option(help="Only jobs with this status: `queued`, `running`, ...")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="The largest number of jobs to list.")] = 20,
    url: Url = DEFAULT_URL,
    key: ApiKey = None,
) -> None:
    """List the newest jobs."""
    with connect(url, key) as client:
        jobs = client.jobs(limit=limit, **({"status": status} if status else {}))
    if not sys.stdout.isatty():
        for job in jobs:
            typer.echo("\t".join(_row(job)))
        return
    table = Table("id", "name", "status", "step", "test accuracy", box=None)
    for job in jobs:
        table.add_row(*_row(job))
    Console().print(table)


@app.command()
def show(job_id: JobId, url: Url = DEFAULT_URL, key: ApiKey = None) -> None:
    """Show a job as JSON."""
    with connect(url, key) as client:
        typer.echo(orjson.dumps(client.job(job_id), option=orjson.OPT_INDENT_2).decode())


@app.command()
def watch(job_id: JobId, url: Url = DEFAULT_URL, key: ApiKey = None) -> None:
    """Show each epoch of a job when it ends, until the job ends."""
    with connect(url, key) as client:
        for epoch in client.watch(job_id):
            typer.echo(_epoch(epoch))
        job = client.job(job_id)
    typer.echo(job["status"] if job["error"] is None else f"{job['status']}: {job['error']['message']}")
    if job["status"] == "failed":
        raise typer.Exit(1)


@app.command()
def cancel(job_id: JobId, url: Url = DEFAULT_URL, key: ApiKey = None) -> None:
    """Cancel a job."""
    with connect(url, key) as client:
        typer.echo(client.cancel(job_id)["status"])


@app.command()
def delete(job_id: JobId, url: Url = DEFAULT_URL, key: ApiKey = None) -> None:
    """Delete a finished job, its history, and its checkpoints that no model version uses."""
    with connect(url, key) as client:
        client.delete(job_id)


def _read(config: Path | None) -> dict[str, Any]:
    if config is None:
        return {}
    text = sys.stdin.buffer.read() if str(config) == "-" else config.read_bytes()
    try:
        body = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{config} is not valid JSON: {error}.") from error
    if not isinstance(body, dict):
        raise InvalidInput(f"{config} must contain a JSON object, such as {{}}.")
    return body


def _row(job: dict[str, Any]) -> tuple[str, ...]:
    progress, result = job["progress"], job["result"] or {}
    accuracy = result.get("test_accuracy")
    steps = f"{progress['step']}/{progress['total_steps'] or '?'}"
    return job["id"], job["name"] or "", job["status"], steps, "" if accuracy is None else f"{accuracy:.4f}"


def _epoch(epoch: dict[str, Any]) -> str:
    names = ("train_loss", "train_accuracy", "validation_accuracy", "test_accuracy")
    metrics = (f"{name.replace('_', ' ')} {epoch[name]:.4f}" for name in names if epoch.get(name) is not None)
    return f"epoch {epoch['epoch']}  {'  '.join(metrics)}"
