"""An S3 server of the tests' own: moto's, as a process on loopback that can be stopped and started again."""

import json
import subprocess
import sys
from typing import Any, Self

import boto3
import httpx

from tests.servers import PATIENCE_S, free_port, until

BUCKET = "checkpoints"

#: Keys that its first users have, while it asks nobody who they are.
ANYBODY = {"key": "anybody", "secret": "anything"}


class ObjectStore:
    """A server with one bucket."""

    def __init__(self) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.start()
        self.client("s3").create_bucket(Bucket=BUCKET)

    def start(self) -> Self:
        """Start it, empty, and wait until it answers."""
        command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._answers, what="the object store to answer")
        return self

    def stop(self) -> None:
        """End it; what it had is gone."""
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def url(self, prefix: str, *, bucket: str = BUCKET) -> str:
        """Where checkpoints may lie."""
        return f"s3://{bucket}/{prefix}"

    def options(self, **keys: str) -> dict[str, Any]:
        """What fsspec is told of it."""
        return {**(keys or ANYBODY), "endpoint_url": self.endpoint}

    def settings(self, prefix: str) -> dict[str, str]:
        """The service's settings, as an operator would write them."""
        return {"storage_url": self.url(prefix), "storage_options": json.dumps(self.options())}

    def client(self, service: str) -> Any:
        """Amazon's own client, for a look from outside."""
        keys = {"aws_access_key_id": "anybody", "aws_secret_access_key": "anything", "region_name": "us-east-1"}
        return boto3.client(service, endpoint_url=self.endpoint, **keys)

    def names(self, prefix: str) -> set[str]:
        """What lies under *prefix*."""
        found = self.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/").get("Contents", [])
        return {entry["Key"].removeprefix(f"{prefix}/") for entry in found}

    def lock(self) -> None:
        """Ask everybody for their keys from now on, of which there are none."""
        httpx.post(f"{self.endpoint}/moto-api/reset-auth", content=b"0").raise_for_status()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.endpoint}/moto-api/").status_code < httpx.codes.INTERNAL_SERVER_ERROR
        except httpx.TransportError:
            return False
