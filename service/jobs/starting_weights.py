"""Finds the checkpoint that a job starts from, by its id or as a version of a model, and takes its network."""

from collections.abc import Mapping
from typing import Any

from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.config import JobConfig
from service.domain.initial_weights import check_initial
from service.domain.model import COMPUTED_ALIASES, DIGITS, LIVE_ALIAS, Model
from service.errors import InvalidInput, NotFound, NothingToServe, not_found_at
from service.storage.weights import INPUT_SIZE

#: Aliases of the model ``digits`` that need no model's name.
SHORT = COMPUTED_ALIASES | {LIVE_ALIAS}


def with_checkpoint(services: Services, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job's *body* with the id of the checkpoint that it starts from, and the checkpoint's network.

    A network in the body stays. A checkpoint that does not exist stays as well: `check_start` reports it.
    """
    reference = body.get("init_from")
    if not isinstance(reference, str):
        return dict(body)
    try:
        checkpoint = find_checkpoint(services, reference)
    except (NotFound, NothingToServe):
        return dict(body)
    return {"network": checkpoint.network.to_dict()} | dict(body) | {"init_from": checkpoint.id}


def check_start(services: Services, config: JobConfig) -> None:
    """Check that a job can start from its checkpoint.

    Raises:
        InvalidInput: The checkpoint does not exist, or its layers do not fit the configured network.
    """
    if config.init_from is None:
        return
    try:
        with not_found_at("/init_from"):
            checkpoint = find_checkpoint(services, config.init_from)
    except NothingToServe as error:
        raise InvalidInput.at("/init_from", str(error), "nothing_to_start_from") from error
    check_initial(config, checkpoint.network, INPUT_SIZE)


def find_checkpoint(services: Services, reference: str) -> Checkpoint:
    """Return a checkpoint by its id, as ``live``, or as ``MODEL@ALIAS`` or ``MODEL@NUMBER``.

    Raises:
        NotFound: There is no such checkpoint, model, alias or version.
        NothingToServe: The model has no version yet.
    """
    name, at, label = reference.rpartition("@")
    if not at and reference not in SHORT:
        return services.checkpoints.get(reference)
    return services.checkpoints.get(_checkpoint_id(services.models.get(name or DIGITS), label))


def _checkpoint_id(model: Model, label: str) -> str:
    if not model.versions:
        raise NothingToServe(f"The model {model.name!r} has no version yet: train a job, or add a checkpoint to it.")
    numbers = {alias.alias: alias.version for alias in model.aliases}
    numbers |= {str(each.version): each.version for each in model.versions}
    if label not in numbers:
        raise NotFound("version" if label.isdecimal() else "alias", f"{model.name}/{label}")
    return next(each.checkpoint_id for each in model.versions if each.version == numbers[label])
