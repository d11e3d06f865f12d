"""Runs several API processes on one port, and one trainer for all: ``naivenet serve --workers 2``."""

import signal
import tempfile
import threading
from contextlib import ExitStack

from service.api.listening import listen
from service.api.siblings import Siblings
from service.api.supervisor import Supervisor, trainer_of
from service.settings import Settings

#: How often the parent writes whether the trainer runs, in seconds.
LOOK_S = 0.25

#: The environment variable by which prometheus_client learns where several processes share their metrics.
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def serve_together(settings: Settings) -> None:
    """Run the processes until SIGTERM or SIGINT. One that dies is restarted.

    Raises:
        Misconfigured: Nothing can listen on the address.
    """
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with ExitStack() as stack:
        memory = stack.enter_context(tempfile.TemporaryFile()).fileno()
        metrics = {METRICS_FOLDER: stack.enter_context(tempfile.TemporaryDirectory())}
        siblings = Siblings(memory, count=settings.workers, index=settings.workers)
        supervisors = [trainer_of(settings)] if settings.trainer else []
        files = [memory, *(stack.enter_context(each).fileno() for each in listen(settings))]
        for index in range(settings.workers):
            command = ["-m", "service.api", str(index), *map(str, files)]
            supervisors.append(Supervisor("API process", command, settings, files=files, environment=metrics))
        for supervisor in supervisors:
            stack.enter_context(supervisor)
        while not stopped.wait(LOOK_S):
            siblings.set_trainer_runs(runs=settings.trainer and supervisors[0].is_running())
        for supervisor in supervisors:
            supervisor.stop()
