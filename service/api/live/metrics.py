"""Prometheus metrics: is it healthy, is it slow, who waits. Each API process tells its own; see docs/operations.md."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.api.live.event_hub import EventHub
from service.composition import Services
from service.domain.job import TERMINAL
from service.store.operations.counters import ENDED, FAILED, LOST, UNANSWERED
from service.store.operations.metrics import ServiceMetrics
from service.training import failures

logger = logging.getLogger(__name__)

#: Upper bounds of latencies, in seconds: fine where predictions are, up to what a save or an export may take.
BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

#: For how long what the database said is told again, in seconds.
FRESH_S = 2.0

#: What is counted in the database: name, meaning, label, and its values, which are there at 0 before the first.
COUNTED = {
    ENDED: ("naivenet_jobs_ended", "Jobs that came to their end, by how.", "status", sorted(TERMINAL)),
    FAILED: ("naivenet_job_failures", "Jobs that failed, by the code of their error.", "code", failures.CODES),
    LOST: ("naivenet_workers_lost", "Workers that were killed or fell silent.", "code", failures.LOST),
    UNANSWERED: (
        "naivenet_training_errors",
        "Calls of trainers and workers that were not answered, by what.",
        "part",
        ["database", "storage"],
    ),
}


class Metrics:
    """What one API process counts. Made with the application, before there is anything to count."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no type for it; a second series for each, that nothing here asks for
        self.registry = CollectorRegistry()
        self._latency = Histogram(
            "naivenet_request_seconds",
            "Time until the answer to a request began, by route, method and status.",
            ["route", "method", "status"],
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self._predictions = Counter(
            "naivenet_predictions",
            "Pictures that were read, by model and version; both empty where a checkpoint or a job answered.",
            ["model", "version"],
            registry=self.registry,
        )
        self._histograms: dict[tuple[str, str, int], Histogram] = {}
        self._counters: dict[tuple[str | None, int | None], Counter] = {}
        ProcessCollector(registry=self.registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request. Its series is looked up once: the library takes as long for that as for all the rest."""
        try:
            histogram = self._histograms[route, method, status]
        except KeyError:
            histogram = self._histograms[route, method, status] = self._latency.labels(route, method, status)
        histogram.observe(seconds)

    def predicted(self, model: str | None, version: int | None, count: int) -> None:
        """Count pictures that were read."""
        try:
            counter = self._counters[model, version]
        except KeyError:
            counter = self._counters[model, version] = self._predictions.labels(model or "", version or "")
        counter.inc(count)

    def watch(self, services: Services, hub: EventHub) -> None:
        """Tell also of these from now on."""
        self.registry.register(_Surroundings(services, hub))


class _Surroundings(Collector):
    """What is not counted here but looked up when it is asked for."""

    def __init__(self, services: Services, hub: EventHub) -> None:
        self._services, self._hub = services, hub
        self._one_at_a_time = threading.Lock()
        self._seen: ServiceMetrics | None = None
        self._fresh_until = 0.0

    def describe(self) -> Iterable[Metric]:
        """Nothing: so that registering does not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """All that can be told; of jobs nothing while the database is away."""
        figures = self._figures()
        yield _gauge("naivenet_database_up", "Whether the database answers.", figures is not None)
        yield _gauge("naivenet_watchers", "Streams and long polls that are open here.", self._hub.watchers)
        failure_counts = {"database": self._services.database.failures, "storage": self._services.blobs.failures}
        for part, count in failure_counts.items():
            meaning = f"Calls of this process that the {part} did not answer."
            yield CounterMetricFamily(f"naivenet_{part}_errors", meaning, value=count)
        yield from _of_jobs(figures) if figures else ()

    def _figures(self) -> ServiceMetrics | None:
        with self._one_at_a_time:
            if time.monotonic() >= self._fresh_until:
                self._fresh_until = time.monotonic() + FRESH_S
                try:
                    self._seen = self._services.figures.look()
                except Exception:  # the scrape is to tell of it, not to fail with it
                    logger.exception("the figures could not be read")
                    self._seen = None
            return self._seen


def _of_jobs(figures: ServiceMetrics) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("naivenet_jobs", "Jobs that there are, by status.", labels=["status"])
    for status, count in figures.jobs.items():
        jobs.add_metric([status], count)
    yield jobs
    yield _gauge("naivenet_trainers", "Trainers that showed themselves lately, wherever they run.", figures.trainers)
    yield _gauge("naivenet_queue_wait_seconds", "How long the first in the queue has waited.", figures.longest_wait_s)
    yield _gauge("naivenet_worker_silence_seconds", "Since the stalest worker was last heard.", figures.silence_s)
    yield _gauge("naivenet_samples_per_second", "Of all jobs that train.", figures.samples_per_second)
    yield _gauge("naivenet_step_seconds", "How long a step of the slowest job takes.", figures.step_s)
    for counted, (name, meaning, label, values) in COUNTED.items():
        family = CounterMetricFamily(name, meaning, labels=[label])
        for value in values:
            family.add_metric([value], figures.counts.get((counted, value), 0))
        yield family


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=float(value))
