"""``naivenet serve``: runs the API and a trainer. ``naivenet trainer``: runs a trainer for an API elsewhere."""

import inspect
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from service.errors import Misconfigured
from service.operations.memory import gc_paused
from service.settings import Settings, load_settings

if TYPE_CHECKING:
    from service.composition import Services


def _flag(field: FieldInfo) -> Any:
    """Return the type of a setting's optional flag."""
    default = False if field.default in {None, PydanticUndefined} else str(field.default)
    return Annotated[field.annotation | None, typer.Option(help=field.description, show_default=default)]  # type: ignore[operator]  # the annotation is always a type


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give *command* a flag for every setting, with the setting's description as its help."""
    flags = {name: _flag(field) for name, field in Settings.model_fields.items()}
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=flag)
        for name, flag in flags.items()
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # `inspect` reads this attribute first
    command.__annotations__ = flags
    return command


@with_settings
def serve(**flags: Any) -> None:
    """Run the API and a trainer for its jobs.

    Every flag is also an environment variable: `--port` is `NAIVENET_PORT`.
    """
    settings = load_settings(**flags)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # while the start waits, and once uvicorn has ended cleanly
    with gc_paused():
        from service.api.http.request_info import context  # noqa: PLC0415  # the other commands do not need it
        from service.composition import compose  # noqa: PLC0415  # likewise
        from service.operations import logs  # noqa: PLC0415  # likewise

    logs.set_up(settings.log_level, settings.log_format, context=context)
    services = compose(settings)  # before uvicorn starts: it would log an error here as a traceback
    _refuse_unprotected(settings, services)
    if settings.workers == 1:
        with gc_paused():
            from service.api.server import serve_alone  # noqa: PLC0415  # the parent of several does not need it

        serve_alone(services)
        return
    from service.api.parent import serve_together  # noqa: PLC0415  # only several processes need it

    services.close()  # they open their own
    serve_together(settings)


def _refuse_unprotected(settings: Settings, services: "Services") -> None:
    """Refuse to start if other machines can connect and there is no valid API key, unless NAIVENET_AUTH is off."""
    if settings.is_local or settings.auth == "off":
        return
    from service.store.retry import retry_while_unavailable  # noqa: PLC0415  # the other commands do not need it

    keys = retry_while_unavailable(services.keys.all)()
    if any(key.holds(datetime.now(UTC)) for key in keys):
        return
    raise Misconfigured(
        f"With NAIVENET_HOST={settings.host} other machines can connect, but there is no valid API key. "
        "Create one with `naivenet keys create NAME`, or set NAIVENET_AUTH=off to allow access without a key."
    )


@with_settings
def trainer(**flags: Any) -> None:
    """Run a trainer for the jobs of an API elsewhere, with the same database and checkpoint store."""
    settings = load_settings(**flags)
    os.environ.update(settings.environment())  # its workers read their settings from the environment
    from service.training.trainer.__main__ import main  # noqa: PLC0415  # the other commands do not need it

    main(settings)
