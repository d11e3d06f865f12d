"""Resolves the configuration of a new job: presets laid, fields checked, the dataset found, the seed drawn."""

import secrets
from collections.abc import Mapping
from typing import Any

from service.composition import Services
from service.domain.config import JobConfig, resolve
from service.domain.initial_weights import check_initial
from service.errors import Conflict, not_found_at
from service.jobs import datasets
from service.storage.weights import INPUT_SIZE

#: The number of random bits in a seed that the service draws.
SEED_BITS = 32

Body = Mapping[str, Any]


def resolve_new(services: Services, body: Body) -> JobConfig:
    """Return the configuration that the request body *body* describes, ready to be queued.

    Raises:
        InvalidInput: A field is wrong, or the dataset or the initial checkpoint does not exist or does not fit.
        Unavailable: The file system of the dataset does not answer.
    """
    return _ready(services, resolve(body, services.limits))


def resolve_fork(services: Services, job_id: str, body: Body) -> JobConfig:
    """Return the configuration of a fork: the job's own, from its last weights, with the changes in *body* over it.

    Raises:
        NotFound: There is no such job.
        Conflict: The job has no checkpoint yet, and *body* names none.
        InvalidInput: As for `resolve_new`.
    """
    base = services.jobs.get(job_id).config.model_dump(mode="json", exclude={"preset"})
    if "init_from" not in body:
        base["init_from"] = _last_checkpoint(services, job_id)
    return _ready(services, resolve(body, services.limits, base=base))


def with_seed(config: JobConfig) -> JobConfig:
    """Return *config* with a seed: its own, or a random one if it has none, so that every run can be repeated."""
    return config if config.seed is not None else config.model_copy(update={"seed": secrets.randbits(SEED_BITS)})


def _ready(services: Services, config: JobConfig) -> JobConfig:
    datasets.check(services.settings.resolved_datasets_dir, config.dataset)
    if config.init_from:
        _check_initial_weights(services, config, config.init_from)
    return with_seed(config)


def _check_initial_weights(services: Services, config: JobConfig, checkpoint_id: str) -> None:
    with not_found_at("/init_from"):
        checkpoint = services.checkpoints.get(checkpoint_id)
    check_initial(config, checkpoint.network, INPUT_SIZE)


def _last_checkpoint(services: Services, job_id: str) -> str:
    last = services.checkpoints.last_of(job_id)
    if last is None:
        raise Conflict(f"The job {job_id!r} has no checkpoint yet to fork from; wait for its first one.")
    return last.id
