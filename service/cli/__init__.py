"""The command line: serve, train, predict, and look after jobs and keys."""

from service.operations.memory import uncollected

with uncollected():
    from service.cli.app import app, main

__all__ = ["app", "main"]
