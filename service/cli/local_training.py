"""Prepares a training in this process."""

from typing import Any

import typer

from service.cli.lines import TrainingRun
from service.composition import config_limits
from service.domain.config import resolve
from service.domain.notes import notes_of
from service.jobs.configurations import with_seed
from service.jobs.datasets import load
from service.jobs.runs import build_model, build_training, load_samples
from service.operations.quiet import quiet_stderr
from service.settings import load_settings


def prepare(body: dict[str, Any]) -> TrainingRun:
    """Return the training that a job with this body would be, and print its seed and what to know beforehand.

    Raises:
        InvalidInput: The body or its dataset is not valid.
    """
    settings = load_settings()
    config = with_seed(resolve(body, config_limits(settings)))
    typer.echo(f"seed {config.seed}", err=True)
    for note in notes_of(config):
        typer.echo(note.message, err=True)
    samples = load_samples(config, lambda name, _: load(settings.resolved_datasets_dir, name))
    with quiet_stderr():  # TensorFlow is imported here, and writes to stderr
        model = build_model(config)
    return TrainingRun(
        model=model,
        events=build_training(model, samples, config),
        epochs=config.epochs,
        batch_size=config.batch_size,
        steps_per_epoch=samples.steps_per_epoch(config.batch_size),
    )
