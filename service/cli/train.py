"""``naivenet train``: a training run here and now, with no service: a progress bar in a terminal, lines in a pipe."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import naivenet
from service.cli.lines import Run, show_lines
from service.composition import config_limits
from service.domain.config import JobConfig, resolve
from service.jobs.configurations import with_seed
from service.jobs.runs import build_model, build_training, load_samples
from service.operations.quiet import quiet_stderr
from service.settings import load_settings


def train(  # noqa: PLR0913, PLR0917  # typer makes each an option
    preset: Annotated[str, typer.Option(help="Where to start from: `notebook` or `accurate`.")] = "notebook",
    dataset: Annotated[str | None, typer.Option(help="`mnist`, or a file in the datasets folder by name.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training set.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images a step.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="`naive`, `sgd`, `adam`, ...")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The size of a step.")] = None,
    seed: Annotated[int | None, typer.Option(help="Makes the run repeatable; drawn and shown where not given.")] = None,
    shuffle: Annotated[bool | None, typer.Option(help="Whether each epoch has an order of its own.")] = None,
    save: Annotated[Path | None, typer.Option(help="Where the weights go (safetensors).")] = None,
) -> None:
    """Train a network and tell how well it reads the 10,000 test images."""
    chosen = {"dataset": dataset, "epochs": epochs, "batch_size": batch_size, "seed": seed, "shuffle": shuffle}
    rule = {"name": optimizer, "learning_rate": learning_rate}
    body: dict[str, Any] = {"preset": preset} | _given(chosen)
    if save and not save.absolute().parent.is_dir():
        raise typer.BadParameter(f"there is no folder {save.absolute().parent}", param_hint="--save")
    body |= {"optimizer": _given(rule)} if _given(rule) else {}
    config = with_seed(resolve(body, config_limits(load_settings())))
    typer.echo(f"seed {config.seed}", err=True)
    run = _prepared(config)
    _show(run)
    if save:
        save.write_bytes(naivenet.to_safetensors(run.model))
        typer.echo(f"weights saved to {save}", err=True)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _prepared(config: JobConfig) -> Run:
    samples = load_samples(config, load_settings().resolved_datasets_dir)
    with quiet_stderr():  # TensorFlow is imported here, and writes to stderr
        model = build_model(config)
    return Run(
        model=model,
        events=build_training(model, samples, config),
        epochs=config.epochs,
        batch_size=config.batch_size,
        steps_per_epoch=samples.steps_per_epoch(config.batch_size),
    )


def _show(run: Run) -> None:
    if sys.stdout.isatty():
        from service.cli.progress import show_bar  # noqa: PLC0415  # the other commands need no progress bar

        show_bar(run)
    else:
        show_lines(run)
