"""The service that a command calls: its options, its client, and how the command prints what it gets."""

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, TypeVar

import typer

from service.cli import output
from service.cli.failures import as_failure
from service.settings import DEFAULT_URL

if TYPE_CHECKING:
    from naivenet_client import Client

Arguments = ParamSpec("Arguments")
Item = TypeVar("Item")

#: How many times a request is repeated that failed for a reason that may pass: a person waits for the command.
RETRIES = 2

Url = Annotated[str, typer.Option(envvar="NAIVENET_URL", help="The URL of the service.")]
ApiKey = Annotated[
    str | None,
    typer.Option("--key", envvar="NAIVENET_KEY", show_envvar=True, help="The API key, if the service requires one."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON: the objects of the API, as the service sent them.")]


@dataclass(frozen=True, kw_only=True)
class Service:
    """The service that a command calls, and how the command prints what it gets.

    Attributes:
        url: The URL of the service.
        key: The API key, if the service requires one.
        as_json: Whether to print JSON instead of text.
    """

    url: str
    key: str | None
    as_json: bool
    _bodies: list[bytes] = field(default_factory=list)

    @contextmanager
    def connect(self) -> Iterator["Client"]:
        """Give a client of the service.

        Raises:
            CommandFailed: The service refused a request, or did not respond.
        """
        from naivenet_client import Client, NaivenetClientError  # noqa: PLC0415  # 0.1 s that `serve` need not spend

        try:
            with Client(self.url, self.key, retries=RETRIES, on_response=self._keep) as client:
                yield client
        except NaivenetClientError as error:
            raise as_failure(error) from error

    def print_json(self) -> None:
        """Print the service's last response as JSON."""
        output.print_body(self._bodies[-1])

    def print_result(self, text: str) -> None:
        """Print the service's last response: as JSON, or as *text*."""
        if self.as_json:
            self.print_json()
        else:
            typer.echo(text)

    def print_fields(self, fields: Mapping[str, object]) -> None:
        """Print the service's last response: as a list of fields on a terminal, otherwise as JSON."""
        if self.as_json or not output.is_terminal():
            self.print_json()
        else:
            output.print_fields(fields)

    def print_list(self, items: Iterable[Item], header: Sequence[str], row: Callable[[Item], Sequence[object]]) -> None:
        """Print a list of the service: as a JSON array, or as a table with one *row* an item."""
        if self.as_json:
            list(items)
            output.print_pages(self._bodies)
        else:
            output.print_table(header, map(row, items))

    def print_all(self, text: str) -> None:
        """Print all responses of the service: as a JSON array, or as *text*."""
        if self.as_json:
            output.print_array(self._bodies)
        else:
            typer.echo(text)

    def _keep(self, response: Any) -> None:
        if self.as_json or not output.is_terminal():
            self._bodies.append(response.content)


_OPTIONS = [
    inspect.Parameter("url", inspect.Parameter.KEYWORD_ONLY, default=DEFAULT_URL, annotation=Url),
    inspect.Parameter("key", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ApiKey),
    inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=AsJson),
]


def calls_service(
    command: Callable[Concatenate[Service, Arguments], None],
) -> Callable[..., None]:
    """Give *command* the options ``--url``, ``--key`` and ``--json``, which become its first argument, a `Service`."""

    @functools.wraps(command)
    def with_options(*, url: str, key: str | None, as_json: bool, **arguments: Any) -> None:
        command(Service(url=url, key=key, as_json=as_json), **arguments)  # type: ignore[call-arg]  # typer passes all by name

    own = list(inspect.signature(command).parameters.values())[1:]
    parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own] + _OPTIONS
    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # `inspect` reads this attribute first
    with_options.__annotations__ = {each.name: each.annotation for each in parameters}
    return with_options
