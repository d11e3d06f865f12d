"""``naivenet train``: a training run here and now, with no service: a progress bar in a terminal, lines in a pipe."""

import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import naivenet
from service.cli.lines import Run, show_lines
from service.composition import config_limits
from service.domain.config import JobConfig, resolve
from service.jobs import datasets
from service.operations.quiet import quiet_stderr
from service.settings import load_settings
from service.storage.weights import INPUT_SIZE


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
    config = _resolved(body | ({"optimizer": _given(rule)} if _given(rule) else {}))
    typer.echo(f"seed {config.seed}", err=True)
    run = _prepared(config)
    _show(run)
    if save:
        save.write_bytes(naivenet.to_safetensors(run.model))
        typer.echo(f"weights saved to {save}", err=True)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _resolved(body: dict[str, Any]) -> JobConfig:
    config = resolve(body, config_limits(load_settings()))
    return config if config.seed is not None else config.model_copy(update={"seed": secrets.randbits(32)})


def _prepared(config: JobConfig) -> Run:
    data = naivenet.datasets.load(datasets.locate(load_settings().resolved_datasets_dir, config.dataset))
    with quiet_stderr():  # this is where TensorFlow is first needed
        model = config.network.build(INPUT_SIZE, seed=config.seed or 0)
    training = naivenet.train(
        model,
        data.x_train,
        data.y_train,
        epochs=config.epochs,
        batch_size=config.batch_size,
        optimizer=config.optimizer,
        shuffle=config.shuffle,
        seed=config.seed or 0,
        test=(data.x_test, data.y_test),
    )
    return Run(
        model=model,
        events=training,
        epochs=config.epochs,
        batch_size=config.batch_size,
        steps_per_epoch=naivenet.count_batches(len(data.x_train), config.batch_size),
    )


def _show(run: Run) -> None:
    if sys.stdout.isatty():
        from service.cli.progress import show_bar  # noqa: PLC0415  # the other commands need no progress bar

        show_bar(run)
    else:
        show_lines(run)
