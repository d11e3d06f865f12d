"""Cancels and removes experiments with their jobs: one transaction each, so that other requests pass in between."""

from service.composition import Services
from service.domain.experiment import Experiment
from service.errors import InvalidTransition
from service.jobs import bulk
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
    while bulk.remove_jobs(services, JobFilter(experiment_id=experiment_id), limit=AT_ONCE).has_more:
        pass
