"""``naivenet train``: trains a network in this process, without a service."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import naivenet
from service.cli import inputs
from service.cli.lines import TrainingRun, show_lines


def train(
    *,
    preset: Annotated[
        str, typer.Option(help="The configuration to start from: `notebook`, `accurate` or `robust`.")
    ] = "notebook",
    dataset: Annotated[str | None, typer.Option(help="`mnist`, or the name of a file in the datasets folder.")] = None,
    datasets: inputs.Mix = None,
    epochs: Annotated[int | None, typer.Option(help="The number of passes over the training set.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="The number of images a step.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="The optimizer's name: `naive`, `sgd`, `adam`, ...")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The optimizer's learning rate.")] = None,
    seed: Annotated[int | None, typer.Option(help="The random seed; by default one is drawn and shown.")] = None,
    shuffle: Annotated[bool | None, typer.Option(help="Whether each epoch shuffles the images.")] = None,
    augment: Annotated[
        bool | None, typer.Option(help="Whether each epoch moves, turns, bends and thickens the images.")
    ] = None,
    precision: Annotated[
        str | None, typer.Option(help="`float32`, or `bfloat16` for products of rounded operands.")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="The safetensors file for the weights.")] = None,
) -> None:
    """Train a network, and show its loss and accuracy on the training and test images."""
    options = {"dataset": dataset, "epochs": epochs, "batch_size": batch_size, "seed": seed, "shuffle": shuffle}
    options["precision"] = precision
    optimizer_options = {"name": optimizer, "learning_rate": learning_rate}
    body: dict[str, Any] = {"preset": preset} | _given(options)
    if datasets:
        body["datasets"] = inputs.mix(datasets)
    if augment is not None:
        body["augment"] = {} if augment else None
    if save:
        inputs.check_folder(save, "--save")
    if given := _given(optimizer_options):
        body["optimizer"] = given
    from service.cli.local_training import prepare  # noqa: PLC0415  # the other commands train nothing

    run = prepare(body)
    _show(run)
    if save:
        save.write_bytes(naivenet.to_safetensors(run.model))
        typer.echo(f"weights saved to {save}", err=True)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _show(run: TrainingRun) -> None:
    if sys.stdout.isatty():
        from service.cli.progress import show_bar  # noqa: PLC0415  # output to a pipe does not need it

        show_bar(run)
    else:
        show_lines(run)
