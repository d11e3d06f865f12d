"""Shows a training run as lines, one an epoch, for pipes and files."""

from collections.abc import Iterable
from dataclasses import dataclass

import typer

import naivenet


@dataclass(frozen=True, kw_only=True)
class TrainingRun:
    """A prepared training run: iterating over its events trains the model."""

    model: naivenet.NaiveSequential
    events: Iterable[naivenet.Steps | naivenet.EpochEnd]
    epochs: int
    batch_size: int
    steps_per_epoch: int


def show_lines(run: TrainingRun) -> None:
    """Train, and print a line for each epoch."""
    for event in run.events:
        if isinstance(event, naivenet.EpochEnd):
            typer.echo(epoch_line(run, event))


def epoch_line(run: TrainingRun, end: naivenet.EpochEnd) -> str:
    """Return the metrics of an epoch as a line."""
    trained = f"loss {end.train_loss:.4f}  accuracy {end.train_accuracy:.4f}"
    tested = f"test loss {end.test_loss:.4f}  test accuracy {end.test_accuracy:.4f}"
    sets = "".join(f"{each.name} accuracy {each.accuracy:.4f}  " for each in end.sets)
    return f"epoch {end.epoch}/{run.epochs}  {trained}  {tested}  {sets}{end.seconds:.2f} s"
