"""What an attempt at a job starts from: the newest checkpoint that is whole, or else the beginning."""

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

import naivenet
from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.job import Job
from service.errors import CorruptCheckpoint
from service.storage.weights import INPUT_SIZE
from service.training.worker.resume_state import ResumeState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class Start:
    """Where an attempt starts.

    Attributes:
        model: The network, on TensorFlow variables, its weights as they are there.
        initial: The network as the job began, on NumPy arrays.
        optimizer: With the learning rate and the momentum that are in force there.
        position: Where the run stands.
        slots: What the optimizer remembers; None at the beginning.
        memory: What else is remembered.
        damaged: Newer checkpoints that could not be gone on from.
    """

    model: naivenet.NaiveSequential
    initial: naivenet.NaiveSequential
    optimizer: naivenet.Optimizer
    position: naivenet.Position = naivenet.Position()  # noqa: RUF009  # frozen, so all may share it
    slots: Sequence[NDArray[Any]] | None = None
    memory: ResumeState = ResumeState()  # noqa: RUF009  # likewise
    damaged: tuple[Checkpoint, ...] = ()


def find_start(services: Services, job: Job) -> Start:
    """Load what *job* goes on from. Where every checkpoint is damaged, that is the beginning: it ends the same.

    Raises:
        CorruptCheckpoint: The checkpoint whose weights the job was to begin with is damaged.
    """
    model = job.config.network.build(INPUT_SIZE, seed=job.config.seed or 0)
    if job.config.init_from:
        naivenet.load_weights(model, services.weights.load(services.checkpoints.get(job.config.init_from)))
    initial = model.numpy()
    damaged: list[Checkpoint] = []
    for point in services.workers.resume_points(job.id):
        try:
            return _from_checkpoint(services, job, point, model, initial, damaged)
        except (CorruptCheckpoint, naivenet.CheckpointError):
            logger.exception("the checkpoint %s cannot be gone on from", point.id)
            damaged.append(point)
    return Start(model=model, initial=initial, optimizer=job.config.optimizer, damaged=tuple(damaged))


def _from_checkpoint(  # noqa: PLR0913, PLR0917  # all that it is put together from
    services: Services,
    job: Job,
    point: Checkpoint,
    model: naivenet.NaiveSequential,
    initial: naivenet.NaiveSequential,
    damaged: Sequence[Checkpoint],
) -> Start:
    state = services.weights.read_state(point)
    slots, position = naivenet.from_state(state)
    memory = ResumeState.from_metadata(naivenet.read_metadata(state))
    naivenet.load_weights(model, services.weights.load(point))
    return Start(
        model=model,
        initial=initial,
        optimizer=_in_force(job.config.optimizer, memory),
        position=position,
        slots=slots,
        memory=memory,
        damaged=tuple(damaged),
    )


def _in_force(optimizer: naivenet.Optimizer, memory: ResumeState) -> naivenet.Optimizer:
    chosen = {"learning_rate": memory.learning_rate, "momentum": memory.momentum}
    known: Any = {name: value for name, value in chosen.items() if value is not None}
    return dataclasses.replace(optimizer, **known)
