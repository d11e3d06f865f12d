"""The command line: serve, train, predict, and manage jobs, API keys and backups."""

from service.operations.memory import gc_paused

with gc_paused():
    from service.cli.app import app, main

__all__ = ["app", "main"]
