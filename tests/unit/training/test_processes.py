"""A process of this host is known to have ended; of any other process nothing is known."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.domain.claims import Lease, ProcessName
from service.training.processes import has_ended, have_ended, this_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are named by Linux's /proc")

NAME_ITSELF = """
import json
from dataclasses import asdict
from service.training.processes import this_process
print(json.dumps(asdict(this_process())), flush=True)
input()
"""
NOW = datetime.now(UTC)
NOWHERE = Path("/nowhere")
YEARS_AGO = NOW - timedelta(days=20_000)


@pytest.fixture
def child() -> Iterator[tuple[subprocess.Popen[bytes], ProcessName]]:
    """A process that waits, and its name."""
    with subprocess.Popen(
        [sys.executable, "-c", NAME_ITSELF], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        assert started.stdout
        yield started, ProcessName(**json.loads(started.stdout.readline()))
        started.kill()


def own() -> ProcessName:
    """The name of this process."""
    name = this_process()
    assert name is not None
    return name


def test_a_process_has_ended_when_it_is_killed(child: tuple[subprocess.Popen[bytes], ProcessName]) -> None:
    """It runs, then it is a zombie that its parent has not waited for, then its id is free."""
    process, name = child
    assert not has_ended(name, last_heartbeat=NOW, data_dir=NOWHERE)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # until it has ended; it stays a zombie
    assert has_ended(name, last_heartbeat=NOW, data_dir=NOWHERE)
    process.wait()
    assert has_ended(name, last_heartbeat=NOW, data_dir=NOWHERE)


def test_an_id_that_is_used_again_belongs_to_another_process() -> None:
    """A process that started at another time is another one."""
    assert has_ended(replace(own(), started=1), last_heartbeat=NOW, data_dir=NOWHERE)


@pytest.mark.parametrize("elsewhere", [{"host": "other"}, {"namespace": "pid:[1]"}])
def test_nothing_is_known_about_another_host_or_container(elsewhere: dict[str, str]) -> None:
    """Their process ids mean nothing here."""
    assert not has_ended(replace(own(), started=1, **elsewhere), last_heartbeat=YEARS_AGO, data_dir=NOWHERE)


def test_no_process_survives_a_boot() -> None:
    """A process of an earlier boot has ended; one with a heartbeat since then runs on another host of this name."""
    earlier = replace(own(), boot="earlier")
    assert has_ended(earlier, last_heartbeat=YEARS_AGO, data_dir=NOWHERE)
    assert not has_ended(earlier, last_heartbeat=NOW, data_dir=NOWHERE)
    assert not has_ended(earlier, last_heartbeat=None, data_dir=NOWHERE)


def test_a_claim_has_ended_with_all_its_processes() -> None:
    """While its trainer or its worker runs, or if neither is named, only the lease counts."""
    ended = replace(own(), started=1)
    assert have_ended(Lease(heartbeat_at=NOW, processes=(ended, ended)), data_dir=NOWHERE)
    assert not have_ended(Lease(heartbeat_at=NOW, processes=(ended, own())), data_dir=NOWHERE)
    assert not have_ended(Lease(heartbeat_at=NOW), data_dir=NOWHERE)
