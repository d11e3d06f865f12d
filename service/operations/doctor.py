"""Looks at each thing that the service needs, and says what to do about what is wrong."""

import contextlib
import importlib.metadata
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import httpx

from naivenet import datasets
from naivenet.storage.cache import cache_dir
from service.domain.job import Status
from service.settings import Settings
from service.storage.blobs import BlobStore, digest
from service.store.database import HEAD, Database
from service.store.operations.metrics import MetricsStore
from service.store.operations.trainers import ALIVE_S

#: Less room than this is told, in bytes: a checkpoint of the notebook's network has 5 MB, and MNIST unpacked 55 MB.
LEAST_ROOM = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found of one thing.

    Attributes:
        check: The thing.
        ok: Whether the service can work with it.
        found: What it is.
        remedy: What to do; empty where all is well.
    """

    check: str
    ok: bool
    found: str
    remedy: str = ""


class Ill(Exception):
    """Something is wrong.

    Args:
        found: What.
        remedy: What to do about it.
    """

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found)
        self.remedy = remedy


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; what fails keeps nothing else from being looked at."""
    checks: dict[str, tuple[Callable[[Settings], str], str]] = {
        "data folder": (_data_folder, "Make it, and let this user write there, or set NAIVENET_DATA_DIR."),
        "database": (_database, "Start the server, or correct NAIVENET_DATABASE_URL and NAIVENET_DATABASE_PASSWORD."),
        "migrations": (_migrations, "Mend the database first."),
        "trainers": (_trainers, "Start `naivenet serve`, or `naivenet trainer` beside an API that has none."),
        "storage": (_storage, "Correct NAIVENET_STORAGE_URL and NAIVENET_STORAGE_OPTIONS."),
        "dataset": (_dataset, "Install naivenet again: its file is damaged."),
        "cache": (_cache, "Set NAIVENET_CACHE_DIR to a folder that this user can write."),
        "tensorflow": (_tensorflow, "pip install tensorflow-cpu; or set NAIVENET_TRAINER=false, and train elsewhere."),
        "port": (_port, "Set NAIVENET_PORT to another, or end what listens there."),
    }
    return [_finding(check, look, remedy, settings) for check, (look, remedy) in checks.items()]


def _finding(check: str, look: Callable[[Settings], str], remedy: str, settings: Settings) -> Finding:
    try:
        return Finding(check=check, ok=True, found=look(settings))
    except Ill as ill:
        return Finding(check=check, ok=False, found=str(ill), remedy=ill.remedy)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is what was found
        return Finding(check=check, ok=False, found=f"{error}" or type(error).__name__, remedy=remedy)


def _data_folder(settings: Settings) -> str:
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    _try_to_write(folder)
    free = shutil.disk_usage(folder).free
    if free < LEAST_ROOM:
        raise Ill(f"{folder} has {free / 1e9:.1f} GB left", "Make room, or set NAIVENET_DATA_DIR to another disk.")
    return f"{folder}, {free / 1e9:.0f} GB free"


def _database(settings: Settings) -> str:
    with contextlib.closing(Database(settings.resolved_database_url)) as database:
        database.ping()
        return database.name


def _migrations(settings: Settings) -> str:
    with contextlib.closing(Database(settings.resolved_database_url)) as database:
        revision = database.revision()
    if revision is None:
        return f"none yet: the first start makes the tables, at {HEAD}"
    if revision > HEAD:
        raise Ill(f"{revision}, and this naivenet knows {HEAD}", "Start the version that made it, or a newer one.")
    return revision if revision == HEAD else f"{revision}: the next start brings it to {HEAD}"


def _trainers(settings: Settings) -> str:
    with contextlib.closing(Database(settings.resolved_database_url)) as database:
        if database.revision() != HEAD:
            return "nobody knows before the first start"
        figures = MetricsStore(database).read()
    waiting = figures.jobs[Status.QUEUED]
    if waiting and not figures.trainers:
        raise LookupError(f"none was seen for {ALIVE_S:g} seconds, and {waiting} jobs wait")
    return f"{figures.trainers} at work"


def _storage(settings: Settings) -> str:
    store, name = BlobStore(settings.resolved_storage_url, settings.resolved_storage_options), f"doctor-{token_hex(8)}"
    store.write(name, b"a try")
    try:
        store.read(name)
    finally:
        store.delete(name)
    return f"{settings.resolved_storage_url}: written, read and deleted"


def _dataset(_: Settings) -> str:
    mnist = datasets.load()
    for name, wanted in datasets.MNIST_SHA256.items():  # also where it came out of the cache, unpacked
        if digest(getattr(mnist, name).tobytes()) != wanted:
            raise Ill(f"{name} is not MNIST's", f"Remove {cache_dir()}; if it stays so, install naivenet again.")
    return f"MNIST, {len(mnist.x_train):,} + {len(mnist.x_test):,} images, its digests are right"


def _cache(settings: Settings) -> str:
    folder = settings.cache_dir or cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    _try_to_write(folder)
    return str(folder)


def _tensorflow(settings: Settings) -> str:
    names = ("tensorflow-cpu", "tensorflow")
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            return f"{name} {importlib.metadata.version(name)}"
    if settings.trainer:
        raise ModuleNotFoundError("it is not installed, and nothing can train here")
    return "not installed, and not needed: the trainer is elsewhere"


def _port(settings: Settings) -> str:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError:
            if _is_ours(settings):
                return f"{settings.port}: naivenet listens there"
            raise
    return f"{settings.host}:{settings.port} is free"


def _is_ours(settings: Settings) -> bool:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        answer = httpx.get(f"http://{host}:{settings.port}/health/live", timeout=5)
        return bool(answer.json() == {"status": "live"})
    except (httpx.HTTPError, ValueError):
        return False


def _try_to_write(folder: Path) -> None:
    trial = folder / f".doctor-{token_hex(8)}"
    trial.touch()
    trial.unlink()
