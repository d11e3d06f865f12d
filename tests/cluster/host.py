"""A process that runs the nodes of a Ray cluster: ``python -m tests.cluster.host PORT FOLDER``.

It starts and stops them with Ray's own `Cluster`, as the lines of its standard input say: one JSON object each. It
answers each with a line, `done` or `failed`, and ends its nodes when the input ends.
"""

import json
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ray.cluster_utils import Cluster

#: The smallest object store that Ray accepts, in bytes: jobs put nothing into it.
OBJECT_STORE_BYTES = 80_000_000

HEAD = "head"


class Nodes:
    """The nodes of one cluster, by name.

    Args:
        port: The head's port.
        folder: Where Ray makes a folder for its logs and sockets. Its path must be short: it is a part of a socket's.
    """

    def __init__(self, port: int, folder: Path) -> None:
        os.environ["RAY_TMPDIR"] = str(folder)
        (folder / "ray").mkdir()  # Ray's `Cluster` writes the head's address there, and does not make the folder
        self._head = {"gcs_server_port": port, "include_dashboard": False, "no_monitor": True}
        self._cluster = Cluster()
        self._nodes: dict[str, Any] = {}

    def start(self, name: str, cpus: float, environment: Mapping[str, str]) -> None:
        """Start a node; its processes have the *environment* and no other variables of naivenet."""
        for variable in [each for each in os.environ if each.startswith("NAIVENET_")]:
            del os.environ[variable]
        os.environ.update(environment)
        options = {"num_cpus": cpus, "object_store_memory": OBJECT_STORE_BYTES, "include_log_monitor": False}
        if name == HEAD:
            self._nodes[name] = self._cluster.add_node(**options, **self._head)
        else:
            self._nodes[name] = self._cluster.add_node(**options, node_name=name)

    def stop(self, name: str) -> None:
        """Kill what is left of a node."""
        self._cluster.remove_node(self._nodes.pop(name), allow_graceful=False)

    def stop_all(self) -> None:
        """Kill all nodes, the head as the last."""
        for name in sorted(self._nodes, key=lambda name: name == HEAD):
            self.stop(name)


def main() -> None:
    """Do what the lines say until the input ends."""
    port, folder = sys.argv[1:]
    nodes = Nodes(int(port), Path(folder))
    answers, sys.stdout = sys.stdout, sys.stderr  # Ray prints
    try:
        for line in sys.stdin:
            command = json.loads(line)
            try:
                {"start": nodes.start, "stop": nodes.stop}[command.pop("do")](**command)
            except Exception:  # noqa: BLE001  # Ray raises nothing better if a node takes long, as on a busy machine
                traceback.print_exc()
                print("failed", file=answers, flush=True)
            else:
                print("done", file=answers, flush=True)
    finally:
        nodes.stop_all()


if __name__ == "__main__":
    main()
