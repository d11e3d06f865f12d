# Generated from _async by `make client-sync`: change it there.
"""Sends requests, retries them, and decodes their responses."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, TypeVar

import httpx2
import msgspec
from msgspec.structs import replace

from naivenet_client.connection import Connection, Request, as_client_errors
from naivenet_client.errors import NaivenetClientError, NotFound, ServiceError, UnexpectedResponse, error_of
from naivenet_client.pictures import as_plain
from naivenet_client.retries import may_pass, wait_s

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")


class Http:
    """Sends requests to one service over a pool of connections.

    Args:
        connection: Where the service is, and how requests are sent.
        pool: The pool of another `Http`, to be shared.
    """

    def __init__(self, connection: Connection, pool: httpx2.Client | None = None) -> None:
        self.connection = connection
        with as_client_errors(connection.url, None):
            self.pool = pool or httpx2.Client(base_url=connection.url, headers=connection.headers)

    def close(self) -> None:
        """Close all connections."""
        self.pool.close()

    def fetch(self, kind: type[T], request: Request) -> T:
        """Send a request, and return its response as an object of *kind*.

        Raises:
            NaivenetClientError: See `naivenet_client.errors`.
        """
        response = self.send(request)
        try:
            return msgspec.json.decode(response.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnexpectedResponse(
                f"The response to {request.method} {request.path} is not what the API promises ({error}): "
                f"is {self.connection.url} a naivenet service, of a version that fits this client?"
            ) from None

    def send(self, request: Request) -> httpx2.Response:
        """Send a request, repeat it if that may help, and return the successful response.

        Raises:
            NaivenetClientError: See `naivenet_client.errors`.
        """
        if request.method == "POST":  # all attempts have one key, so that they create one thing
            request = replace(request, headers={"Idempotency-Key": token_hex(16), **request.headers})
        try:
            return self._send_and_retry(request)
        except NaivenetClientError as error:
            raise error.with_traceback(None)  # noqa: B904  # a reader needs neither the retries nor the HTTP library

    def _send_and_retry(self, request: Request) -> httpx2.Response:
        import tenacity  # noqa: PLC0415  # takes 15 ms, which the import of the client need not spend

        policy = self.connection.policy
        for attempt in tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: may_pass(error, repeatable=request.repeatable)),
            stop=tenacity.stop_after_attempt(policy.retries + 1) | tenacity.stop_after_delay(policy.total_s),
            wait=_wait_s,
            reraise=True,
        ):
            with attempt:
                try:
                    return self._send_once(request)
                except NotFound:
                    if request.method == "DELETE" and attempt.retry_state.attempt_number > 1:
                        return httpx2.Response(204)  # an attempt before has deleted it, and its response was lost
                    raise
        raise AssertionError  # the loop above returns or raises

    @contextmanager
    def stream(self, request: Request, *, silence_s: float) -> Iterator[httpx2.Response]:
        """Send a request once, and give its response while its body arrives; a silence of *silence_s* is a Timeout."""
        timeout = httpx2.Timeout(self.connection.timeout, read=silence_s)
        with as_client_errors(self.connection.url, silence_s):
            with self.pool.stream(
                request.method, request.path, params=request.params, headers=dict(request.headers), timeout=timeout
            ) as response:
                if not response.is_success:
                    response.read()
                    raise self._error_of(response)
                yield response

    def _send_once(self, request: Request) -> httpx2.Response:
        timeout = self.connection.timeout if request.timeout is None else request.timeout
        content, headers = request.content, dict(request.headers)
        if request.json is not None:
            content = msgspec.json.encode(request.json, enc_hook=as_plain)
            headers["Content-Type"] = "application/json"
        with as_client_errors(self.connection.url, timeout):
            response = self.pool.request(
                request.method,
                request.path,
                params={name: value for name, value in request.params.items() if value is not None},
                content=content,
                files=request.files,
                data=request.data,
                headers=headers,
                timeout=timeout,
            )
        if not response.is_success and response.status_code not in request.expected:
            raise self._error_of(response)
        if self.connection.on_response is not None:
            self.connection.on_response(response)
        return response

    def _error_of(self, response: httpx2.Response) -> ServiceError:
        return error_of(response.status_code, response.content, response.headers, url=self.connection.url)


def _wait_s(state: "RetryCallState") -> float:
    return wait_s(state.outcome.exception() if state.outcome else None, state.attempt_number)
