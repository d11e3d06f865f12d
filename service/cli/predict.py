"""``naivenet predict``: recognises the digit in each picture, with a service or with a file of weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli import output
from service.cli.connection import Service, calls_service
from service.cli.failures import as_failure
from service.errors import InvalidInput

if TYPE_CHECKING:
    from naivenet_client import Client, Prediction
    from service.inference.requests.batch import Batch


@calls_service
def predict(
    service: Service,
    images: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Images: PNG, JPEG, WebP, BMP or GIF.")
    ],
    *,
    weights: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Predict with this safetensors file, without a service."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model; by default `digits`.")] = None,
    alias: Annotated[str | None, typer.Option(help="The alias of the model's version; by default `live`.")] = None,
    job: Annotated[str | None, typer.Option(help="The job whose newest weights predict, also while it trains.")] = None,
    checkpoint: Annotated[str | None, typer.Option(help="The checkpoint that predicts.")] = None,
) -> None:
    """Recognise the digit in each image. With `--json`: a JSON array, in the order of the images."""
    given = {"model": model, "alias": alias, "job": job, "checkpoint": checkpoint}
    source = {name: value for name, value in given.items() if value is not None}
    if weights is None:
        _by_service(service, images, source)
        return
    if source:
        raise typer.BadParameter("a file of weights predicts without a service", param_hint=f"--{next(iter(source))}")
    found = _by_weights(images, weights)
    if service.as_json:
        output.print_json(found)
    else:
        for image, each in zip(images, found, strict=True):
            typer.echo(_line(image, each["digit"], each["confidence"], each["input"]["warnings"]))


def _by_service(service: Service, images: Sequence[Path], source: Mapping[str, str]) -> None:
    with service.connect() as client:
        found = [_ask(client, image, source) for image in images]
    lines = (
        _line(image, each.digit, each.confidence, each.input.warnings)
        for image, each in zip(images, found, strict=True)
    )
    service.print_all("\n".join(lines))


def _ask(client: "Client", image: Path, source: Mapping[str, Any]) -> "Prediction":
    """Return the prediction of the service.

    Raises:
        CommandFailed: The image cannot be read; the message names its file.
    """
    from naivenet_client import InvalidInput as Refused  # noqa: PLC0415  # see `Service.connect`

    try:
        found: Prediction = client.predict(image, **source)
    except Refused as error:
        raise as_failure(error, at=str(image)) from error
    return found


def _by_weights(images: Sequence[Path], weights: Path) -> list[dict[str, Any]]:
    import naivenet  # noqa: PLC0415  # a prediction by a service does not need it
    from service.inference.answers.prediction_json import prediction_json  # noqa: PLC0415  # likewise
    from service.inference.answers.predictor import Predictor  # noqa: PLC0415  # likewise

    predictor = Predictor(model=naivenet.from_safetensors(weights.read_bytes()))
    batches = [_read(image) for image in images]
    return [prediction_json(predictor.predict(batch)[0], batch.reports[0]) for batch in batches]


def _read(image: Path) -> "Batch":
    from service.inference.limits import InputLimits  # noqa: PLC0415  # see `_by_weights`
    from service.inference.requests.body import File, read_files  # noqa: PLC0415  # likewise

    try:
        return read_files([File(data=image.read_bytes())], InputLimits())
    except InvalidInput as error:
        raise InvalidInput(f"{image}: {error}") from error


def _line(image: Path, digit: int | None, confidence: float | None, warnings: Sequence[str]) -> str:
    noted = f"  ({', '.join(warnings)})" if warnings else ""
    return f"{image}: {'?' if digit is None else digit}  {confidence or 0:.1%}{noted}"
