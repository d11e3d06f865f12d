"""Finds, loads, fills and exports datasets: MNIST, the operator's files, and those of clients.

What reads pictures is in modules of its own, which workers do not import.
"""

from service.jobs.datasets.files import BUILT_IN, available, load, locate
from service.jobs.datasets.finding import (
    check_writable,
    find,
    find_all,
    load_version,
    names,
    page_of_samples,
    resolve,
    versions,
)
from service.jobs.datasets.pictures import LabelledPicture, picture

__all__ = [
    "BUILT_IN",
    "LabelledPicture",
    "available",
    "check_writable",
    "find",
    "find_all",
    "load",
    "load_version",
    "locate",
    "names",
    "page_of_samples",
    "picture",
    "resolve",
    "versions",
]
