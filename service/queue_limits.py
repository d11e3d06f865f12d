"""The settings of how many jobs run and wait: the second part of `service.settings`."""

import os

from pydantic import Field

from service.places import Places


def _default_jobs() -> int:
    return os.cpu_count() or 1


class QueueLimits(Places):
    """The largest numbers of running and queued jobs, and the threads of each job."""

    max_running_jobs: int = Field(
        default_factory=_default_jobs,
        ge=1,
        le=1024,
        description="The largest number of jobs that one trainer runs at the same time (default: one per core)",
    )
    max_running_jobs_in_all: int | None = Field(
        None,
        ge=1,
        description="The largest number of jobs that all trainers together run at the same time (default: no limit)",
    )
    threads_per_job: int | None = Field(
        None,
        ge=1,
        le=1024,
        description="The threads of a job (default: all cores for a single job, an equal share for several; on a Ray "
        "cluster 1)",
    )
    max_queued_jobs: int = Field(100, ge=1, description="The largest number of queued jobs; a further job gets a 429")
    max_queued_jobs_per_key: int = Field(20, ge=1, description="The largest number of queued jobs of one API key")
    max_jobs_per_experiment: int = Field(
        400, ge=2, description="The largest number of jobs of an experiment: its arms times its seeds"
    )
    max_queued_experiment_jobs: int = Field(
        1000, ge=1, description="The largest number of queued jobs of all experiments; a further experiment gets a 429"
    )
    max_queued_experiment_jobs_per_key: int = Field(
        400, ge=1, description="The largest number of queued jobs of the experiments of one API key"
    )
