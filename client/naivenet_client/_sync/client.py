# Generated from _async by `make client-sync`: change it there.
"""The client."""

from collections.abc import Callable
from types import EllipsisType, TracebackType
from typing import Any, Self, Unpack, overload

import httpx2
from msgspec.structs import replace

from naivenet_client._sync.checkpoints import Checkpoints
from naivenet_client._sync.datasets import Datasets
from naivenet_client._sync.experiments import Experiments
from naivenet_client._sync.http import Http
from naivenet_client._sync.jobs import Jobs
from naivenet_client._sync.models import Models
from naivenet_client._sync.predictions import predict
from naivenet_client._sync.webhooks import Webhooks
from naivenet_client.connection import DEFAULT_TIMEOUT_S, Connection, Request
from naivenet_client.errors import ServiceError, Timeout, Unreachable
from naivenet_client.pictures import ManyPictures, OnePicture
from naivenet_client.retries import RETRIES, RetryPolicy
from naivenet_client.schemas.options import Options
from naivenet_client.schemas.predictions import Prediction, SourceOptions
from naivenet_client.schemas.service import Key, Readiness


class Client:
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
        self._set_up(Http(connection))

    def _set_up(self, http: Http) -> None:
        self._http = http
        self.jobs = Jobs(http)
        self.experiments = Experiments(http)
        self.checkpoints = Checkpoints(http)
        self.datasets = Datasets(http)
        self.models = Models(http)
        self.webhooks = Webhooks(http)

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    @property
    def url(self) -> str:
        """The address of the service."""
        return self._http.connection.url

    def with_options(
        self, *, timeout: float | EllipsisType | None = ..., retries: int | EllipsisType = ...
    ) -> "Client":
        """Return a client with another timeout or number of retries, which shares the connections of this one."""
        now = self._http.connection
        connection = replace(
            now,
            timeout=now.timeout if isinstance(timeout, EllipsisType) else timeout,
            policy=now.policy if isinstance(retries, EllipsisType) else RetryPolicy(retries=retries),
        )
        client = object.__new__(Client)
        client._set_up(Http(connection, self._http.pool))  # of the same class
        return client

    @overload
    def predict(self, pictures: OnePicture, **options: Unpack[SourceOptions]) -> Prediction: ...

    @overload
    def predict(self, pictures: ManyPictures, **options: Unpack[SourceOptions]) -> list[Prediction]: ...

    @overload
    def predict(self, pictures: Any, **options: Unpack[SourceOptions]) -> Any: ...

    def predict(self, pictures: Any, **options: Unpack[SourceOptions]) -> Any:
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
        return predict(self._http, "/v1/predict", pictures, options)

    def options(self) -> Options:
        """Return the activations, initializers, optimizers, schedules, datasets and presets of jobs."""
        return self._http.fetch(Options, Request(method="GET", path="/v1/options"))

    def key(self) -> Key:
        """Return the API key of this client, without its text: its name, scopes, limits and quotas."""
        return self._http.fetch(Key, Request(method="GET", path="/v1/me"))

    def is_live(self) -> bool:
        """Return whether the service responds; no retries."""
        try:
            request = Request(method="GET", path="/health/live")
            self.with_options(retries=0)._http.send(request)  # noqa: SLF001  # of the same class
        except (Unreachable, Timeout, ServiceError):
            return False
        return True

    def readiness(self) -> Readiness:
        """Return whether the service can take work, and the state of what it depends on."""
        not_ready = frozenset({503})
        return self._http.fetch(Readiness, Request(method="GET", path="/health/ready", expected=not_ready))

    def metrics(self) -> str:
        """Return the metrics of the service as text, for Prometheus."""
        return (self._http.send(Request(method="GET", path="/metrics"))).text

    def __repr__(self) -> str:
        """Return a short text, without the key."""
        return f"Client({self.url!r})"
