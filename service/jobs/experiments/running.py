"""Cancels and removes experiments with their jobs: one transaction each, so that other requests pass in between."""

from contextlib import suppress

from service.composition import Services
from service.domain.experiment import Experiment
from service.domain.job import TERMINAL
from service.errors import InvalidTransition, NotFound
from service.jobs import bulk
from service.jobs.removal import remove_job
from service.store.jobs.filters import JobFilter

#: How many jobs are changed at a time.
AT_ONCE = 100


def cancel_experiment(services: Services, experiment_id: str) -> Experiment:
    """Cancel an experiment: its jobs that have not ended, the newest first. One that has ended stays as it is.

    Raises:
        NotFound: There is no experiment with this id.
    """
    services.experiments.mark_cancelled(experiment_id)
    while bulk.cancel_jobs(services, JobFilter(experiment_id=experiment_id), limit=AT_ONCE).has_more:
        pass
    return services.experiments.get(experiment_id)


def remove_experiment(services: Services, experiment_id: str) -> None:
    """Remove an experiment with all its jobs, their histories, and their checkpoints that no model version uses.

    Raises:
        NotFound: There is no experiment with this id.
        InvalidTransition: A job has not ended.
    """
    if not services.experiments.get(experiment_id).has_ended:
        raise InvalidTransition("An experiment that is running cannot be deleted; cancel it first.")
    of_experiment = JobFilter(experiment_id=experiment_id, statuses=TERMINAL)
    while found := services.jobs.ids(of_experiment, limit=AT_ONCE)[0]:
        for job_id in found:
            with suppress(NotFound, InvalidTransition):  # another client was faster
                remove_job(services, job_id)
