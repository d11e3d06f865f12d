"""How many threads a worker trains with."""

import os

from service.composition import Services
from service.store.retry import retry_while_unavailable


def fair_threads(services: Services) -> int:
    """Return the threads of a new job: those in the settings, or all cores for a lone job, or else an equal share."""
    if chosen := services.settings.threads_per_job:
        return chosen
    cores = os.cpu_count() or 1
    if retry_while_unavailable(services.jobs.active)() <= 1:
        return cores
    return max(1, cores // services.settings.max_running_jobs)


def limit_threads(threads: int) -> None:
    """Limit TensorFlow to this many threads. It must not have run anything yet."""
    import tensorflow as tf  # noqa: PLC0415  # only workers import it

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
