"""Compares training libraries: each trains in its own process, in turns, so that noise affects all of them alike."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parent.parent

_TIMEOUT_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A way of training that is compared.

    Attributes:
        label: Its name in the table.
        module: Its module in `bench.peers`.
        function: The function in it that prepares a run.
        package: The package that it needs, by its import name.
        optimizer: Its optimizer.
    """

    label: str
    module: str
    function: str
    package: str = "numpy"
    optimizer: str = "sgd"


@dataclass(kw_only=True)
class Timings:
    """What was measured of a peer.

    Attributes:
        epoch_s: Seconds an epoch, for each round.
        peak_mb: Peak memory of its process.
        first_loss_s: Seconds from the end of its imports to its first loss.
        start_s: Seconds from the start of its process to its first loss.
    """

    epoch_s: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    first_loss_s: float = 0.0
    start_s: float = 0.0


class PeerProcess:
    """A peer's process, which lives as long as the ``with`` block."""

    def __init__(self, peer: Peer, python: str) -> None:
        self.result = Timings()
        self._command = [python, "-m", "bench.peer", peer.module, peer.function, peer.optimizer]

    def __enter__(self) -> Self:
        """Start it, and wait for its first loss."""
        began = time.perf_counter()
        self._stderr = tempfile.TemporaryFile("w+")
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._stderr}
        self._process = subprocess.Popen(self._command, text=True, cwd=ROOT, **streams)
        self.result.first_loss_s = self._answer()["first_loss_s"]
        self.result.start_s = time.perf_counter() - began
        return self

    def train(self, epochs: int) -> None:
        """Have it train, and record the time and memory."""
        self._process.stdin.write(f"{epochs}\n")
        self._process.stdin.flush()
        answer = self._answer()
        self.result.epoch_s.append(answer["seconds"] / epochs)
        self.result.peak_mb = answer["peak_mb"]

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close its input, which ends it."""
        self._stderr.close()
        self._process.stdin.close()
        try:
            self._process.wait(_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> Mapping[str, float]:
        line = self._process.stdout.readline()
        if not line:
            self._stderr.seek(0)
            raise RuntimeError(f"{' '.join(self._command)} ended:\n{self._stderr.read()[-2000:]}")
        answer: Mapping[str, float] = json.loads(line)
        return answer


def compare(peers: Sequence[Peer], *, rounds: int, epochs: int, pythons: Sequence[str]) -> dict[Peer, Timings]:
    """Have peers train in turns; skip a peer whose package is in none of *pythons*."""
    with ExitStack() as stack:
        processes: dict[Peer, PeerProcess] = {}
        for peer in peers:
            if python := python_with(peer.package, pythons):
                print(f"  starts: {peer.label}, {peer.optimizer}", flush=True)
                processes[peer] = stack.enter_context(PeerProcess(peer, python))
        for number in range(1, rounds + 1):
            print(f"  round {number} of {rounds}", flush=True)
            for process in processes.values():
                process.train(epochs)
        return {peer: process.result for peer, process in processes.items()}


def interpreters(others: str | None) -> list[str]:
    """Return this interpreter, and one of another environment that has the peers."""
    return [sys.executable, *([others] if others else [])]


def python_with(package: str, pythons: Sequence[str]) -> str | None:
    """Return the first interpreter that can import *package*."""
    check = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return next(
        (python for python in pythons if subprocess.run([python, "-c", check], check=False).returncode == 0), None
    )
