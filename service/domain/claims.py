"""A worker's claim on a job."""

from dataclasses import dataclass
from datetime import datetime

from service.errors import ServiceError


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to train a job, for one attempt.

    Attributes:
        attempt: From 1; the fencing token. Each claim on a job raises it, and the store refuses the writes of every
            attempt but the newest.
    """

    job_id: str
    attempt: int


@dataclass(frozen=True, kw_only=True)
class ProcessName:
    """A process, named so that another process on its host can find out whether it still runs.

    Attributes:
        host: The name of the host, and the id of its installation if it has one.
        boot: Another one after each boot of the host.
        namespace: The namespace of the process id: each container has its own.
        started: When it started, in clock ticks since the boot; ids are used again.
    """

    host: str
    boot: str
    namespace: str
    pid: int
    started: int


@dataclass(frozen=True, kw_only=True)
class Lease:
    """What is known about a claim in force.

    Attributes:
        heartbeat_at: The last heartbeat. Compare it with an earlier one, not with a clock.
        processes: The trainer that made the claim, and its worker once that has sent a heartbeat. Empty if the trainer
            has an older version, or cannot name itself: then only heartbeats count.
    """

    heartbeat_at: datetime | None
    processes: tuple[ProcessName, ...] = ()

    @property
    def has_worker(self) -> bool:
        """Whether a worker has sent a heartbeat, which it does before it reads anything of the job."""
        return len(self.processes) > 1


class ClaimLost(ServiceError):
    """The job has another attempt, has ended, or was deleted: this worker must stop and write nothing."""
