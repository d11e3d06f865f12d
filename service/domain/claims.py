"""A worker's claim on a job."""

from dataclasses import dataclass

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


class ClaimLost(ServiceError):
    """The job has another attempt, has ended, or was deleted: this worker must stop and write nothing."""
