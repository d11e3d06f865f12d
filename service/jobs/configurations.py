"""Resolves the configuration of a new job: presets laid, fields checked, the dataset found, the seed drawn."""

import secrets
from collections.abc import Mapping
from typing import Any

from service.composition import Services
from service.domain.config import JobConfig, resolve
from service.errors import Conflict
from service.jobs.mix import with_versions
from service.jobs.starting_weights import check_start, with_checkpoint

#: The number of random bits in a seed that the service draws.
SEED_BITS = 32

Body = Mapping[str, Any]


def resolve_new(services: Services, body: Body) -> JobConfig:
    """Return the configuration that the request body *body* describes, ready to be queued.

    Raises:
        InvalidInput: A field is wrong, or the dataset or the initial checkpoint does not exist or does not fit.
        Unavailable: The file system of the dataset does not answer.
    """
    return _ready(services, resolve(with_checkpoint(services, body), services.limits))


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
    return _ready(services, resolve(with_checkpoint(services, body), services.limits, base=base))


def with_seed(config: JobConfig) -> JobConfig:
    """Return *config* with a seed: its own, or a random one if it has none, so that every run can be repeated."""
    return config if config.seed is not None else config.model_copy(update={"seed": secrets.randbits(SEED_BITS)})


def _ready(services: Services, config: JobConfig) -> JobConfig:
    check_start(services, config)
    return with_seed(with_versions(services, config))


def _last_checkpoint(services: Services, job_id: str) -> str:
    last = services.checkpoints.last_of(job_id)
    if last is None:
        raise Conflict(f"The job {job_id!r} has no checkpoint yet to fork from; wait for its first one.")
    return last.id
