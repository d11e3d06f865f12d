"""``naivenet serve``: the API, with a trainer beside it. ``naivenet trainer``: that alone, for an API elsewhere."""

import contextlib
import inspect
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
import uvicorn
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from service.errors import Misconfigured
from service.operations.memory import gc_paused
from service.settings import Settings, load_settings

#: The share of the grace in which requests may go on after the service was told to stop; its workers save meanwhile.
REQUESTS_SHARE = 0.5


def _flag(field: FieldInfo) -> Any:
    """A setting as an option that may be left out."""
    default = False if field.default in {None, PydanticUndefined} else str(field.default)
    return Annotated[field.annotation | None, typer.Option(help=field.description, show_default=default)]  # type: ignore[operator]  # the annotation is a type


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* a flag for every setting, in the setting's own words."""
    flags = {name: _flag(field) for name, field in Settings.model_fields.items()}
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=flag)
        for name, flag in flags.items()
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # where `inspect` looks first
    command.__annotations__ = flags
    return command


@with_settings
def serve(**flags: Any) -> None:
    """Serve the API, and train the jobs that it is given.

    Every flag is also an environment variable: `--port` is `NAIVENET_PORT`.
    """
    settings = load_settings(**flags)
    _refuse_open_doors(settings)
    with gc_paused():
        from service.api.app import create_app  # noqa: PLC0415  # likewise
        from service.api.http.request_info import context  # noqa: PLC0415  # likewise
        from service.api.middleware.slow_clients import header_timeout_protocol  # noqa: PLC0415  # likewise
        from service.operations import logs  # noqa: PLC0415  # the other commands need none of it

        app = create_app(settings)
    logs.set_up(settings.log_level, settings.log_format, context=context)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=header_timeout_protocol(settings.head_timeout_s),
        log_config=None,  # its lines go the way of ours
        access_log=False,  # we write our own
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or "",
        timeout_graceful_shutdown=max(1, int(REQUESTS_SHARE * settings.shutdown_grace_s)),
    )
    uvicorn.Server(config).run()


def _refuse_open_doors(settings: Settings) -> None:
    """Others can connect, and nobody would be let in, or everybody: that is asked for by name, or not at all."""
    if settings.is_local or settings.auth == "off":
        return
    from service.composition import compose  # noqa: PLC0415  # only this takes a look before the application does

    with contextlib.closing(compose(settings)) as services:
        if any(key.holds(datetime.now(UTC)) for key in services.keys.all()):
            return
    raise Misconfigured(
        f"With NAIVENET_HOST={settings.host} others than this machine can connect, and there is no key. "
        "Make one with `naivenet keys create NAME`, or set NAIVENET_AUTH=off to let everybody in."
    )


@with_settings
def trainer(**flags: Any) -> None:
    """Train the jobs of an API that runs elsewhere, on the same database and checkpoint store."""
    settings = load_settings(**flags)
    os.environ.update(settings.environment())  # its workers read them there
    from service.training.trainer.__main__ import main  # noqa: PLC0415  # the other commands need none of it

    main(settings)
