"""Polls running experiments, and gives up their hopeless arms."""

import logging
import threading
from contextlib import suppress

from service.composition import Services
from service.errors import NotFound, ServiceError
from service.jobs.experiments.giving_up import give_up_hopeless_arms

logger = logging.getLogger(__name__)

#: The seconds between two polls: a fraction of what most jobs take.
INTERVAL_S = 2.0


def watch(services: Services, stopped: threading.Event) -> None:
    """Give up hopeless arms until *stopped* is set. Several trainers may do so at once; an error does not end it."""
    while not stopped.wait(INTERVAL_S):
        try:
            poll(services)
        except ServiceError as error:
            logger.debug("cannot poll experiments: %s", error)
        except Exception:
            logger.exception("polling experiments failed; it is tried again in %g s", INTERVAL_S)


def poll(services: Services) -> None:
    """Give up the hopeless arms of all experiments that run and ask for it."""
    for experiment_id in services.experiments.ids_to_watch():
        with suppress(NotFound):
            give_up_hopeless_arms(services, experiment_id)
