"""Runs workers on a Ray cluster: one task for each claim. Ray decides where, and reports how each one ended."""

import logging
import math
import threading
from typing import Any

import ray
from ray.autoscaler.sdk import request_resources

from service.composition import Services
from service.domain.claims import Claim
from service.domain.cluster import ClusterSize
from service.errors import ServiceError
from service.operations.outages import OutageLog
from service.store.operations.identity import IdentityStore
from service.training.cluster.connection import ClusterAway, connect, disconnect, nodes, reach
from service.training.cluster.members import Members, pinned_to
from service.training.cluster.node import run_job
from service.training.failures import NODE_LOST_STATUS

logger = logging.getLogger(__name__)

#: The time between two looks at the cluster, in seconds.
WATCH_S = 0.5

#: After this number of failed connections in a row, the cluster counts as away, and its tasks as lost.
MOST_FAILURES = 3


class RayExecutor:
    """Runs each worker as a task of a Ray cluster. One trainer uses the cluster; others wait for its end, as spares.

    `warm_up` connects to the cluster and stays connected. While the cluster is away there is no room, so jobs wait.

    Args:
        services: The settings, and the database with the lock of the trainer that uses the cluster.
    """

    def __init__(self, services: Services) -> None:
        settings = services.settings
        self._services, self._address = services, settings.ray_address
        self._cpus, self._gpus = settings.threads_per_job or 1, settings.gpus_per_job
        self._lock = services.database.session_lock(f"trainer of {self._address}")
        self._members = Members(IdentityStore(services.database), cpus=self._cpus, gpus=self._gpus)
        self._outages = OutageLog("Ray cluster", logging.WARNING)
        self._closed, self._is_connected, self._is_spare = threading.Event(), False, False
        self._failures, self._requested = 0, -1
        self._tasks: dict[Claim, Any] = {}
        self._pinned: dict[Claim, str] = {}

    def warm_up(self) -> None:
        """Connect to the cluster, and watch it until the executor is closed."""
        while not self._closed.is_set():
            try:
                self._watch()
            except ClusterAway as error:
                self._outages.failed(error)
            except ServiceError as error:  # the database is away: no job is claimed, and the workers go on
                logger.debug("%s", error)
            except Exception:
                logger.exception("watching the cluster failed; it is tried again in %g s", WATCH_S)
            self._closed.wait(WATCH_S)

    def room(self) -> int:
        """Return the number of free slots on the cluster's nodes; none on a spare, or while the cluster is away."""
        return 0 if self._is_spare or not self._is_connected else self._members.slots - len(self._tasks)

    def start(self, claim: Claim) -> None:
        """Start a task for a claim, with as many cores as the job has trained with before."""
        threads = self._services.jobs.get(claim.job_id).threads or self._cpus
        most = max((node.cpus for node in self._members.nodes.values()), default=threads)
        options: dict[str, Any] = {"num_cpus": min(threads, most), "num_gpus": self._gpus, "max_retries": 0}
        if not self._members.are_all:  # Ray would choose a refused node, too
            self._pinned[claim] = self._members.freest(self._pinned.values())
            options["scheduling_strategy"] = pinned_to(self._pinned[claim])
        task = ray.remote(run_job).options(name=f"naivenet-{claim.job_id}", **options)
        self._tasks[claim] = task.remote(claim.job_id, claim.attempt)

    def ended(self) -> list[tuple[Claim, int | None]]:
        """Return the tasks that have ended since the last call, with the exit codes of their workers."""
        claims = {task: claim for claim, task in self._tasks.items()}
        ended = list(claims)
        if self._is_connected and ended:
            ended, _ = ray.wait(ended, num_returns=len(ended), timeout=0, fetch_local=False)
        results = [(claims[task], self._exit_code(task)) for task in ended]
        for claim, _ in results:
            del self._tasks[claim]
            self._pinned.pop(claim, None)
        return results

    def running(self) -> int:
        """Return the number of tasks that have not ended."""
        return len(self._tasks)

    def cluster(self) -> ClusterSize:
        """Return the size of the cluster; all numbers are 0 while it is away."""
        members = self._members.nodes.values()
        return ClusterSize(
            nodes=len(members),
            cpus=sum(node.cpus for node in members),
            used_cpus=float(len(self._tasks) * self._cpus),
            gpus=sum(node.gpus for node in members),
            used_gpus=len(self._tasks) * self._gpus,
            slots=self._members.slots,
        )

    def abandon(self, claim: Claim) -> None:
        """End a task whose claim is lost: Ray reports the task of a node behind a cut link after minutes only."""
        task = self._tasks.pop(claim, None)
        self._pinned.pop(claim, None)
        if task is not None and self._is_connected:
            ray.cancel(task, force=True)

    def terminate(self) -> None:
        """Ask all workers to save a checkpoint and end."""
        self._cancel(force=False)

    def kill(self) -> None:
        """End all workers that still run, and leave the cluster."""
        self._closed.set()
        self._cancel(force=True)
        if self._is_connected:
            self._is_connected = False
            disconnect()
        self._lock.close()

    def _cancel(self, *, force: bool) -> None:
        if self._is_connected:
            for task in self._tasks.values():
                ray.cancel(task, force=force)

    def _exit_code(self, task: Any) -> int | None:
        """Return how a task ended: NODE_LOST_STATUS if its job cannot be the reason; None if it is not known."""
        if not self._is_connected:
            return NODE_LOST_STATUS
        try:
            code: int | None = ray.get(task)
        except (ray.exceptions.NodeDiedError, ray.exceptions.TaskCancelledError):
            return NODE_LOST_STATUS
        except ray.exceptions.RayError as error:
            logger.warning("a task of the cluster has ended: %s", " ".join(str(error).split())[:300])
            return None
        return code

    def _watch(self) -> None:
        """Look at the cluster once, in the thread of `warm_up`."""
        if not self._leads():
            return
        if not self._is_connected:
            connect(self._address)
            self._is_connected, self._failures = True, 0
            logger.info("connected to the Ray cluster at %s", self._address)
        if self._answers():  # else Ray's own calls would wait for a minute, and then end this process
            self._members.update(nodes())
            self._request_nodes()
            self._outages.answered()

    def _leads(self) -> bool:
        """Return whether this trainer uses the cluster; log once that it waits."""
        leads = self._lock.acquire()
        if not leads and not self._is_spare:
            logger.info("another trainer uses the Ray cluster at %s; this one waits for its end", self._address)
        self._is_spare = not leads
        return leads

    def _answers(self) -> bool:
        """Return whether the cluster's head answers; leave the cluster when it has not for some time.

        Raises:
            ClusterAway: The cluster is away. Its tasks have ended with it, or the next attempts fence them.
        """
        try:
            reach(self._address)
        except ClusterAway:
            self._failures += 1
            if self._failures < MOST_FAILURES:
                return False
            self._is_connected, self._requested = False, -1
            self._members.clear()
            disconnect()
            raise
        self._failures = 0
        return True

    def _request_nodes(self) -> None:
        """Request cores for all queued and running jobs from the autoscaler, if the cluster has one."""
        jobs = int(min(self._services.jobs.active(), self._services.settings.max_running_jobs_in_all or math.inf))
        if jobs != self._requested:
            bundle = {"CPU": float(self._cpus), **({"GPU": self._gpus} if self._gpus else {})}
            request_resources(bundles=[bundle] * jobs)
            self._requested = jobs
