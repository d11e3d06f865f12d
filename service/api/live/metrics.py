"""Prometheus metrics of the API processes, and of the jobs in the database. docs/reference/operations.md lists them."""

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from functools import partial

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from service.api.live.event_hub import EventHub
from service.api.siblings import Siblings
from service.composition import Services
from service.domain.cluster import ClusterSize
from service.domain.job import TERMINAL
from service.store.operations.counters import ENDED, FAILED, FAILED_CALLS, LOST
from service.store.operations.metrics import ServiceMetrics
from service.training import failures

logger = logging.getLogger(__name__)

#: Upper bounds of the latency histogram, in seconds: fine for predictions, and up to the time of a slow export.
BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

#: How long the database's figures are cached, in seconds.
FRESH_S = 2.0

#: Counters in the database: name, description, label, and the label's values, which start at 0.
COUNTERS = {
    ENDED: ("naivenet_jobs_ended", "Jobs that ended, by status.", "status", sorted(TERMINAL)),
    FAILED: ("naivenet_job_failures", "Jobs that failed, by error code.", "code", failures.CODES),
    LOST: ("naivenet_workers_lost", "Workers that were killed or sent no heartbeat in time.", "code", failures.LOST),
    FAILED_CALLS: (
        "naivenet_training_errors",
        "Failed calls of trainers and workers, by the part that failed.",
        "part",
        ["database", "storage"],
    ),
}


class Metrics:
    """The metrics of all API processes; made with the application, before anything is opened.

    Several processes share what they count by prometheus_client's files, which each scrape sums up.
    """

    def __init__(self, siblings: Siblings) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # untyped in the library; it would add a second series to each
        own = CollectorRegistry()
        self._latency = Histogram(
            "naivenet_request_seconds",
            "Time until the response to a request began, by route, method and status.",
            ["route", "method", "status"],
            buckets=BUCKETS_S,
            registry=own,
        )
        self._predictions = Counter(
            "naivenet_predictions",
            "Predicted images, by model and version; both are empty for predictions by checkpoint or by job.",
            ["model", "version"],
            registry=own,
        )
        self._watchers = Gauge(
            "naivenet_watchers", "Open streams and long polls.", registry=own, multiprocess_mode="livesum"
        )
        self._errors = {
            part: Counter(f"naivenet_{part}_errors", f"Calls of the API to the {part} that failed.", registry=own)
            for part in ("database", "storage")
        }
        self._histograms: dict[tuple[str, str, int], Histogram] = {}
        self._counters: dict[tuple[str | None, int | None], Counter] = {}
        self._counted = dict.fromkeys(self._errors, 0)
        self._services: Services | None = None
        self._event_hub: EventHub | None = None
        self.registry = own if siblings.count == 1 else CollectorRegistry()
        if siblings.count > 1:
            MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]  # untyped in the library
        self.registry.register(_ProcessCollector(siblings))

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request. Each series is cached: the library's lookup takes as long as all the rest."""
        try:
            histogram = self._histograms[route, method, status]
        except KeyError:
            histogram = self._histograms[route, method, status] = self._latency.labels(route, method, status)
        histogram.observe(seconds)

    def count_predictions(self, model: str | None, version: int | None, count: int) -> None:
        """Count predicted images."""
        try:
            counter = self._counters[model, version]
        except KeyError:
            counter = self._counters[model, version] = self._predictions.labels(model or "", version or "")
        counter.inc(count)

    def add_service(self, services: Services, event_hub: EventHub) -> None:
        """Publish the metrics of the service's database, storage and event hub too."""
        self._services, self._event_hub = services, event_hub
        self.registry.register(_ServiceCollector(services))

    def publish(self) -> None:
        """Update the metrics that other parts of this process count."""
        if self._services is None or self._event_hub is None:
            return
        self._watchers.set(self._event_hub.subscribers)
        failures = {"database": self._services.database.failures, "storage": self._services.blobs.failures}
        for part, count in failures.items():
            self._errors[part].inc(count - self._counted[part])
        self._counted = failures

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        self.publish()
        return generate_latest(self.registry)


