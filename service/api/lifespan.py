"""The application's lifespan: opens the parts that requests need, and closes them at the end."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Protocol

from starlette.concurrency import run_in_threadpool

from service import shipped_network
from service.api.access.api_keys import ApiKeys
from service.api.access.gate import Gate
from service.api.access.rate_limits import RateLimits, StreamLimits
from service.api.background import periodically
from service.api.dependencies import State
from service.api.live.dynamic_batching import DynamicBatching
from service.api.live.evaluator import Evaluations
from service.api.live.event_hub import EventHub
from service.api.live.live_weights import LiveWeights
from service.api.live.metrics import Metrics
from service.api.live.readiness import DISK, Readiness
from service.api.live.registry_refresh import RegistryRefresh
from service.api.siblings import Siblings
from service.api.store_threads import StoreThreads
from service.api.supervisor import trainer_of
from service.charts import ChartRenderer
from service.composition import Services, compose
from service.exports.exporter import Exporter
from service.inference.answers.registry import Registry
from service.inference.limits import InputLimits
from service.operations.memory import return_freed_memory
from service.operations.tracing import Tracing
from service.settings import Settings

SIGNALS = (signal.SIGTERM, signal.SIGINT)

#: The time between two measurements of the free disk space, in seconds.
DISKS_S = 10.0

#: The time between two updates of this process's part of the metrics, in seconds.
METRICS_S = 1.0


class Application(Protocol):
    """What the lifespan needs of the application."""

    settings: Settings
    metrics: Metrics
    stopping: asyncio.Event
    services: Services | None
    siblings: Siblings
    tracing: Tracing | None


@asynccontextmanager
async def lifespan(app: Application) -> AsyncIterator[State]:
    """While inside, the parts that requests need are open."""
    async with AsyncExitStack() as stack:
        return_freed_memory()
        _spool_in(app.settings.data_dir)
        services = stack.enter_context(closing(await _services(app)))
        await run_in_threadpool(shipped_network.register, services)
        state = await _opened(app, services, stack)
        if app.tracing:
            stack.callback(app.tracing.close)
        app.metrics.add_service(services, state["event_hub"])
        if app.siblings.count > 1:
            await stack.enter_async_context(_published(app.metrics))
        gc.freeze()  # these objects live until the end: garbage collections can skip them
        yield state


async def _opened(app: Application, services: Services, stack: AsyncExitStack) -> State:
    """Open the parts that requests need; *stack* closes them."""
    settings = app.settings
    gate = _gate(services, settings, app.siblings)
    await stack.enter_async_context(gate.api_keys.refreshing())
    store_threads = stack.enter_context(closing(StoreThreads()))
    await stack.enter_async_context(_measured_disks(services, store_threads))
    registry = Registry(services.models, services.checkpoints, services.weights)
    registry_refresh = RegistryRefresh(registry, store_threads, app.siblings)
    await stack.enter_async_context(registry_refresh.running(every_s=settings.model_refresh_s))
    event_hub = EventHub(services.events)
    await stack.enter_async_context(event_hub.reading())
    chart_renderer = ChartRenderer()
    stack.push_async_callback(chart_renderer.close)
    return State(
        services=services,
        gate=gate,
        stream_limits=StreamLimits(settings.resolved_max_streams_per_key, app.siblings),
        input_limits=InputLimits(max_pixels=settings.max_pixels, max_instances=settings.max_instances),
        registry=registry,
        registry_refresh=registry_refresh,
        event_hub=event_hub,
        live_weights=LiveWeights(services, registry, store_threads),
        dynamic_batching=DynamicBatching(),
        exporter=Exporter(services, store_threads.run_long),
        evaluations=Evaluations(services, registry, store_threads),
        chart_renderer=chart_renderer,
        metrics=app.metrics,
        trainer_runs=stack.enter_context(_trainer(app, event_hub)),
        store_threads=store_threads,
        bulk_thread=stack.enter_context(closing(StoreThreads(1))),
        datasets_thread=stack.enter_context(closing(StoreThreads(1))),
        readiness=stack.enter_context(closing(_readiness(services))),
    )


def _spool_in(data_dir: Path) -> None:
    """Put temporary files, such as uploads, into the data folder: in a container ``/tmp`` is often in memory."""
    folder = data_dir / "spool"
    with contextlib.suppress(OSError):  # without a data folder, they stay where the platform puts them
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.tempdir = str(folder)


async def _services(app: Application) -> Services:
    """Return the application's services, composed where it has none yet; their outages are errors here."""
    services = app.services
    if services is None:
        services = await run_in_threadpool(compose, app.settings)
    services.database.outages.level = services.blobs.outages.level = logging.ERROR
    return services


def _readiness(services: Services) -> Readiness:
    return Readiness({"database": services.database.ping, "storage": services.blobs.ping, DISK: services.disks.check})


def _gate(services: Services, settings: Settings, siblings: Siblings) -> Gate:
    return Gate(
        api_keys=ApiKeys(services.keys, settings),
        rate_limits=RateLimits(settings.resolved_max_requests_per_s, siblings),
        origins=frozenset(settings.resolved_cors_origins),
    )


@contextmanager
def _trainer(app: Application, event_hub: EventHub) -> Iterator[Callable[[], bool] | None]:
    """While inside, the trainer runs, and a signal ends it and the streams; yield what returns whether it runs."""
    stops = event_hub.close, app.stopping.set
    if not app.settings.trainer:
        with on_stop(*stops):
            yield None
    elif app.siblings.count > 1:  # the parent of the processes supervises the trainer
        with on_stop(*stops):
            yield app.siblings.trainer_runs
    else:
        with trainer_of(app.settings) as supervisor, on_stop(*stops, supervisor.stop):
            yield supervisor.is_running


@asynccontextmanager
async def _published(metrics: Metrics) -> AsyncIterator[None]:
    """While inside, update the metrics of this process now and then: a scrape may reach a sibling."""

    async def publish() -> None:
        metrics.publish()

    async with periodically(publish, every_s=METRICS_S, on_error="the metrics could not be updated"):
        yield


@asynccontextmanager
async def _measured_disks(services: Services, store_threads: StoreThreads) -> AsyncIterator[None]:
    """While inside, measure the free disk space for the metrics: a scrape must not wait for a disk that hangs."""

    async def measure() -> None:
        await store_threads.run_long(services.disks.measure)

    await measure()
    async with periodically(measure, every_s=DISKS_S, on_error="the free disk space could not be measured"):
        yield


@contextmanager
def on_stop(*callbacks: Callable[[], None]) -> Iterator[None]:
    """While inside, a signal that stops the process first runs *callbacks* on the event loop.

    The server handles the signal afterwards: it waits for open connections, and a stream that is not closed never ends.
    Outside the main thread Python delivers no signals; then the end of the lifespan closes everything.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    previous = {number: signal.getsignal(number) for number in SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        for callback in callbacks:
            loop.call_soon_threadsafe(callback)
        handler = previous[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        elif handler == signal.SIG_DFL:  # not under uvicorn: die of the signal, as without this handler
            signal.signal(number, handler)
            os.kill(os.getpid(), number)

    for number in SIGNALS:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
