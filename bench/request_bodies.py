"""The first test image as the request bodies that clients send."""

import io
import json
from dataclasses import dataclass

from PIL import Image

import naivenet


@dataclass(frozen=True, kw_only=True)
class Body:
    """A request body."""

    name: str
    media_type: str
    data: bytes


def bodies() -> list[Body]:
    """Return a seven as a PNG, and as JSON of 28 rows of 28 numbers."""
    pixels = naivenet.datasets.load().x_test[0]
    png = io.BytesIO()
    Image.fromarray(pixels).save(png, "PNG")
    document = json.dumps({"pixels": pixels.tolist()}).encode()
    return [
        Body(name="PNG", media_type="image/png", data=png.getvalue()),
        Body(name="JSON 28×28", media_type="application/json", data=document),
    ]
