"""The lock of a process shows other containers of the machine that it has ended; without a lock nothing is known."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.domain.claims import ProcessName
from service.training import process_locks
from service.training.process_locks import lock_held, remove_old
from service.training.processes import has_ended, this_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are named by Linux's /proc")

#: A process that names itself as if it ran in another container, holds its lock, and waits.
HOLD = """
import json, pathlib, sys
from dataclasses import asdict, replace
from service.training.process_locks import lock_held
from service.training.processes import this_process
process = replace(this_process(), host="another container", namespace="pid:[1]")
with lock_held(pathlib.Path(sys.argv[1]), process):
    print(json.dumps(asdict(process)), flush=True)
    input()
"""

Child = tuple[subprocess.Popen[bytes], ProcessName]


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    """A process of another container, and its name."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        assert started.stdout
        yield started, ProcessName(**json.loads(started.stdout.readline()))
        started.kill()


def is_known_to_have_ended(process: ProcessName, folder: Path) -> bool:
    """Ask about a process with a recent heartbeat."""
    return has_ended(process, last_heartbeat=datetime.now(UTC), data_dir=folder)


def test_a_killed_process_of_another_container_has_ended(child: Child, tmp_path: Path) -> None:
    """Not before it is killed, and asking twice changes nothing."""
    process, name = child
    assert not is_known_to_have_ended(name, tmp_path)
    process.kill()
    process.wait()
    assert [is_known_to_have_ended(name, tmp_path) for _ in range(2)] == [True, True]


def test_without_the_same_folder_or_boot_nothing_is_known(child: Child, tmp_path: Path) -> None:
    """A lock says nothing about a process that had none in this folder, or that another kernel runs."""
    process, name = child
    process.kill()
    process.wait()
    assert not is_known_to_have_ended(name, tmp_path / "other")
    assert not is_known_to_have_ended(replace(name, pid=name.pid + 1), tmp_path)
    assert not is_known_to_have_ended(replace(name, boot="another machine's"), tmp_path)


def test_a_process_that_ends_in_order_leaves_no_file(child: Child, tmp_path: Path) -> None:
    """Each worker has a lock, so that the files of a day would be many."""
    process, _ = child
    assert len(list((tmp_path / "processes").iterdir())) == 1
    process.communicate(b"\n")
    assert list((tmp_path / "processes").iterdir()) == []


def test_old_files_of_killed_processes_are_deleted(child: Child, tmp_path: Path) -> None:
    """The file of a process that runs stays, however old it is."""
    process, _ = child
    (file,) = (tmp_path / "processes").iterdir()
    os.utime(file, (0, 0))
    remove_old(tmp_path)
    assert file.exists()
    process.kill()
    process.wait()
    remove_old(tmp_path)
    assert not file.exists()


@pytest.mark.parametrize("kind", ["nfs4", "9p", "cifs"])
def test_there_are_no_locks_on_a_network_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """There a lock can be lost while its process runs."""
    monkeypatch.setattr(process_locks, "file_system_type", lambda _: kind)
    with lock_held(tmp_path, this_process()):
        assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_has_no_locks(tmp_path: Path) -> None:
    """The process works without one."""
    with lock_held(tmp_path / "missing", this_process()):
        assert list(tmp_path.iterdir()) == []
