"""Fills a database with an experiment whose jobs have ended, without training; this is not measured."""

from datetime import UTC, datetime
from random import Random
from typing import Any

from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from service.composition import compose
from service.domain.config import JobConfig
from service.domain.experiment import Arm, Design
from service.domain.job import Status
from service.settings import Settings
from service.store.tables import JobRow

_NOISE = 0.0015


def fill(settings: Settings, *, arms: int, seeds: int) -> str:
    """Create an experiment, and give each of its jobs a result; return its id."""
    services = compose(settings)
    design = Design(
        arms=tuple(_arm(number) for number in range(arms)), seeds=tuple(range(1, seeds + 1)), baseline="arm 0"
    )
    experiment = services.experiments.create(design)
    services.close()
    engine, random = create_engine(settings.resolved_database_url), Random(0)  # noqa: S311  # not for security
    with Session(engine) as session, session.begin():
        ids = session.scalars(select(JobRow.id).where(JobRow.experiment_id == experiment.id)).all()
        ended = {"status": Status.SUCCEEDED, "finished_at": datetime.now(UTC)}
        session.execute(update(JobRow), [{"id": each, "result": _result(random), **ended} for each in ids])
    engine.dispose()
    return experiment.id


def _arm(number: int) -> Arm:
    config = JobConfig(batch_size=number + 1, keep_last=1).model_dump(mode="json")
    return Arm(name=f"arm {number}", config=config)


def _result(random: Random) -> dict[str, Any]:
    accuracy = random.gauss(0.98, _NOISE)
    metrics = {"train_loss": 0.1, "train_accuracy": 0.99, "test_loss": 0.1, "test_accuracy": accuracy}
    unknown = dict.fromkeys(("validation_loss", "validation_accuracy", "model_version", "stopped_epoch"))
    return {**metrics, **unknown, "checkpoint_id": "ckpt_none"}
