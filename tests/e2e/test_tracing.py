"""Traces, as a real OTLP receiver gets them: from a request to the epochs of the job that it started."""

import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.conftest import StartServer
from tests.servers import Server, finished, job_where, start_job, training, until

PARENT = "b7ad6b7169203331"


class Receiver:
    """An OTLP receiver on the loopback interface."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        spans = self.spans

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    spans.extend(span for scope in resource.scope_spans for span in scope.spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def named(self, name: str, trace: str) -> list[Span]:
        """Return the spans of a trace by that name."""
        return [span for span in self.spans if span.name == name and span.trace_id.hex() == trace]

    def wait_for(self, name: str, trace: str, *, count: int) -> list[Span]:
        """Wait until that many spans of a trace by that name have arrived, and return them."""
        until(lambda: len(self.named(name, trace)) >= count, what=f"{count} spans named {name}")
        return self.named(name, trace)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """A receiver that takes all spans."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory, tiny: Path, receiver: Receiver) -> Iterator[Server]:
    """A service that sends its spans to the receiver, ten times a second instead of every five seconds."""
    server = Server(tmp_path_factory.mktemp("traced"), tiny=tiny)
    server.environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    server.start()
    yield server
    server.stop()


@pytest.fixture
def trace() -> str:
    """The id of a new trace."""
    return secrets.token_hex(16)


def test_one_trace_from_the_request_to_the_epochs(traced: Server, receiver: Receiver, trace: str) -> None:
    """The client's trace contains the request, below it the worker's training, and below that each epoch."""
    with traced.client() as client:
        client.headers["traceparent"] = f"00-{trace}-{PARENT}-01"
        finished(client, start_job(client, epochs=2))
    (request,) = receiver.wait_for("POST /v1/jobs", trace, count=1)
    (train,) = receiver.wait_for("train", trace, count=1)
    epochs = receiver.wait_for("epoch", trace, count=2)
    assert request.parent_span_id.hex() == PARENT
    assert train.parent_span_id == request.span_id
    assert [epoch.parent_span_id for epoch in epochs] == [train.span_id] * 2


def test_a_second_attempt_is_in_the_same_trace(traced: Server, receiver: Receiver, trace: str) -> None:
    """A job that was paused and resumed has a span for each attempt below the one request that queued it."""
    with traced.client() as client:
        client.headers["traceparent"] = f"00-{trace}-{PARENT}-01"
        job_id = start_job(client, epochs=1000, checkpoint_every_epochs=1000)
        del client.headers["traceparent"]
        training(client, job_id)
        client.post(f"/v1/jobs/{job_id}/pause")
        job_where(client, job_id, lambda job: job["status"] == "paused")
        client.post(f"/v1/jobs/{job_id}/resume")
        job_where(client, job_id, lambda job: (job["status"], job["attempt"]) == ("running", 2))
        client.post(f"/v1/jobs/{job_id}/cancel")
        finished(client, job_id)
    (request,) = receiver.wait_for("POST /v1/jobs", trace, count=1)
    first, second = receiver.wait_for("train", trace, count=2)
    assert first.parent_span_id == second.parent_span_id == request.span_id
    assert {epoch.parent_span_id for epoch in receiver.named("epoch", trace)} <= {first.span_id, second.span_id}


def test_a_receiver_that_is_down_delays_nothing(start_server: StartServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """If no receiver takes the spans, requests are answered, jobs succeed, and the service stops."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{unused.getsockname()[1]}")
        server = start_server()
        with server.client() as client:
            assert finished(client, start_job(client, epochs=1))["status"] == "succeeded"
        assert server.stop() == 0


def test_without_a_receiver_no_tracing_is_imported() -> None:
    """If no environment variable names a receiver, a process imports neither OpenTelemetry's SDK nor its exporter."""
    program = "import sys; from service.operations import tracing"
    program += "; assert tracing.start('api') is None; print(tracing.traceparent())"
    program += "; import service.api.app"
    program += (
        "; print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["None", "[]"]
