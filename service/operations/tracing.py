"""OpenTelemetry, where it is configured: one trace from a request to the epochs of the job that it started.

It is off unless one of the standard variables names a receiver: until then neither SDK nor exporter is imported. The
context travels in the job's row as a W3C ``traceparent``: so it outlives the queue, restarts and attempts.
"""

import os
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from service.errors import Misconfigured

#: Each names a receiver; without any nothing is traced.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

#: So long a process that ends waits for a receiver to take its last spans: a worker's place is wanted by the next job.
LAST_SPANS_S = 2.0

_HEADER = "traceparent"


def is_wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment says where traces go."""
    switched_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not switched_off and any(environment.get(name) for name in ENDPOINTS)


def start(role: str) -> "Tracing | None":
    """Trace from now on in this process; None where nobody wants it. After a fork, in the child: it starts a thread.

    Raises:
        Misconfigured: Traces are wanted, and the extra ``otel`` is not installed.
    """
    return Tracing(role) if is_wanted() else None


class Tracing:
    """Writes spans.

    Args:
        role: Which of the service's processes this is.
    """

    def __init__(self, role: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # extra
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  # likewise
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # likewise
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # likewise
        except ImportError as error:
            raise Misconfigured(f"{' or '.join(ENDPOINTS)} is set: pip install 'naivenet[otel]'.") from error
        about = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "naivenet"), "naivenet.role": role}
        self._provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        self._exporter = OTLPSpanExporter()
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("naivenet")

    def span(
        self, name: str, *, parent: str | None = None, is_request: bool = False, **attributes: Any
    ) -> AbstractContextManager[Any]:
        """A span around what is inside, under *parent* where that is a ``traceparent``, else under the present one."""
        from opentelemetry.trace import SpanKind  # noqa: PLC0415  # only who traces has it

        kind = SpanKind.SERVER if is_request else SpanKind.INTERNAL
        context = _context_of(parent) if parent else None
        return self._tracer.start_as_current_span(name, context, kind, attributes=attributes)

    def ended(self, name: str, *, seconds: float, **attributes: Any) -> None:
        """A span that ends now and began *seconds* ago, under the present one."""
        now = time.time_ns()
        self._tracer.start_span(name, start_time=now - int(seconds * 1e9), attributes=attributes).end(now)

    def close(self) -> None:
        """Send what is still here; if nobody takes it, give up after LAST_SPANS_S."""
        giving_up = threading.Timer(LAST_SPANS_S, self._exporter.shutdown)
        giving_up.start()
        self._provider.shutdown()
        giving_up.cancel()


def traceparent() -> str | None:
    """The present span, as it is written into a job's row; None outside of any."""
    if not is_wanted():
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415  # extra

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(_HEADER)


def _context_of(parent: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415  # extra

    return TraceContextTextMapPropagator().extract({_HEADER: parent})
