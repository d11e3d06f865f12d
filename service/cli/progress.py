"""A training run as a bar that moves, with loss and accuracy beside it, for a terminal."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import naivenet
from service.cli.lines import Run, epoch_line


def show_bar(run: Run) -> None:
    """Train, and show how far it has come."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.fields[figures]}")) as progress:
        task = progress.add_task("epoch 1", total=run.epochs * run.steps_per_epoch, figures="")
        for event in run.events:
            if isinstance(event, naivenet.EpochEnd):
                progress.console.print(epoch_line(run, event), highlight=False)
            else:
                named = f"epoch {event.epoch}"
                progress.update(task, description=named, completed=event.last_step, figures=_figures(run, event))


def _figures(run: Run, steps: naivenet.Steps) -> str:
    """The last loss, and the accuracy of the epoch so far."""
    seen = ((steps.last_step - 1) % run.steps_per_epoch + 1) * run.batch_size
    return f"loss {steps.losses[-1]:.4f}  accuracy {steps.position.correct / seen:.4f}"
