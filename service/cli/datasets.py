"""``naivenet dataset``: make a dataset of your own from files or pictures, look at it, teach it, and export it."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli import inputs, output
from service.cli.connection import Service, calls_service
from service.cli.jobs.reading import Limit
from service.cli.jobs.starting import Watch, started

if TYPE_CHECKING:
    from naivenet_client import Client, Dataset, Sample

app = typer.Typer(help="Make, fill, teach, export and delete datasets of your own.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="DATASET", help="The name of the dataset.")]
Label = Annotated[int | None, typer.Option(min=0, max=9, help="The digit.")]
Version = Annotated[int | None, typer.Option(min=1, help="A version of the dataset; the newest unless given.")]

_HEADER = ("name", "source", "version", "train", "test", "size", "updated")
_SAMPLES_HEADER = ("id", "label", "split", "warnings", "created")


class Split(StrEnum):
    """What a picture is for."""

    TRAIN = "train"
    TEST = "test"


class Format(StrEnum):
    """The format of an exported dataset."""

    NPZ = "npz"
    ZIP = "zip"


@app.command("list")
@calls_service
def list_datasets(service: Service) -> None:
    """List all datasets: MNIST, files of the operator, and those of clients."""
    with service.connect() as client:
        service.print_list(client.datasets.list(), _HEADER, _row)


@app.command()
@calls_service
def show(service: Service, name: Name, *, version: Version = None) -> None:
    """Show a dataset: as text on a terminal, otherwise as JSON."""
    with service.connect() as client:
        service.print_fields(_fields(client.datasets.get(name, version=version)))


@app.command()
@calls_service
def add(
    service: Service,
    name: Name,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            exists=True,
            help="Pictures of the digit in --label; or without it one npz, CSV or zip file, or a folder of labelled "
            "folders (7/a.png) or of IDX files. Nothing makes an empty dataset.",
        ),
    ] = None,
    *,
    label: Label = None,
    split: Annotated[Split, typer.Option(help="Whether the pictures are trained or tested on.")] = Split.TRAIN,
    test_share: Annotated[
        float | None, typer.Option(min=0, max=1, help="The share of test pictures, where a file has none of its own.")
    ] = None,
) -> None:
    """Make a dataset from a file or a folder, or with `--label` add pictures to one; print its version."""
    given = files or []
    if label is not None and not given:
        raise typer.BadParameter("name the pictures of the digit", param_hint="FILES")
    with service.connect() as client:
        if label is not None:
            _add_pictures(client, name, given, label, split)
            found = client.datasets.get(name)
        elif len(given) > 1:
            raise typer.BadParameter("say which digit the pictures show, or give one file", param_hint="--label")
        else:
            found = client.datasets.create(name, given[0] if given else None, test_share=test_share)
    service.print_result(
        f"{found.name}, version {found.version}: {found.train.samples} + {found.test.samples} pictures"
    )


@app.command()
@calls_service
def samples(
    service: Service,
    name: Name,
    *,
    label: Label = None,
    split: Annotated[Split | None, typer.Option(help="Only training or only test pictures.")] = None,
    limit: Limit = 20,
) -> None:
    """List the pictures that were added one by one, newest first."""
    with service.connect() as client:
        found = client.datasets.samples.list(name, limit=limit, label=label, split=split.value if split else None)
        service.print_list(found, _SAMPLES_HEADER, _sample_row)


@app.command()
@calls_service
def export(
    service: Service,
    name: Name,
    *,
    format: Annotated[Format, typer.Option(help="NumPy's npz, or a zip of labelled folders.")] = Format.NPZ,  # noqa: A002  # the option's name
    version: Version = None,
    target: Annotated[
        Path, typer.Option("--output", "-o", help="The file, or a folder for a file with the dataset's name.")
    ] = Path(),
) -> None:
    """Write a dataset to a file that `add` reads again, and print its path."""
    inputs.check_folder(target, "--output")
    with service.connect() as client:
        path = client.datasets.export(name, target, format=format.value, version=version)
    if service.as_json:
        output.print_json({"name": name, "format": format, "path": str(path), "bytes": path.stat().st_size})
    else:
        typer.echo(path)


@app.command()
@calls_service
def delete(
    service: Service,
    name: Name,
    *,
    sample: Annotated[str | None, typer.Option(help="Only this picture, smp_...; the dataset stays.")] = None,
) -> None:
    """Delete a dataset that no unfinished job uses, or a single picture of it."""
    with service.connect() as client:
        if sample is None:
            client.datasets.delete(name)
        else:
            client.datasets.samples.delete(name, sample)
    if service.as_json:
        output.print_json({"name": name, "sample": sample, "deleted": True})


@app.command()
@calls_service
def teach(service: Service, name: Name, *, assignments: inputs.Assignments = None, watch_it: Watch = False) -> None:
    """Start a job of seconds that adds a dataset to what the live network reads, and print its id."""
    body = inputs.job_body(None, assignments)
    with service.connect() as client:
        started(service, client, client.datasets.teach(name, body), watch_it=watch_it)


def _add_pictures(client: "Client", name: str, pictures: Sequence[Path], label: int, split: Split) -> None:
    """Add pictures to a dataset, which is made if there is none of this name."""
    from naivenet_client import NotFound  # noqa: PLC0415  # 0.1 s that other commands need not spend

    try:
        client.datasets.samples.add(name, list(pictures), label, split=split.value)
    except NotFound:
        client.datasets.create(name)
        client.datasets.samples.add(name, list(pictures), label, split=split.value)


def _row(dataset: "Dataset") -> tuple[object, ...]:
    counts = (dataset.train.samples, dataset.test.samples)
    return dataset.name, dataset.source, dataset.version, *counts, output.size(dataset.bytes), dataset.updated_at


def _sample_row(sample: "Sample") -> tuple[object, ...]:
    return sample.id, sample.label, sample.split, ", ".join(sample.input.get("warnings", ())), sample.created_at


def _fields(dataset: "Dataset") -> dict[str, object]:
    return {
        "name": dataset.name,
        "source": dataset.source,
        "version": dataset.version,
        "train": dataset.train.samples,
        "train, digits 0 to 9": " ".join(map(str, dataset.train.counts)),
        "test": dataset.test.samples,
        "test, digits 0 to 9": " ".join(map(str, dataset.test.counts)),
        "size": output.size(dataset.bytes),
        "digest": dataset.digest,
        "created": dataset.created_at,
        "updated": dataset.updated_at,
        "fault": dataset.fault,
    }
