"""Checkpoints: saved weight lists."""

import hashlib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Unpack

import msgspec

from naivenet_client._async.bound import AsyncBound, fetch_bound
from naivenet_client._async.charts import AsyncChart
from naivenet_client._async.http import AsyncHttp
from naivenet_client._async.pages import AsyncPages
from naivenet_client.charts import Look
from naivenet_client.connection import Request, segment
from naivenet_client.errors import UnexpectedResponse
from naivenet_client.files import form_file, write_whole
from naivenet_client.lists import ListOptions, list_params
from naivenet_client.schemas.checkpoints import CheckpointData, Evaluation, Format
from naivenet_client.schemas.jobs import JobData, Network
from naivenet_client.schemas.networks import NetworkWeights, UnitWeights


class AsyncCheckpoint(AsyncBound, CheckpointData, kw_only=True, dict=True):
    """A checkpoint: the weight list of a network."""

    async def weights(self, format: Format = "safetensors") -> bytes:  # noqa: A002  # the service's name
        """Return the file with the weights, such as for ``safetensors.numpy.load``.

        Args:
            format: ``safetensors`` or ``npz`` for the weight list; ``keras``, ``onnx`` or ``savedmodel`` (zipped) for
                the whole network.
        """
        request = Request(method="GET", path=f"/v1/checkpoints/{self.id}/weights", params={"format": format})
        response = await self._http.send(request)
        digest = hashlib.sha256(response.content).hexdigest()
        if response.headers.get("etag", "").strip('"') != digest:
            raise UnexpectedResponse(f"The weights of {self.id} do not have the SHA-256 in their ETag; retry.")
        return response.content

    async def download(
        self,
        path: str | PathLike[str] = ".",
        *,
        format: Format = "safetensors",  # noqa: A002  # the service's name
    ) -> Path:
        """Write the weights to a file, and return its path.

        Args:
            path: The file, or a folder in which it gets the checkpoint's id as its name.
            format: See `weights`.
        """
        name = f"{self.id}.{'savedmodel.zip' if format == 'savedmodel' else format}"
        return write_whole(path, await self.weights(format), name=name)

    async def evaluation(self, *, dataset: str | None = None) -> Evaluation:
        """Return the metrics on the test images of the job's dataset, or of another one at its newest version.

        The first request computes them, which takes a moment.
        """
        request = Request(method="GET", path=f"/v1/checkpoints/{self.id}/evaluation", params={"dataset": dataset})
        return await self._http.fetch(Evaluation, request)

    async def network_weights(self, *, most: int | None = None, pictures: bool = False) -> NetworkWeights:
        """Return the weights between at most *most* units of each layer.

        Args:
            most: The largest number of units to show of a layer, from 1 to 100; 24 by default.
            pictures: Whether to return the weights into each shown unit of the first layer, too.
        """
        params = {"most": most, "pictures": pictures or None}
        request = Request(method="GET", path=f"/v1/checkpoints/{self.id}/network", params=params)
        return await self._http.fetch(NetworkWeights, request)

    async def unit_weights(self, layer: int, unit: int) -> UnitWeights:
        """Return all weights into one unit; *layer* and *unit* count from 0."""
        request = Request(method="GET", path=f"/v1/checkpoints/{self.id}/network/{layer}/{unit}")
        return await self._http.fetch(UnitWeights, request)

    async def confusion(self, **look: Unpack[Look]) -> AsyncChart:
        """Return a chart of the confusion matrix on the test images."""
        return await self._chart("confusion", dict(look))

    async def units(self, *, first: int = 1, count: int = 60, **look: Unpack[Look]) -> AsyncChart:
        """Return a chart of the weights into the units of the first layer, each unit an image.

        Args:
            first: The number of the first unit, from 1.
            count: The largest number of units.
            look: The look of the chart.
        """
        return await self._chart("units", {"first": first, "count": count, **look})

    async def histograms(self, **look: Unpack[Look]) -> AsyncChart:
        """Return a chart of the distribution of each layer's weights."""
        return await self._chart("histograms", dict(look))

    async def delete(self) -> None:
        """Delete the checkpoint, which no model version and no unfinished job may use."""
        await self._http.send(Request(method="DELETE", path=f"/v1/checkpoints/{self.id}"))

    async def _chart(self, name: str, params: dict[str, Any]) -> AsyncChart:
        return await AsyncChart.load(self._http, f"/v1/checkpoints/{self.id}/{name}", params)

    def __repr__(self) -> str:
        """Return a short text."""
        return f"Checkpoint({self.id}, epoch {self.epoch}, step {self.step})"


class AsyncCheckpoints:
    """The checkpoints of the service."""

    def __init__(self, http: AsyncHttp) -> None:
        self._http = http

    async def get(self, checkpoint_id: str) -> AsyncCheckpoint:
        """Return a checkpoint."""
        request = Request(method="GET", path=f"/v1/checkpoints/{segment(checkpoint_id)}")
        return await fetch_bound(self._http, AsyncCheckpoint, request)

    def list(
        self, *, job: JobData | str | None = None, limit: int | None = None, **options: Unpack[ListOptions]
    ) -> AsyncPages[AsyncCheckpoint]:
        """Return the checkpoints, newest first; iterating over them loads page after page.

        Args:
            job: Only the checkpoints of this job.
            limit: The largest number of checkpoints.
            options: `sort`, `order`, `created_after`, `created_before` and `after`; see
                `naivenet_client.lists.ListOptions`.
        """
        job_id = job.id if isinstance(job, JobData) else job
        request = Request(method="GET", path="/v1/checkpoints", params={"job": job_id, **list_params(options)})
        return AsyncPages(self._http, AsyncCheckpoint, request, limit=limit)

    async def upload(
        self, weights: str | PathLike[str] | bytes, *, network: Mapping[str, Any] | Network | None = None
    ) -> AsyncCheckpoint:
        """Upload a weight list, and return its checkpoint.

        Args:
            weights: A safetensors, npz, .keras, HDF5 or ONNX file: its path or its bytes.
            network: The network, as in a job: of weights that were downloaded and changed, the `network` of their
                checkpoint. Not needed for .keras, ONNX, or a safetensors file that the service made.
        """
        request = Request(
            method="POST",
            path="/v1/checkpoints",
            files={"weights": form_file(weights, name="weights")},
            data=None if network is None else {"network": msgspec.json.encode(network).decode()},
        )
        return await fetch_bound(self._http, AsyncCheckpoint, request)
