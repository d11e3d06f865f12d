"""What every problem document contains, and an image to send."""

import io

import httpx2
from PIL import Image

from tests.servers import Json


def problem(answer: httpx2.Response, status: int, pointer: str | None = None) -> Json:
    """The problem document of a response, checked; one of its errors has *pointer*, if given."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    body: Json = answer.json()
    assert body.keys() >= {"type", "title", "status", "detail", "instance", "code"}
    assert (body["status"], body["instance"]) == (status, answer.request.url.path)
    assert len(body["detail"]) > 8
    assert answer.headers["x-request-id"]
    if pointer is not None:
        assert pointer in [error["pointer"] for error in body["errors"]]
        assert all(error["message"] and error["code"] for error in body["errors"])
    return body


def png(width: int = 28, height: int = 28) -> bytes:
    """A PNG of this size."""
    stream = io.BytesIO()
    Image.new("L", (width, height)).save(stream, "PNG")
    return stream.getvalue()
