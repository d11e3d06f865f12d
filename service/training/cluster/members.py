"""The nodes of a cluster that may run a trainer's jobs: each is checked when it joins, and warmed up."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from service.store.operations.identity import IdentityStore
from service.training.cluster.connection import Node
from service.training.cluster.node import report, warm_up

logger = logging.getLogger(__name__)


class Members:
    """The nodes that have passed their check. A node with another database or version gets no jobs.

    Args:
        identities: The id of the trainer's database, which each node's own settings must lead to.
        cpus: The cores of a job.
        gpus: Its GPUs.
    """

    def __init__(self, identities: IdentityStore, *, cpus: int, gpus: float) -> None:
        self._identities, self._cpus, self._gpus = identities, cpus, gpus
        self._checks: dict[str, Any] = {}
        self._refused: set[str] = set()
        self.nodes: Mapping[str, Node] = {}

    @property
    def are_all(self) -> bool:
        """Whether no node is refused, so that Ray may choose the node of a job."""
        return not self._refused

    @property
    def slots(self) -> int:
        """The number of jobs that all nodes together can run at the same time."""
        return sum(map(self._slots, self.nodes.values()))

    def freest(self, taken: Iterable[str]) -> str:
        """Return the id of the node with the most free slots; *taken* has the node of each running job."""
        used = list(taken)
        return max(self.nodes, key=lambda node_id: self._slots(self.nodes[node_id]) - used.count(node_id))

    def clear(self) -> None:
        """Forget all nodes: the cluster is away."""
        self._checks, self._refused, self.nodes = {}, set(), {}

    def update(self, living: Iterable[Node]) -> None:
        """Keep the nodes that live; check each new one, and warm it up meanwhile: both take seconds."""
        found = {node.id: node for node in living if self._slots(node)}
        for node_id in found.keys() - self.nodes.keys() - self._refused - self._checks.keys():
            self._checks[node_id] = run_on(node_id, report, num_cpus=0)
            for _ in range(self._slots(found[node_id])):  # side by side, so that Ray starts a process for each
                run_on(node_id, warm_up, num_cpus=self._cpus)
        self._checks = {node_id: check for node_id, check in self._checks.items() if node_id in found}
        ready, _ = (
            ray.wait(list(self._checks.values()), num_returns=len(self._checks), timeout=0)
            if self._checks
            else ([], [])
        )
        accepted = {
            node_id for node_id, check in list(self._checks.items()) if check in ready and self._accepts(found[node_id])
        }
        self._refused &= found.keys()
        for node_id in self.nodes.keys() - found.keys():
            logger.info("the node %s has left the cluster", self.nodes[node_id].host)
        self.nodes = {node_id: node for node_id, node in found.items() if node_id in accepted or node_id in self.nodes}

    def _accepts(self, node: Node) -> bool:
        """Return whether a node, whose check has ended, may run jobs."""
        if problem := self._problem(self._checks.pop(node.id)):
            logger.warning("the node %s gets no jobs: %s", node.host, problem)
            self._refused.add(node.id)
            return False
        logger.info("the node %s has joined the cluster, with room for %d jobs", node.host, self._slots(node))
        return True

    def _problem(self, check: Any) -> str | None:
        try:
            found = ray.get(check)
        except ray.exceptions.RayError as error:
            return " ".join(str(error).split())[:300]
        identity = self._identities.read()
        problem: str | None = found.problem_for(identity.id if identity else None)
        return problem

    def _slots(self, node: Node) -> int:
        """Return how many jobs a node can run at the same time."""
        return node.slots(cpus=self._cpus, gpus=self._gpus)


def run_on(node_id: str, function: Callable[[], object], *, num_cpus: int) -> Any:
    """Submit a task that runs on this node only."""
    options = {"num_cpus": num_cpus, "max_retries": 0, "scheduling_strategy": pinned_to(node_id)}
    return ray.remote(function).options(**options).remote()


def pinned_to(node_id: str) -> NodeAffinitySchedulingStrategy:
    """Return the strategy that lets a task run on this node only."""
    return NodeAffinitySchedulingStrategy(node_id, soft=False)
