"""What lives as long as the application, and hearing of its end."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import Any, TypedDict

from starlette.concurrency import run_in_threadpool

from service.api.access.api_keys import ApiKeys
from service.api.access.gate import Gate
from service.api.access.rate_limits import RateLimits, StreamLimits
from service.api.live.evaluator import Evaluations
from service.api.live.event_hub import EventHub
from service.api.live.live_weights import LiveWeights
from service.api.supervisor import Supervisor
from service.charts import ChartRenderer
from service.composition import Services, compose
from service.exports.exporter import Exporter
from service.inference.answers.registry import Registry
from service.inference.requests.limits import InputLimits
from service.operations.memory import give_back_large_blocks
from service.settings import Settings, words

logger = logging.getLogger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class State(TypedDict):
    """What lives as long as the application, and reaches routes as ``request.state``."""

    services: Services
    gate: Gate
    registry: Registry
    hub: EventHub
    input_limits: InputLimits
    live_weights: LiveWeights
    exporter: Exporter
    evaluations: Evaluations
    studio: ChartRenderer
    supervisor: Supervisor | None


@asynccontextmanager
async def alive(app: Any) -> AsyncIterator[State]:
    """While inside, all that requests are answered with is there."""
    settings = app.settings
    async with contextlib.AsyncExitStack() as stack:
        give_back_large_blocks()
        services = await run_in_threadpool(compose, settings)
        stack.callback(services.close)
        gate = _gate(services, settings)
        await stack.enter_async_context(gate.keyring.kept_fresh())
        registry = Registry(services.models, services.checkpoints, services.weights)
        await run_in_threadpool(registry.refresh)
        await stack.enter_async_context(_kept_fresh(registry, settings.model_refresh_s))
        hub = EventHub(services.events)
        await stack.enter_async_context(hub.reading())
        supervisor = stack.enter_context(Supervisor(settings)) if settings.trainer else None
        stack.enter_context(on_stop(hub.close, *([supervisor.stop] if supervisor else [])))
        if app.tracing:
            stack.callback(app.tracing.close)
        app.metrics.watch(services, hub)
        studio = ChartRenderer()
        stack.push_async_callback(studio.close)
        gc.freeze()  # what is there now stays: collections need not look at it again
        yield State(
            services=services,
            gate=gate,
            registry=registry,
            hub=hub,
            input_limits=_input_limits(settings),
            live_weights=LiveWeights(services, registry),
            exporter=Exporter(services),
            evaluations=Evaluations(services, registry),
            studio=studio,
            supervisor=supervisor,
        )


@asynccontextmanager
async def _kept_fresh(registry: Registry, interval_s: float) -> AsyncIterator[None]:
    """While inside, aliases that other processes move are noticed."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(interval_s)
            try:
                await run_in_threadpool(registry.refresh)
            except Exception:  # the database may be away for a while; what is loaded goes on answering
                logger.exception("the models could not be looked up")

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _gate(services: Services, settings: Settings) -> Gate:
    return Gate(
        keyring=ApiKeys(services.keys, settings),
        rates=RateLimits(settings.resolved_max_requests_per_s),
        streams=StreamLimits(settings.resolved_max_streams_per_key),
        origins=frozenset(words(settings.cors_origins)),
    )


def _input_limits(settings: Settings) -> InputLimits:
    return InputLimits(max_pixels=settings.max_pixels, max_instances=settings.max_instances)


@contextmanager
def on_stop(*tell: Callable[[], None]) -> Iterator[None]:
    """While inside, call *tell* on the running loop when a signal asks for the end; then the server hears of it.

    In another thread than the main one there are no signals to hear, and the end of the lifespan does it all.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def heard(number: int, frame: FrameType | None) -> None:
        for call in tell:
            loop.call_soon_threadsafe(call)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        elif handler == signal.SIG_DFL:  # no server of ours: end as without us
            signal.signal(number, handler)
            os.kill(os.getpid(), number)

    for number in SIGNALS:
        signal.signal(number, heard)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
