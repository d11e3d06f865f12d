"""Runs a trainer as a process: ``python -m service.training.trainer``."""

import os
import signal
import sys
import threading
from collections.abc import Callable

from service.composition import Services, compose
from service.operations import logs
from service.settings import Settings, load_settings
from service.training.cluster.connection import load_ray
from service.training.process_locks import lock_held, remove_old
from service.training.processes import this_process
from service.training.trainer import STOP_WITH_STDIN
from service.training.trainer.executors import Executor, LocalProcesses
from service.training.trainer.trainer import Trainer
from service.webhooks.sender import Sender


def main(settings: Settings | None = None) -> None:
    """Run a trainer and the webhook sender until SIGTERM or SIGINT, or until the parent process ends."""
    stopped = threading.Event()
    _on_signals(sys.exit)  # the database may start after this process, which waits for it
    settings = settings or load_settings()
    logs.set_up(settings.log_level, settings.log_format)
    services = compose(settings)
    executor = _executor(services)
    _on_signals(stopped.set)
    threading.Thread(target=executor.warm_up, daemon=True, name="warm-up").start()
    if STOP_WITH_STDIN in sys.argv:
        threading.Thread(target=_wait_for_end_of_stdin, args=(stopped,), daemon=True, name="parent").start()
    remove_old(settings.data_dir)
    try:
        with lock_held(settings.data_dir, this_process()), Sender(services.outbox, settings):
            Trainer(services, executor).run(stopped)
    finally:
        services.close()


def _executor(services: Services) -> Executor:
    """Return the executor that the settings choose.

    Raises:
        Misconfigured: Ray is to be used and is not installed.
    """
    if services.settings.executor == "local":
        return LocalProcesses(services.settings.max_running_jobs)
    load_ray()
    from service.training.trainer.ray_executor import RayExecutor  # noqa: PLC0415  # imports Ray

    return RayExecutor(services)


def _on_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def _wait_for_end_of_stdin(stopped: threading.Event) -> None:
    """Set *stopped* when the parent process, which holds the other end of the pipe, has ended in any way."""
    while os.read(sys.stdin.fileno(), 1024):  # not sys.stdin's buffer, whose lock would delay the exit
        pass
    stopped.set()


if __name__ == "__main__":
    main()