class _ProcessCollector(Collector):
    """Memory, processor time and open files of all API processes together."""

    def __init__(self, siblings: Siblings) -> None:
        self._siblings = siblings

    def collect(self) -> Iterator[Metric]:
        """Yield the sums; of the start times, the first."""
        collectors = [ProcessCollector(pid=partial(int, each), registry=None) for each in self._siblings.processes]
        found = [metrics for each in collectors if (metrics := list(each.collect()))]  # nothing of a dead process
        for first, *others in zip(*found, strict=False):
            values = [each.samples[0].value for each in (first, *others)]
            value = min(values) if "start_time" in first.name else sum(values)
            first.samples = [first.samples[0]._replace(value=value)]
            yield first


class _ServiceCollector(Collector):
    """Metrics that are looked up at each scrape, not counted by this process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.Lock()
        self._cached: ServiceMetrics | None = None
        self._fresh_until = 0.0

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that registering this collector makes no query."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics; those of jobs only while the database is available."""
        metrics = self._service_metrics()
        yield _gauge("naivenet_database_up", "1 if the database is available, else 0.", metrics is not None)
        disks = GaugeMetricFamily("naivenet_disk_free_bytes", "Free disk space, by folder.", labels=["folder"])
        for folder, free in self._services.disks.last_measured().items():
            disks.add_metric([folder], free)
        yield disks
        yield from _job_metrics(metrics) if metrics else ()

    def _service_metrics(self) -> ServiceMetrics | None:
        with self._lock:
            if time.monotonic() >= self._fresh_until:
                self._fresh_until = time.monotonic() + FRESH_S
                try:
                    self._cached = self._services.metrics.read()
                except Exception:  # the scrape must report the failure, not fail itself
                    logger.exception("the metrics could not be read from the database")
                    self._cached = None
            return self._cached


def _job_metrics(metrics: ServiceMetrics) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("naivenet_jobs", "Jobs, by status.", labels=["status"])
    for status, count in metrics.jobs.items():
        jobs.add_metric([status], count)
    yield jobs
    yield _gauge("naivenet_trainers", "Running trainers, on any machine.", metrics.trainers)
    yield _gauge("naivenet_queue_wait_seconds", "How long the first queued job has waited.", metrics.longest_wait_s)
    yield _gauge(
        "naivenet_worker_silence_seconds", "Time since the oldest last heartbeat of a worker.", metrics.silence_s
    )
    yield _gauge(
        "naivenet_samples_per_second", "Training throughput of all running jobs together.", metrics.samples_per_second
    )
    yield _gauge("naivenet_step_seconds", "Duration of a training step of the slowest job.", metrics.step_s)
    for counter, (name, meaning, label, values) in COUNTERS.items():
        family = CounterMetricFamily(name, meaning, labels=[label])
        for value in values:
            family.add_metric([value], metrics.counts.get((counter, value), 0))
        yield family
    yield from _cluster_metrics(metrics.cluster) if metrics.cluster else ()


def _cluster_metrics(cluster: ClusterSize) -> Iterator[Metric]:
    yield _gauge("naivenet_cluster_nodes", "Living nodes of the cluster; 0 while it is away.", cluster.nodes)
    yield _gauge("naivenet_cluster_cpus", "Logical processors of all nodes.", cluster.cpus)
    yield _gauge("naivenet_cluster_cpus_used", "Logical processors that jobs use.", cluster.used_cpus)
    yield _gauge("naivenet_cluster_gpus", "GPUs of all nodes.", cluster.gpus)
    yield _gauge("naivenet_cluster_gpus_used", "GPUs that jobs use.", cluster.used_gpus)
    yield _gauge("naivenet_cluster_pending_jobs", "Submitted jobs whose worker has not begun.", cluster.pending_jobs)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=float(value))
