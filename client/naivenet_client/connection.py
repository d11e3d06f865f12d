"""Where the service is, and how requests are sent to it."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx2
from msgspec import Struct, field

from naivenet_client.errors import NotFound, Problem, Timeout, Unauthorized, UnexpectedResponse, Unreachable
from naivenet_client.retries import RetryPolicy

__version__ = "0.1.0"

DEFAULT_URL = "http://127.0.0.1:8000"
DEFAULT_TIMEOUT_S = 30.0

#: How many losses a job's display shows, and how long it waits for them, in seconds.
SPARKLINE_POINTS, DISPLAY_TIMEOUT_S = 240, 3.0


class Connection(Struct, frozen=True, kw_only=True):
    """Where the service is, and how requests are sent to it.

    Attributes:
        url: The address of the service.
        key: The API key, if the service requires one.
        timeout: How long a response may take, in seconds; None for no limit.
        policy: How often a failed request is repeated.
        on_response: Called with each successful response.
    """

    url: str
    key: str | None
    timeout: float | None
    policy: RetryPolicy
    on_response: Callable[[httpx2.Response], object] | None = None

    def __post_init__(self) -> None:
        """Check the timeout."""
        check_timeout(self.timeout)

    @classmethod
    def of(
        cls,
        url: str | None,
        key: str | None,
        *,
        timeout: float | None,
        retries: int,
        on_response: Callable[[httpx2.Response], object] | None = None,
    ) -> "Connection":
        """Return a connection; what is not given is read from NAIVENET_URL and NAIVENET_KEY.

        Raises:
            Unauthorized: The key has characters that no header can have, such as a line break.
        """
        key = (key or os.environ.get("NAIVENET_KEY") or "").strip()
        if not key.isprintable():  # without this check, the HTTP library's error prints the key
            detail = "The API key contains a line break or another control character."
            raise Unauthorized(Problem(status=401, code="unauthenticated", detail=detail))
        return cls(
            url=url or os.environ.get("NAIVENET_URL") or DEFAULT_URL,
            key=key or None,
            timeout=timeout,
            policy=RetryPolicy(retries=retries),
            on_response=on_response,
        )

    def __repr__(self) -> str:
        """Return a short text, without the key."""
        return f"Connection({self.url!r})"

    @property
    def headers(self) -> httpx2.Headers:
        """The headers of every request."""
        agent = {"User-Agent": f"naivenet-client/{__version__}"}
        return httpx2.Headers(agent | ({"Authorization": f"Bearer {self.key}"} if self.key else {}), encoding="utf-8")

    def losses_now(self, job_id: str) -> list[float | None]:
        """Return some of a job's losses, read on a connection of its own: a display cannot await; empty on failure."""
        url, params = f"{self.url.rstrip('/')}/v1/jobs/{job_id}/history", {"max_points": SPARKLINE_POINTS}
        try:
            response = httpx2.get(url, params=params, headers=self.headers, timeout=DISPLAY_TIMEOUT_S)
            return [point["loss"] for point in response.raise_for_status().json()["data"]]
        except (httpx2.HTTPError, LookupError, TypeError, ValueError):
            return []


class Request(Struct, frozen=True, kw_only=True):
    """One request.

    Attributes:
        method: The HTTP method.
        path: The path of the route.
        params: The query; parameters that are None are left out.
        json: The body as a value, if it is JSON.
        content: The body as bytes, otherwise.
        files: The files of a form.
        data: The other fields of a form.
        headers: Additional headers.
        timeout: How long the response may take, in seconds; None for the client's own.
        repeatable: Whether sending the request twice does no harm, so that it can be retried after it was sent.
        expected: Statuses that are no errors here, beside 2xx.
    """

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    files: Mapping[str, tuple[str, bytes]] | None = None
    data: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    repeatable: bool = True
    expected: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Check the timeout."""
        check_timeout(self.timeout)


def check_timeout(timeout: float | None) -> None:
    """Raise a ValueError unless *timeout* is None, or a number of seconds above 0."""
    if timeout is not None and not timeout > 0:
        raise ValueError(f"A timeout is a number of seconds above 0, or None for no limit; this one is {timeout}.")


@contextmanager
def as_client_errors(url: str, timeout_s: float | None) -> Iterator[None]:
    """Raise the HTTP library's errors as errors of this package, without the library's long traceback.

    `may_pass` reads the library's error as the ``__context__``.

    Raises:
        Timeout: The response did not come in time.
        UnexpectedResponse: An event stream is something else, such as a proxy's page.
        Unreachable: There is no connection, or it broke.
    """
    try:
        yield
    except httpx2.TimeoutException as error:
        raise Timeout(f"{url} did not respond within {timeout_s} s ({type(error).__name__}).") from None
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
        raise Unreachable(f"{url!r} is no URL of a service ({error}); give one such as {DEFAULT_URL}.") from None
    except httpx2.SSEError as error:
        raise UnexpectedResponse(f"The response of {url} is no event stream ({error}); is it a proxy's?") from None
    except httpx2.TransportError as error:
        raise Unreachable(
            f"No service responds at {url} ({error or type(error).__name__}); start one with "
            "`naivenet serve`, or set NAIVENET_URL to the address of another one."
        ) from None


def segment(text: str) -> str:
    """Return *text* as one segment of a path.

    Raises:
        NotFound: It is empty; the path would be another one.
    """
    if not text:
        raise NotFound(Problem(status=404, code="not_found", detail="An id or a name is empty."))
    return quote(text, safe="")
