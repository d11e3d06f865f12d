"""``naivenet predict``: recognises the digit in an image, with a service or with a file of weights."""

from pathlib import Path
from typing import Annotated, Any

import typer

import naivenet
from service.cli.connection import ApiKey, Url, connect
from service.errors import InvalidInput
from service.inference.answers.prediction_json import prediction_json
from service.inference.answers.predictor import Predictor
from service.inference.limits import InputLimits
from service.inference.requests.batch import Batch
from service.inference.requests.body import File, read_files
from service.settings import DEFAULT_URL


def predict(
    images: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Images: PNG, JPEG, WebP, BMP or GIF.")
    ],
    weights: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Predict with this safetensors file, without a service."),
    ] = None,
    url: Url = DEFAULT_URL,
    key: ApiKey = None,
) -> None:
    """Recognise the digit in each image."""
    answers = _by_service(images, url, key) if weights is None else _by_weights(images, weights)
    for image, found in zip(images, answers, strict=True):
        warnings = f"  ({', '.join(found['input']['warnings'])})" if found["input"]["warnings"] else ""
        digit = "?" if found["digit"] is None else found["digit"]
        typer.echo(f"{image}: {digit}  {(found['confidence'] or 0):.1%}{warnings}")


def _by_service(images: list[Path], url: str, key: str | None) -> list[dict[str, Any]]:
    with connect(url, key) as client:
        return [client.predict(image) for image in images]


def _by_weights(images: list[Path], weights: Path) -> list[dict[str, Any]]:
    predictor = Predictor(model=naivenet.from_safetensors(weights.read_bytes()))
    batches = [_read(image) for image in images]
    return [prediction_json(predictor.predict(batch)[0], batch.reports[0]) for batch in batches]


def _read(image: Path) -> Batch:
    try:
        return read_files([File(data=image.read_bytes())], InputLimits())
    except InvalidInput as error:
        raise InvalidInput(f"{image}: {error}") from error
