"""Shows a training run as a progress bar with loss and accuracy, for a terminal."""

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import naivenet
from service.cli.lines import TrainingRun, epoch_line


def show_bar(run: TrainingRun) -> None:
    """Train, and show a progress bar."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.fields[metrics]}")) as progress:
        task = progress.add_task("epoch 1", total=run.epochs * run.steps_per_epoch, metrics="")
        for event in run.events:
            if isinstance(event, naivenet.EpochEnd):
                progress.console.print(epoch_line(run, event), highlight=False)
            else:
                text = f"epoch {event.epoch}"
                progress.update(task, description=text, completed=event.last_step, metrics=_metrics(run, event))


def _metrics(run: TrainingRun, steps: naivenet.Steps) -> str:
    """Return the last loss, and the accuracy of the epoch so far, as text."""
    seen = ((steps.last_step - 1) % run.steps_per_epoch + 1) * run.batch_size
    return f"loss {steps.losses[-1]:.4f}  accuracy {steps.position.correct / seen:.4f}"
