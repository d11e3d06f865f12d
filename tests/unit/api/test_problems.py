"""Errors that FastAPI wraps keep their meaning."""

import errno
import os

from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from service.api.http import problems


def test_an_upload_beside_a_full_disk_is_a_507() -> None:
    """FastAPI answers any error while it reads a form with a 400; a full disk is not the client's fault."""
    app = FastAPI(exception_handlers=problems.HANDLERS)

    @app.post("/")
    async def upload(_: Request) -> None:
        raise HTTPException(400, "There was an error parsing the body") from OSError(errno.ENOSPC, os.strerror(28))

    response = TestClient(app).post("/")
    assert (response.status_code, response.json()["code"]) == (507, "storage_full")
