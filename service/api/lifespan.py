"""Hears of the end as soon as it is asked for: a server first waits for its connections, and a stream never ends."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


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
