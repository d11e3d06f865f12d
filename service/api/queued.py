"""The answer to a request that queued a job."""

import logging

from fastapi import Response

from service.api.schemas.jobs import JobOut
from service.domain.job import Job

logger = logging.getLogger(__name__)


def queued(job: Job, response: Response) -> JobOut:
    """Return the job as the API shows it; the *response* gets its ``Location``."""
    logger.info("a job is queued", extra={"job_id": job.id})
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return JobOut.of(job)
