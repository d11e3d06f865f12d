"""``naivenet jobs watch``: follows the events of a job until it ends."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import orjson
import typer

from service.cli import output
from service.cli.connection import Service, calls_service
from service.cli.failures import FAILED, INTERRUPTED
from service.cli.jobs.reading import JobId

if TYPE_CHECKING:
    from naivenet_client import Client, Event, StatusEvent

_METRICS = ("train_loss", "train_accuracy", "validation_accuracy", "test_accuracy")


@calls_service
def watch(service: Service, job_id: JobId) -> None:
    """Show a job live until it ends: a line an epoch, and on a terminal a progress bar.

    It continues after broken connections and restarts of the service. Ctrl-C ends watching, not the job. With `--json`,
    each line is one event of the job's log. The exit status is 1 if the job failed.
    """
    with service.connect() as client:
        follow(service, client, job_id)


def follow(service: Service, client: "Client", job_id: str) -> None:
    """Show the events of a job until it ends.

    Raises:
        Exit: The job has failed, or the user pressed Ctrl-C.
    """
    try:
        with contextlib.closing(client.jobs.ref(job_id).events()) as events:
            last = _show(service, client, job_id, events)
    except KeyboardInterrupt:
        typer.echo(f"{job_id} continues in the service. To cancel it: naivenet jobs cancel {job_id}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    if last == "failed":
        raise typer.Exit(FAILED)


def _show(service: Service, client: "Client", job_id: str, events: "Iterable[Event]") -> str:
    """Show events, and return the status of the last one that has a status."""
    from naivenet_client import StatusEvent  # noqa: PLC0415  # importing the client takes 0.1 s: see `Service.connect`

    if service.as_json:
        shown = _as_json(events)
    elif output.is_terminal():
        shown = _with_bar(client, job_id, events)
    else:
        shown = _as_lines(events)
    last = None
    for event in shown:
        last = event if isinstance(event, StatusEvent) else last
    if last is None:
        return ""
    if not service.as_json:
        typer.echo(_status(last))
    return last.status


def _as_json(events: "Iterable[Event]") -> "Iterator[Event]":
    for event in events:
        old = {"number": event.number, "at": event.at}
        now = {"event_number": event.event_number, "type": event.type, "created_at": event.created_at}
        typer.echo(orjson.dumps(now | {"data": event.data} | old, option=orjson.OPT_UTC_Z))
        yield event


def _as_lines(events: "Iterable[Event]") -> "Iterator[Event]":
    for event in events:
        if line := _line(event):
            typer.echo(line, err=event.type != "epoch")
        yield event


def _with_bar(client: "Client", job_id: str, events: "Iterable[Event]") -> "Iterator[Event]":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415  # only a terminal needs it

    from naivenet_client import StatusEvent, StepsEvent  # noqa: PLC0415  # see `_show`

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.fields[loss]}"), transient=True) as bar:
        task = bar.add_task("", total=None, loss="")
        for event in events:
            match event:
                case StatusEvent():
                    bar.update(task, description=event.status)
                case StepsEvent():
                    if bar.tasks[0].total is None:
                        bar.update(task, total=client.jobs.get(job_id).progress.total_steps)
                    bar.update(
                        task, completed=event.last_step, loss=f"loss {output.text(event.losses[-1]) or 'infinite'}"
                    )
            if line := _line(event):
                bar.console.print(line, highlight=False, markup=False, soft_wrap=True)
            yield event


def _line(event: "Event") -> str:
    """Return an event as a line for people; empty if it needs none."""
    data = event.data
    match event.type:
        case "epoch":
            metrics = [f"{name.replace('_', ' ')} {data[name]:.4f}" for name in _METRICS if data.get(name) is not None]
            sets = data.get("sets") or []
            metrics += [f"{each['dataset']} {each['split']} accuracy {each['accuracy']:.4f}" for each in sets]
            return f"epoch {data['epoch']}  {'  '.join(metrics)}"
        case "diagnostic":
            return f"warning: {output.text(data['message'])} {output.text(data.get('hint'))}".rstrip()
        case "change":
            changes = (f"{name.replace('_', ' ')} {value}" for name, value in data.items() if name != "step")
            return f"from step {data['step']} on: {', '.join(changes)}"
    return ""


def _status(event: "StatusEvent") -> str:
    return event.status if event.reason is None else f"{event.status}: {event.reason.message}"
