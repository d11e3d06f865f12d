"""Runs the application by uvicorn, in this process."""

import socket
from collections.abc import Sequence

import uvicorn
from threadpoolctl import threadpool_limits

from service.api.app import create_app
from service.api.connections import ConnectionLimits, connection_protocol
from service.api.listening import listen, repeated
from service.api.middleware.path_prefix import PathPrefix
from service.api.siblings import Siblings
from service.composition import Services
from service.operations.memory import gc_paused

#: The share of the shutdown time in which requests may still finish; the workers save their jobs meanwhile.
REQUESTS_SHARE = 0.5

#: How many threads multiply a batch. Other requests, API processes and jobs share the cores, and threads of one
#: product wait for each other: with two threads, two processes on two cores answer a fifth as many requests.
BLAS_THREADS = 1


def serve_alone(services: Services) -> None:
    """Serve the API by this process alone, until SIGTERM or SIGINT.

    Raises:
        Misconfigured: Nothing can listen on the settings' address.
    """
    serve(services, Siblings(), listen(services.settings))


def serve(services: Services, siblings: Siblings, sockets: Sequence[socket.socket]) -> None:
    """Serve the API until SIGTERM or SIGINT.

    Args:
        services: The application's services, which are closed at the end.
        siblings: The memory of all API processes of this service.
        sockets: Where to accept connections; they are closed at the end.
    """
    settings = services.settings
    with gc_paused():
        app = create_app(settings, services, siblings)
    threadpool_limits(BLAS_THREADS, user_api="blas")
    limits = ConnectionLimits(
        head_timeout_s=settings.head_timeout_s,
        write_timeout_s=settings.write_timeout_s,
        max_of_one_address=settings.resolved_max_connections_per_address,
        siblings=siblings,
    )
    config = uvicorn.Config(
        PathPrefix(app, prefix=(settings.root_path or "").rstrip("/"), trusted_proxies=settings.trusted_proxies or ""),
        http=connection_protocol(limits),
        log_config=None,  # uvicorn logs through our handlers
        access_log=False,  # `AccessLog` writes it
        server_header=False,
        interface="asgi3",  # uvicorn would guess: `PathPrefix` is no coroutine function
        proxy_headers=False,  # `PathPrefix` contains that middleware
        timeout_keep_alive=settings.keep_alive_s,
        timeout_graceful_shutdown=max(1, int(REQUESTS_SHARE * settings.shutdown_grace_s)),
    )
    uvicorn.Server(config).run(repeated(sockets))
