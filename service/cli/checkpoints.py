"""``naivenet checkpoints``: list, show, download, upload, delete and evaluate saved weights."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import inputs, output
from service.cli.connection import Service, calls_service
from service.cli.jobs.reading import CreatedAfter, Limit, Reverse, listed

if TYPE_CHECKING:
    from naivenet_client import Checkpoint

app = typer.Typer(help="List, download, upload, evaluate and delete checkpoints.", no_args_is_help=True)

CheckpointId = Annotated[str, typer.Argument(metavar="CHECKPOINT", help="The checkpoint's id, ckpt_...")]

_HEADER = ("id", "from", "epoch", "accuracy", "size", "created")


class Format(StrEnum):
    """The format of a file with weights."""

    SAFETENSORS = "safetensors"
    NPZ = "npz"
    KERAS = "keras"
    ONNX = "onnx"
    SAVEDMODEL = "savedmodel"


class Sort(StrEnum):
    """What the list of checkpoints can be sorted by."""

    CREATED_AT = "created_at"
    TEST_ACCURACY = "test_accuracy"
    STEP = "step"


@app.command("list")
@calls_service
def list_checkpoints(
    service: Service,
    *,
    job: Annotated[str | None, typer.Option(help="Only the checkpoints of this job.")] = None,
    created_after: CreatedAfter = None,
    sort: Annotated[Sort, typer.Option(help="The key to sort by, the largest first.")] = Sort.CREATED_AT,
    reverse: Reverse = False,
    limit: Limit = 20,
) -> None:
    """List the newest checkpoints. The accuracy is that on the test images."""
    with service.connect() as client:
        order = listed(sort, reverse=reverse, created_after=created_after)
        service.print_list(client.checkpoints.list(job=job, limit=limit, **order), _HEADER, _row)


@app.command()
@calls_service
def show(service: Service, checkpoint_id: CheckpointId) -> None:
    """Show a checkpoint: as text on a terminal, otherwise as JSON."""
    with service.connect() as client:
        service.print_fields(_fields(client.checkpoints.get(checkpoint_id)))


@app.command()
@calls_service
def download(
    service: Service,
    checkpoint_id: CheckpointId,
    *,
    format: Annotated[  # noqa: A002  # the option's name
        Format, typer.Option(help="The weight list (safetensors, npz), or the whole network; savedmodel is zipped.")
    ] = Format.SAFETENSORS,
    target: Annotated[
        Path,
        typer.Option("--output", "-o", help="The file, a folder for a file with the id as its name, or - for stdout."),
    ] = Path(),
) -> None:
    """Download the weights, and print the path of the file."""
    to_stdout = str(target) == "-"
    if to_stdout and service.as_json:
        raise typer.BadParameter("standard output cannot have both the weights and JSON", param_hint="--json")
    inputs.check_folder(target, "--output")
    with service.connect() as client:
        checkpoint = client.checkpoints.get(checkpoint_id)
        if to_stdout:
            sys.stdout.buffer.write(checkpoint.weights(format.value))
            return
        path = checkpoint.download(target, format=format.value)
    if service.as_json:
        output.print_json({"id": checkpoint.id, "format": format, "path": str(path), "bytes": path.stat().st_size})
    else:
        typer.echo(path)


@app.command()
@calls_service
def upload(
    service: Service,
    weights: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, help="A safetensors file, or an npz file with W0, b0, W1, ..."),
    ],
    *,
    network: Annotated[
        Path | None,
        typer.Option(
            help='The network as JSON, `{"layers": [...]}`; not needed for a file that the service made.',
        ),
    ] = None,
) -> None:
    """Upload weights, and print the id of their checkpoint."""
    described = None if network is None else inputs.read_object(network)
    with service.connect() as client:
        service.print_result(client.checkpoints.upload(weights, network=described).id)


@app.command()
@calls_service
def evaluate(
    service: Service,
    checkpoint_id: CheckpointId,
    *,
    dataset: Annotated[
        str | None, typer.Option(help="Another dataset than that of the checkpoint's job, at its newest version.")
    ] = None,
) -> None:
    """Show the metrics of a checkpoint on the test images, in all and for each digit."""
    with service.connect() as client:
        found = client.checkpoints.get(checkpoint_id).evaluation(dataset=dataset)
    if service.as_json:
        service.print_json()
        return
    error = found.calibration.expected_calibration_error
    typer.echo(
        f"accuracy {found.accuracy:.4f} on {found.samples} {found.split} images of {found.dataset}; "
        f"calibration error {error:.4f}"
    )
    rows = ((each.digit, each.samples, each.precision, each.recall) for each in found.classes)
    output.print_table(("digit", "images", "precision", "recall"), rows)


@app.command()
@calls_service
def delete(service: Service, checkpoint_id: CheckpointId) -> None:
    """Delete a checkpoint that no model version and no unfinished job uses."""
    with service.connect() as client:
        client.checkpoints.get(checkpoint_id).delete()
    if service.as_json:
        output.print_json({"id": checkpoint_id, "deleted": True})


def _row(checkpoint: "Checkpoint") -> tuple[object, ...]:
    accuracy = checkpoint.metrics.get("test_accuracy")
    origin = output.origin(job_id=checkpoint.job_id, shipped=checkpoint.shipped)
    return checkpoint.id, origin, checkpoint.epoch, accuracy, output.size(checkpoint.bytes), checkpoint.created_at


def _fields(checkpoint: "Checkpoint") -> dict[str, object]:
    layers = (f"{layer.units} {layer.activation}" for layer in checkpoint.network.layers)
    metrics = {name.replace("_", " "): value for name, value in checkpoint.metrics.items()}
    return {
        "id": checkpoint.id,
        "from": output.origin(job_id=checkpoint.job_id, shipped=checkpoint.shipped),
        "epoch": checkpoint.epoch,
        "step": checkpoint.step,
        "created": checkpoint.created_at,
        "network": ", ".join(layers),
        "size": output.size(checkpoint.bytes),
        "sha256": checkpoint.sha256,
        "resumable": "yes" if checkpoint.resumable else "no",
        **metrics,
    }
