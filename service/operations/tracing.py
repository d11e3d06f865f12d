"""Traces with OpenTelemetry: one trace leads from a request to the epochs of the job that it started.

Tracing is off unless one of the standard variables has the address of a collector; until then neither the SDK nor the
exporter is imported. The job's row keeps the trace context as a W3C ``traceparent``, so it survives the queue, restarts
and new attempts.
"""

import os
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from service.errors import Misconfigured

#: The variables with a collector's address; if none is set, tracing is off.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

#: How long an ending process tries to send its last spans, in seconds. It is short because the next job may wait for
#: this worker to end.
LAST_SPANS_S = 2.0

_HEADER = "traceparent"


def is_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether the environment has a collector's address and does not switch tracing off."""
    switched_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not switched_off and any(environment.get(name) for name in ENDPOINTS)


def start(role: str) -> "Tracing | None":
    """Start tracing in this process; return None if tracing is off.

    It starts a thread, and threads do not survive a fork: a forked process must call this itself.

    Raises:
        Misconfigured: Tracing is on, but the extra ``otel`` is not installed.
    """
    return Tracing(role) if is_wanted() else None


class Tracing:
    """Records spans and sends them to the collector.

    Args:
        role: The role of this process in the service, such as the API or a worker.
    """

    def __init__(self, role: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # of an extra
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  # likewise
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # likewise
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # likewise
        except ImportError as error:
            raise Misconfigured(
                f"{' or '.join(ENDPOINTS)} is set, but OpenTelemetry is not installed: pip install 'naivenet[otel]'."
            ) from error
        about = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "naivenet"), "naivenet.role": role}
        self._provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        self._exporter = OTLPSpanExporter()
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("naivenet")

    def span(
        self, name: str, *, parent: str | None = None, is_request: bool = False, **attributes: Any
    ) -> AbstractContextManager[Any]:
        """Return a span as a context manager. Its parent is the ``traceparent`` *parent*, or else the current span."""
        from opentelemetry.trace import SpanKind  # noqa: PLC0415  # of an extra

        kind = SpanKind.SERVER if is_request else SpanKind.INTERNAL
        context = _context_of(parent) if parent else None
        return self._tracer.start_as_current_span(name, context, kind, attributes=attributes)

    def ended(self, name: str, *, seconds: float, **attributes: Any) -> None:
        """Record a span that began *seconds* ago and ends now, as a child of the current span."""
        now = time.time_ns()
        self._tracer.start_span(name, start_time=now - int(seconds * 1e9), attributes=attributes).end(now)

    def close(self) -> None:
        """Send the remaining spans; give up after LAST_SPANS_S if the collector does not take them."""
        timeout = threading.Timer(LAST_SPANS_S, self._exporter.shutdown)
        timeout.start()
        self._provider.shutdown()
        timeout.cancel()


def traceparent() -> str | None:
    """Return the current span as a W3C ``traceparent``, for a job's row; None if there is no span."""
    if not is_wanted():
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415  # extra

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(_HEADER)


def _context_of(parent: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415  # extra

    return TraceContextTextMapPropagator().extract({_HEADER: parent})
