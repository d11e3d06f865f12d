"""The client."""

from collections.abc import Callable
from types import EllipsisType, TracebackType
from typing import Any, Self, Unpack, overload

import httpx2
from msgspec.structs import replace

from naivenet_client._async.checkpoints import AsyncCheckpoints
from naivenet_client._async.datasets import AsyncDatasets
from naivenet_client._async.experiments import AsyncExperiments
from naivenet_client._async.http import AsyncHttp
from naivenet_client._async.jobs import AsyncJobs
from naivenet_client._async.models import AsyncModels
from naivenet_client._async.predictions import predict
from naivenet_client._async.webhooks import AsyncWebhooks
from naivenet_client.connection import DEFAULT_TIMEOUT_S, Connection, Request
from naivenet_client.errors import ServiceError, Timeout, Unreachable
from naivenet_client.pictures import ManyPictures, OnePicture
from naivenet_client.retries import RETRIES, RetryPolicy
from naivenet_client.schemas.options import Options
from naivenet_client.schemas.predictions import Prediction, SourceOptions
from naivenet_client.schemas.service import Key, Readiness


class AsyncClient:
    """A client of one naivenet service. It can be used as a context manager, which closes its connections.

    Args:
        url: The address of the service; by default NAIVENET_URL, or else http://127.0.0.1:8000.
        key: An API key, if the service requires one; by default NAIVENET_KEY.
        timeout: How long a response may take, in seconds; None for no limit.
        retries: How many times a request is repeated that failed for a reason that may pass; 0 for never.
        on_response: Called with each successful response except event streams, to log it or to keep its JSON.

    Attributes:
        jobs: Training runs.
        experiments: Whether one configuration is really better than another.
        checkpoints: Saved weights.
        datasets: Pictures with labels: MNIST, and your own.
        models: What answers predictions.
        webhooks: URLs that receive the events of jobs.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float | None = DEFAULT_TIMEOUT_S,
        retries: int = RETRIES,
        on_response: Callable[[httpx2.Response], object] | None = None,
    ) -> None:
        connection = Connection.of(url, key, timeout=timeout, retries=retries, on_response=on_response)
        self._set_up(AsyncHttp(connection))

    def _set_up(self, http: AsyncHttp) -> None:
        self._http = http
        self.jobs = AsyncJobs(http)
        self.experiments = AsyncExperiments(http)
        self.checkpoints = AsyncCheckpoints(http)
        self.datasets = AsyncDatasets(http)
        self.models = AsyncModels(http)
        self.webhooks = AsyncWebhooks(http)

    async def __aenter__(self) -> Self:
        """Return the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    @property
    def url(self) -> str:
        """The address of the service."""
        return self._http.connection.url

    def with_options(
        self, *, timeout: float | EllipsisType | None = ..., retries: int | EllipsisType = ...
    ) -> "AsyncClient":
        """Return a client with another timeout or number of retries, which shares the connections of this one."""
        now = self._http.connection
        connection = replace(
            now,
            timeout=now.timeout if isinstance(timeout, EllipsisType) else timeout,
            policy=now.policy if isinstance(retries, EllipsisType) else RetryPolicy(retries=retries),
        )
        client = object.__new__(AsyncClient)
        client._set_up(AsyncHttp(connection, self._http.pool))  # of the same class
        return client

    @overload
    async def predict(self, pictures: OnePicture, **options: Unpack[SourceOptions]) -> Prediction: ...

    @overload
    async def predict(self, pictures: ManyPictures, **options: Unpack[SourceOptions]) -> list[Prediction]: ...

    @overload
    async def predict(self, pictures: Any, **options: Unpack[SourceOptions]) -> Any: ...

    async def predict(self, pictures: Any, **options: Unpack[SourceOptions]) -> Any:
        """Recognise the digit in a picture, or in each of several: several give a list.

        Args:
            pictures: One picture: a path, the bytes of an image file, a PIL image, or an array or nested list of 28×28
                or 784 numbers. A batch: a list of pictures, or an array of N×28×28 or N×784 numbers.
            options: What predicts: `model` with `alias` or `version`, or a `checkpoint` or a `job`; by default the
                model ``digits`` with the alias ``live``. And `top_k`, `prepare`, `trace`, `explain`,
                `timeout`.

        Raises:
            FileNotFoundError: A path does not exist.
            InvalidInput: A picture cannot be read; `errors` says which.
        """
        return await predict(self._http, "/v1/predict", pictures, options)

    async def options(self) -> Options:
        """Return the activations, initializers, optimizers, schedules, datasets and presets of jobs."""
        return await self._http.fetch(Options, Request(method="GET", path="/v1/options"))

    async def key(self) -> Key:
        """Return the API key of this client, without its text: its name, scopes, limits and quotas."""
        return await self._http.fetch(Key, Request(method="GET", path="/v1/me"))

    async def is_live(self) -> bool:
        """Return whether the service responds; no retries."""
        try:
            request = Request(method="GET", path="/health/live")
            await self.with_options(retries=0)._http.send(request)  # noqa: SLF001  # of the same class
        except (Unreachable, Timeout, ServiceError):
            return False
        return True

    async def readiness(self) -> Readiness:
        """Return whether the service can take work, and the state of what it depends on."""
        not_ready = frozenset({503})
        return await self._http.fetch(Readiness, Request(method="GET", path="/health/ready", expected=not_ready))

    async def metrics(self) -> str:
        """Return the metrics of the service as text, for Prometheus."""
        return (await self._http.send(Request(method="GET", path="/metrics"))).text

    def __repr__(self) -> str:
        """Return a short text, without the key."""
        return f"Client({self.url!r})"
