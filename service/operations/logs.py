"""Sets up structured logging for a process: readable text in a terminal, JSON elsewhere, one format for all loggers.

Modules log with the standard library and do not import this module. A log line about a job has
``extra={"job_id": …}``. A context function adds the fields that every line has, such as the request's id or a worker's
job. The access log calls structlog directly, which takes a fifth of the time.
"""

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor

Form = Literal["auto", "json", "text"]

#: Returns the fields that every log line gets; it is called for each line.
Context = Callable[[], Mapping[str, str | int | None]]


def set_up(level: str, form: Form, *, context: Context | None = None, stream: TextIO | None = None) -> None:
    """Configure this process to log messages of *level* and above to standard error, or to *stream*."""
    out = stream or sys.stderr
    as_text = form == "text" or (form == "auto" and out.isatty())
    rendered: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dumped)]
    if as_text:
        rendered = [structlog.dev.ConsoleRenderer(colors=out.isatty(), timestamp_key="time")]
    common: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _adding(context or dict),
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(_formatter(common, rendered))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    structlog.configure(
        processors=[*common, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
    )


def _formatter(common: list[Processor], rendered: list[Processor]) -> logging.Formatter:
    """Return the formatter that gives lines of the standard library's loggers, also uvicorn's, the same format."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(), *common],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _without_colors, *rendered],
    )


def _adding(context: Context) -> Processor:
    def add(_: Any, __: str, event: EventDict) -> EventDict:
        for name, value in context().items():
            if value is not None:
                event.setdefault(name, value)
        return event

    return add


def _without_colors(_: Any, __: str, event: EventDict) -> EventDict:
    """Drop the coloured message that uvicorn adds for its own formatter."""
    event.pop("color_message", None)
    return event


def _dumped(event: Any, default: Callable[[Any], Any]) -> str:
    """Return one line of JSON; escape characters that JSON cannot hold, such as a lone surrogate from a client."""
    try:
        return orjson.dumps(event, default=default).decode()
    except TypeError:
        readable = {name: str(value).encode("utf-8", "backslashreplace").decode() for name, value in event.items()}
        return orjson.dumps(readable).decode()
