"""Lets peers train in turn, each in a process that stays: what disturbs the machine disturbs all of them alike."""

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

_PATIENCE_S = 30.0


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Somebody who takes part.

    Attributes:
        label: What the table calls it.
        module: Its module in `bench.peers`.
        function: The one in it that prepares a run.
        package: What it needs to be installed, by the name that is imported.
        optimizer: Its rule, and what the table says of it.
    """

    label: str
    module: str
    function: str
    package: str = "numpy"
    optimizer: str = "sgd"


@dataclass(kw_only=True)
class Result:
    """What a peer took.

    Attributes:
        epoch_s: Seconds an epoch, for each round.
        peak_mb: The most memory that its process ever had.
        first_loss_s: Seconds from its imports being done to its first loss.
        start_s: Seconds from the start of its process to its first loss.
    """

    epoch_s: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    first_loss_s: float = 0.0
    start_s: float = 0.0


class Contestant:
    """A peer's process, for the length of a ``with`` block."""

    def __init__(self, peer: Peer, python: str) -> None:
        self.result = Result()
        self._command = [python, "-m", "bench.peer", peer.module, peer.function, peer.optimizer]

    def __enter__(self) -> Self:
        """Start it, and wait for its first loss."""
        began = time.perf_counter()
        self._said = tempfile.TemporaryFile("w+")
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._said}
        self._process = subprocess.Popen(self._command, text=True, cwd=ROOT, **streams)
        self.result.first_loss_s = self._answer()["first_loss_s"]
        self.result.start_s = time.perf_counter() - began
        return self

    def train(self, epochs: int) -> None:
        """Let it train, and note what that took."""
        self._process.stdin.write(f"{epochs}\n")
        self._process.stdin.flush()
        answer = self._answer()
        self.result.epoch_s.append(answer["seconds"] / epochs)
        self.result.peak_mb = answer["peak_mb"]

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End it: its input ends, and it goes."""
        self._said.close()
        self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> Mapping[str, float]:
        line = self._process.stdout.readline()
        if not line:
            self._said.seek(0)
            raise RuntimeError(f"{' '.join(self._command)} ended:\n{self._said.read()[-2000:]}")
        answer: Mapping[str, float] = json.loads(line)
        return answer


def hold(peers: Sequence[Peer], *, rounds: int, epochs: int, pythons: Sequence[str]) -> dict[Peer, Result]:
    """Let *peers* train in turn; those whose package none of *pythons* has are left out."""
    with ExitStack() as stack:
        contestants: dict[Peer, Contestant] = {}
        for peer in peers:
            if python := python_with(peer.package, pythons):
                print(f"  starts: {peer.label}, {peer.optimizer}", flush=True)
                contestants[peer] = stack.enter_context(Contestant(peer, python))
        for number in range(1, rounds + 1):
            print(f"  round {number} of {rounds}", flush=True)
            for contestant in contestants.values():
                contestant.train(epochs)
        return {peer: contestant.result for peer, contestant in contestants.items()}


def interpreters(others: str | None) -> list[str]:
    """This interpreter, and one whose environment has what this one's had better not have."""
    return [sys.executable, *([others] if others else [])]


def python_with(package: str, pythons: Sequence[str]) -> str | None:
    """The first interpreter that has *package*, by the name that is imported."""
    look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return next(
        (python for python in pythons if subprocess.run([python, "-c", look], check=False).returncode == 0), None
    )
