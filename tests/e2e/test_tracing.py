"""Traces: from a request into the epochs of the job that it started, as a real receiver gets them."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.conftest import StartServer
from tests.servers import finished, start_job, training, until

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


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
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def named(self, name: str) -> list[Span]:
        """The spans of the trace by that name."""
        return [span for span in self.spans if span.name == name and span.trace_id.hex() == TRACE]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One that listens."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


def test_one_trace_from_the_request_to_the_epochs(
    start_server: StartServer, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's trace holds the request; under the request the worker's training, and under that each epoch."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    server = start_server()
    with server.client() as client:
        client.headers["traceparent"] = f"00-{TRACE}-{PARENT}-01"
        finished(client, start_job(client, epochs=2))
    server.stop()
    until(lambda: receiver.named("train"), what="the worker's span")
    (request,), (train,) = receiver.named("POST /v1/jobs"), receiver.named("train")
    assert request.parent_span_id.hex() == PARENT
    assert train.parent_span_id == request.span_id
    assert [epoch.parent_span_id for epoch in receiver.named("epoch")] == [train.span_id] * 2


def test_a_second_attempt_is_in_the_same_trace(
    start_server: StartServer, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that goes on after a restart of the service has a span for each attempt under the one request."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    server = start_server()
    with server.client() as client:
        client.headers["traceparent"] = f"00-{TRACE}-{PARENT}-01"
        job_id = start_job(client, dataset="mnist", epochs=6)
        training(client, job_id)
    server.stop()
    server.start()
    with server.client() as client:
        finished(client, job_id)
    server.stop()
    until(lambda: len(receiver.named("train")) == 2, what="both spans")
    (request,) = receiver.named("POST /v1/jobs")
    assert {span.parent_span_id for span in receiver.named("train")} == {request.span_id}
    assert len(receiver.named("epoch")) == 6


def test_a_receiver_that_is_down_holds_nothing_up(start_server: StartServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody takes the spans, requests are answered, jobs end, and the service stops."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        server = start_server()
        with server.client() as client:
            assert finished(client, start_job(client, epochs=1))["status"] == "succeeded"
        assert server.stop() == -signal.SIGTERM


def test_nothing_is_loaded_where_nobody_traces() -> None:
    """With no receiver named, a process imports neither OpenTelemetry's SDK nor its exporter."""
    look = "import sys; from service.operations import tracing"
    look += "; assert tracing.start('api') is None; print(tracing.traceparent())"
    look += "; import service.api.app"
    look += (
        "; print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    run = subprocess.run([sys.executable, "-c", look], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["None", "[]"]
