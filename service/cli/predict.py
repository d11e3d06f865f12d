"""``naivenet predict``: the digit in a picture, by a service or by a file of weights."""

from pathlib import Path
from typing import Annotated, Any

import typer

import naivenet
from service.cli.connection import ApiKey, Url, connect
from service.errors import InvalidInput
from service.inference.answers.answers import answer
from service.inference.answers.predictor import Predictor
from service.inference.requests.batch import Batch
from service.inference.requests.limits import InputLimits
from service.inference.requests.payloads import File, read_files
from service.settings import DEFAULT_URL


def predict(
    pictures: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="PNG, JPEG, WebP, BMP or GIF.")],
    weights: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Read with these weights (safetensors), with no service."),
    ] = None,
    url: Url = DEFAULT_URL,
    key: ApiKey = None,
) -> None:
    """Read the digit in each picture."""
    answers = _by_service(pictures, url, key) if weights is None else _by_weights(pictures, weights)
    for picture, told in zip(pictures, answers, strict=True):
        warnings = f"  ({', '.join(told['input']['warnings'])})" if told["input"]["warnings"] else ""
        digit = "?" if told["digit"] is None else told["digit"]
        typer.echo(f"{picture}: {digit}  {(told['confidence'] or 0):.1%}{warnings}")


def _by_service(pictures: list[Path], url: str, key: str | None) -> list[dict[str, Any]]:
    with connect(url, key) as client:
        return [client.predict(picture) for picture in pictures]


def _by_weights(pictures: list[Path], weights: Path) -> list[dict[str, Any]]:
    predictor = Predictor(model=naivenet.from_safetensors(weights.read_bytes()))
    batches = [_read(picture) for picture in pictures]
    return [answer(predictor.predict(batch)[0], batch.seen[0]) for batch in batches]


def _read(picture: Path) -> Batch:
    try:
        return read_files([File(data=picture.read_bytes())], InputLimits())
    except InvalidInput as error:
        raise InvalidInput(f"{picture}: {error}") from error
