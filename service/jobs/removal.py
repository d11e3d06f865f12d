"""Removes a finished job: its rows, then its bytes."""

from service.composition import Services


def remove_job(services: Services, job_id: str) -> None:
    """Remove a finished job with its history and the checkpoints that no model version uses.

    Raises:
        NotFound: There is no such job.
        Conflict: It has not finished.
    """
    services.weights.delete_bytes(*services.jobs.delete(job_id))
    services.snapshots.delete(job_id)
