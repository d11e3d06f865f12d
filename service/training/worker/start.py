"""What an attempt starts from: the newest checkpoint that can be read, or else the beginning of the job."""

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
from service.jobs.runs import build_model
from service.store.retry import retry_while_unavailable
from service.training.worker.resume_state import ResumeState

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class Start:
    """What an attempt starts from.

    Attributes:
        model: The network on TensorFlow variables, with the weights of that moment.
        initial: The network as the job began, on NumPy arrays.
        optimizer: With the learning rate and the momentum of that moment.
        position: The position in the run.
        slots: The optimizer's slots; None at the beginning.
        resume_state: The rest of the state.
        corrupt: Newer checkpoints that could not be read.
    """

    model: naivenet.NaiveSequential
    initial: naivenet.NaiveSequential
    optimizer: naivenet.Optimizer
    position: naivenet.Position = naivenet.Position()  # noqa: RUF009  # frozen, so all may share it
    slots: Sequence[NDArray[Any]] | None = None
    resume_state: ResumeState = ResumeState()  # noqa: RUF009  # likewise
    corrupt: tuple[Checkpoint, ...] = ()


def find_start(services: Services, job: Job) -> Start:
    """Load the newest checkpoint of *job* that can be read.

    If all are corrupt, the job starts from the beginning, and ends with the same weights.

    Raises:
        CorruptCheckpoint: The checkpoint that the job's initial weights come from is corrupt.
        Unavailable: The checkpoint store or the database has not answered for a minute.
    """
    model = build_model(job.config)
    if job.config.init_from:
        initial = retry_while_unavailable(services.checkpoints.get)(job.config.init_from)
        naivenet.load_weights(model, retry_while_unavailable(services.weights.load)(initial))
    beginning = Start(model=model, initial=model.numpy(), optimizer=job.config.optimizer)
    corrupt: list[Checkpoint] = []
    for checkpoint in services.workers.resume_points(job.id):
        try:
            start = _resumed(beginning, checkpoint, services)
        except (CorruptCheckpoint, naivenet.CheckpointError):
            logger.exception("cannot resume from the checkpoint %s; trying the one before it", checkpoint.id)
            corrupt.append(checkpoint)
        else:
            return dataclasses.replace(start, corrupt=tuple(corrupt))
    return dataclasses.replace(beginning, corrupt=tuple(corrupt))


def _resumed(beginning: Start, checkpoint: Checkpoint, services: Services) -> Start:
    """Return the start at *checkpoint*; its weights replace those of the beginning's model."""
    state = retry_while_unavailable(services.weights.read_state)(checkpoint)
    slots, position = naivenet.from_state(state)
    resume_state = ResumeState.from_metadata(naivenet.read_metadata(state))
    naivenet.load_weights(beginning.model, retry_while_unavailable(services.weights.load)(checkpoint))
    return dataclasses.replace(
        beginning,
        optimizer=_with_hyperparameters_in_force(beginning.optimizer, resume_state),
        position=position,
        slots=slots,
        resume_state=resume_state,
    )


def _with_hyperparameters_in_force(optimizer: naivenet.Optimizer, state: ResumeState) -> naivenet.Optimizer:
    in_force = {"learning_rate": state.learning_rate, "momentum": state.momentum}
    known: Any = {name: value for name, value in in_force.items() if value is not None}
    return dataclasses.replace(optimizer, **known)
