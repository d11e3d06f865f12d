"""Checks each thing that the service needs, and gives a remedy for each problem."""

import contextlib
import importlib.metadata
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import httpx2

from naivenet import datasets
from naivenet.storage.cache import cache_dir
from service.domain.job import Status
from service.settings import Settings
from service.storage.blobs import BlobStore, digest
from service.storage.disks import Disks
from service.storage.pairing import REMEDY, StorePairing
from service.store.database import HEAD, Database
from service.store.operations.identity import IdentityStore
from service.store.operations.metrics import MetricsStore
from service.store.operations.trainers import ALIVE_S

#: Less free disk space than this is a problem. A checkpoint of the notebook's network takes 5 MB, unpacked MNIST 55 MB.
LEAST_FREE_BYTES = 1_000_000_000

#: The module that checks the cluster, in a layer above this one, and the seconds after which it is ended. It gives up
#: by itself 15 s after it has imported Ray.
CLUSTER_CHECK, CLUSTER_S = "service.training.cluster.check", 60.0


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check.

    Attributes:
        check: The name of the check.
        ok: Whether the service can work with what was found.
        found: What was found.
        remedy: What the operator should do; empty if *ok*.
    """

    check: str
    ok: bool
    found: str
    remedy: str = ""


class Problem(Exception):
    """A check found a problem that has a remedy of its own.

    Args:
        found: What is wrong.
        remedy: What the operator should do.
    """

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found)
        self.remedy = remedy


def examine(settings: Settings) -> list[Finding]:
    """Run all checks, also after one has failed."""
    checks: dict[str, tuple[Callable[[Settings], str], str]] = {
        "data folder": (_data_folder, "Create it and let this user write to it, or set NAIVENET_DATA_DIR."),
        "database": (
            _database,
            "Start the database server, or correct NAIVENET_DATABASE_URL and NAIVENET_DATABASE_PASSWORD.",
        ),
        "migrations": (_migrations, "Repair the database first; its own check shows what is wrong."),
        "trainers": (_trainers, "Start `naivenet serve`; if the API runs without a trainer, start `naivenet trainer`."),
        "cluster": (
            _cluster,
            "Start the cluster, or correct NAIVENET_RAY_ADDRESS; jobs wait until then.",
        ),
        "storage": (_storage, "Correct NAIVENET_STORAGE_URL and NAIVENET_STORAGE_OPTIONS."),
        "pairing": (_pairing, "Repair the database and the storage first; their own checks show what is wrong."),
        "disk": (_disk, "Free disk space: delete jobs or checkpoints, or run `naivenet prune`."),
        "dataset": (_dataset, "Install naivenet again: its dataset file is damaged."),
        "cache": (_cache, "Set NAIVENET_CACHE_DIR to a folder that this user can write to."),
        "tensorflow": (
            _tensorflow,
            "Run `pip install tensorflow-cpu`, or set NAIVENET_TRAINER=false and train on another machine.",
        ),
        "port": (_port, "Set NAIVENET_PORT to a free port, or stop the program that listens on this one."),
    }
    return [_finding(name, check, remedy, settings) for name, (check, remedy) in checks.items()]


def _finding(name: str, check: Callable[[Settings], str], remedy: str, settings: Settings) -> Finding:
    try:
        return Finding(check=name, ok=True, found=check(settings))
    except Problem as problem:
        return Finding(check=name, ok=False, found=str(problem), remedy=problem.remedy)
    except Exception as error:  # noqa: BLE001  # any error is the finding of this check
        return Finding(check=name, ok=False, found=f"{error}" or type(error).__name__, remedy=remedy)


def _data_folder(settings: Settings) -> str:
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    _try_to_write(folder)
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        raise Problem(
            f"{folder} has only {free / 1e9:.1f} GB of free disk space",
            "Free disk space, or set NAIVENET_DATA_DIR to a folder on another disk.",
        )
    return f"{folder}, {free / 1e9:.0f} GB free"


def _database(settings: Settings) -> str:
    with contextlib.closing(Database(settings.resolved_database_url)) as database:
        database.ping()
        return database.name


def _migrations(settings: Settings) -> str:
    with contextlib.closing(Database(settings.resolved_database_url)) as database:
        revision = database.revision()
    if revision is None:
        return f"no tables yet: the first start creates them, at migration {HEAD}"
    if revision > HEAD:
        raise Problem(
            f"the database is at migration {revision}, but this version of naivenet only knows {HEAD}",
            "Start the version of naivenet that migrated it, or a newer one.",
        )
    return revision if revision == HEAD else f"{revision}: the next start migrates the database to {HEAD}"


def _trainers(settings: Settings) -> str:
    with contextlib.closing(Database(settings.resolved_database_url)) as database:
        if database.revision() != HEAD:
            return "not known before the first start, which creates or migrates the tables"
        metrics = MetricsStore(database).read()
    queued = metrics.jobs[Status.QUEUED]
    if queued and not metrics.trainers:
        raise LookupError(f"no trainer sent a heartbeat in the last {ALIVE_S:g} seconds; queued jobs: {queued}")
    return f"running trainers: {metrics.trainers}"


def _cluster(settings: Settings) -> str:
    """Check the cluster in a process of its own, since Ray may wait for minutes; its last line is the finding."""
    if settings.executor == "local":
        return "not needed: jobs run on the trainer's machine"
    command = [sys.executable, "-m", CLUSTER_CHECK]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=CLUSTER_S, check=True)  # noqa: S603  # our own module
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(
            f"The check of the Ray cluster at NAIVENET_RAY_ADDRESS={settings.ray_address} took over {CLUSTER_S:g} s."
        ) from error
    except subprocess.CalledProcessError as error:
        raise OSError(f"the check ended with: {error.stderr.strip().rpartition(chr(10))[2]}") from error
    answer = json.loads(ran.stdout.splitlines()[-1])
    if answer["remedy"]:
        raise Problem(answer["found"], answer["remedy"])
    if answer["remedy"] is not None:
        raise ConnectionError(answer["found"])
    return str(answer["found"])


def _storage(settings: Settings) -> str:
    store, name = BlobStore(settings.resolved_storage_url, settings.resolved_storage_options), f"doctor-{token_hex(8)}"
    store.write(name, b"doctor")
    try:
        store.read(name)
    finally:
        store.delete(name)
    return f"{settings.resolved_storage_url}: a test file was written, read and deleted"


def _pairing(settings: Settings) -> str:
    with contextlib.closing(Database(settings.resolved_database_url)) as database:
        if database.revision() != HEAD:
            return "not known before the first start, which creates or migrates the tables"
        blobs = BlobStore(settings.resolved_storage_url, settings.resolved_storage_options)
        problem = StorePairing(blobs, IdentityStore(database)).problem()
    if problem:
        raise Problem(f"{problem} The sweeper deletes nothing.", REMEDY)
    return "the database and the checkpoint store belong together"


def _disk(settings: Settings) -> str:
    with contextlib.closing(Database(settings.resolved_database_url)) as database:
        blobs = BlobStore(settings.resolved_storage_url, settings.resolved_storage_options)
        folder, least = database.reserve.folder, settings.min_free_bytes
        disks = Disks(database=folder, checkpoints=blobs.folder, data=settings.data_dir, min_free_bytes=least)
    disks.check()
    free = disks.free_bytes()
    if free is None:
        return "the database and the checkpoints are on other machines"
    return f"{free / 1e9:,.1f} GB free for the database and the checkpoints"


def _dataset(_: Settings) -> str:
    mnist = datasets.load()
    for name, expected in datasets.MNIST_SHA256.items():  # load() does not check the unpacked files in the cache
        if digest(getattr(mnist, name).tobytes()) != expected:
            raise Problem(
                f"{name} is damaged: its SHA-256 is not the one of MNIST",
                f"Delete {cache_dir()} and run this again; if the problem stays, install naivenet again.",
            )
    return f"MNIST, {len(mnist.x_train):,} + {len(mnist.x_test):,} images with the right digests"


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
        raise ModuleNotFoundError("TensorFlow is not installed: no job can be trained on this machine")
    return "not installed, and not needed: NAIVENET_TRAINER=false, so no job is trained on this machine"


def _port(settings: Settings) -> str:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError:
            if _is_ours(settings):
                return f"naivenet already listens on port {settings.port}"
            raise
    return f"{settings.host}:{settings.port} is free"


def _is_ours(settings: Settings) -> bool:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    try:
        answer = httpx2.get(f"http://{host}:{settings.port}/health/live", timeout=5)
        return bool(answer.json() == {"status": "live"})
    except (httpx2.HTTPError, ValueError):
        return False


def _try_to_write(folder: Path) -> None:
    test_file = folder / f".doctor-{token_hex(8)}"
    test_file.touch()
    test_file.unlink()
