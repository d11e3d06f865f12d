"""Finds, loads, fills and exports datasets: MNIST, the operator's files, and those of clients."""

from service.jobs.datasets.files import BUILT_IN, available, check, load, locate
from service.jobs.datasets.finding import find, find_all, load_version, names, resolve

__all__ = [
    "BUILT_IN",
    "available",
    "check",
    "find",
    "find_all",
    "load",
    "load_version",
    "locate",
    "names",
    "resolve",
]
