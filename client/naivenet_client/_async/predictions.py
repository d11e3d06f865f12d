"""Predictions."""

from collections.abc import Mapping
from typing import Any

import msgspec

from naivenet_client import pictures as encoding
from naivenet_client._async.http import AsyncHttp
from naivenet_client.connection import Request
from naivenet_client.errors import UnexpectedResponse
from naivenet_client.schemas.checkpoints import CheckpointData
from naivenet_client.schemas.jobs import JobData
from naivenet_client.schemas.models import ModelData, Version
from naivenet_client.schemas.predictions import Prediction


async def predict(
    http: AsyncHttp, path: str, pictures: Any, options: Mapping[str, Any]
) -> Prediction | list[Prediction]:
    """Send one picture or a batch to the route at *path*, and return one prediction or a list."""
    body = encoding.encode(pictures)
    request = Request(
        method="POST",
        path=path,
        params={name: _reference(value) for name, value in options.items() if name != "timeout"},
        content=body.content,
        headers={"Content-Type": body.media_type},
        timeout=options.get("timeout"),
    )
    answer = await http.fetch(dict[str, Any], request)
    batch = [answer | each for each in answer.pop("predictions", [])] if body.many else [answer]
    try:
        predictions = msgspec.convert(batch, list[Prediction])
    except msgspec.ValidationError as error:
        raise UnexpectedResponse(f"The response to POST {path} is no prediction ({error}).") from None
    return predictions if body.many else predictions[0]


def _reference(option: Any) -> Any:
    """Return an option of the query: of a model its name, of a version its number, of a job or checkpoint its id."""
    match option:
        case ModelData():
            return option.name
        case Version():
            return option.version
        case JobData() | CheckpointData():
            return option.id
    return option
