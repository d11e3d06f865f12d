"""Gives up arms that cannot become the best any more, where an experiment asks for it, and cancels their jobs."""

from contextlib import suppress

from service.composition import Services
from service.domain.job import TERMINAL
from service.errors import InvalidTransition, NotFound
from service.experiments import hopeless
from service.jobs.experiments.results import measured_arms, question_of


def give_up_hopeless_arms(services: Services, experiment_id: str) -> list[str]:
    """Give up the hopeless arms of an experiment, and return the names of all that were given up so far.

    Idempotent: after an interruption, the next call cancels what this one has not.

    Raises:
        NotFound: The experiment was deleted.
    """
    experiment, outcomes = services.experiments.outcomes(experiment_id)
    if not experiment.design.stop_hopeless:
        return []
    arms = [arm for arm in measured_arms(experiment, outcomes) if arm.name not in experiment.stopped]
    found = {each.arm: each for each in hopeless(arms, question_of(services, experiment))}
    if found:
        services.experiments.stop_arms(experiment_id, {name: vars(each) for name, each in found.items()})
    stopped = [*experiment.stopped, *found]
    for each in reversed(outcomes):  # the last one first, so that none starts instead
        if each.arm in stopped and each.status not in TERMINAL:
            with suppress(NotFound, InvalidTransition):  # it has ended meanwhile
                services.jobs.cancel(each.job_id)
    return stopped
