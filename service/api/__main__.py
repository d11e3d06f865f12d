"""One of several API processes: ``python -m service.api INDEX MEMORY SOCKET…``, started by `service.api.parent`."""

import os
import signal
import socket
import sys
import threading

from prometheus_client.multiprocess import mark_process_dead

from service.api.http.request_info import context
from service.api.server import serve
from service.api.siblings import Siblings
from service.composition import compose
from service.operations import logs
from service.settings import load_settings


def main() -> None:
    """Serve the API on the inherited sockets until a signal, or until the parent process ends."""
    index, memory, *sockets = map(int, sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    settings = load_settings()
    logs.set_up(settings.log_level, settings.log_format, context=context)
    threading.Thread(target=_end_with_parent, daemon=True, name="parent").start()
    siblings = Siblings(memory, count=settings.workers, index=index)
    if replaced := siblings.process:
        mark_process_dead(replaced)  # type: ignore[no-untyped-call]  # untyped in the library; its open streams count no more
    siblings.start()
    serve(compose(settings), siblings, [socket.socket(fileno=number) for number in sockets])


def _end_with_parent() -> None:
    """Stop this process when its parent, which holds the other end of the pipe, has ended in any way."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
