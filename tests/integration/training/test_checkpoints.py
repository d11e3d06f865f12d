"""A checkpoint is a copy, which a thread writes beside the next steps: one at a time, and no failure is lost."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import naivenet
from service.composition import Services
from service.errors import StorageFull
from service.storage.blobs import BlobStore
from service.training.worker.checkpoints import JobCheckpoints
from service.training.worker.resume_state import ResumeState
from tests.attempts import claim_next, queue
from tests.servers import PATIENCE_S, until

IMAGES, LABELS = np.zeros((4, 784), np.uint8), np.zeros(4, np.int32)


@dataclass(frozen=True, kw_only=True)
class Saving:
    """The checkpoints of a job, and what saves one after a further step."""

    services: Services
    job_id: str
    checkpoints: JobCheckpoints
    save: Callable[..., naivenet.NaiveSequential]

    def written_steps(self) -> list[int | None]:
        """Return the steps of the checkpoints that are written, the newest first."""
        return [each.step for each in self.services.workers.resume_points(self.job_id)]


@pytest.fixture
def saving(services: Services) -> Saving:
    """A job that trains, one step an epoch."""
    job_id = queue(services, dataset="mnist", checkpoint_every_s=1e-9)
    claim = claim_next(services)
    job = services.workers.job(claim)
    checkpoints = JobCheckpoints(services, claim, job)
    model = job.config.network.build(784, seed=1)
    training = naivenet.train(model, IMAGES, LABELS, epochs=100, optimizer="sgd", learning_rate=0.1)
    events = (event for event in training if isinstance(event, naivenet.EpochEnd))

    def save(**options: Any) -> naivenet.NaiveSequential:
        """Take a step, save, and return a copy of the weights."""
        options = {"save_requests": (), "test_set": "mnist", **options}
        checkpoints.save(model, training, next(events), ResumeState(), **options)
        return model.numpy()

    return Saving(services=services, job_id=job_id, checkpoints=checkpoints, save=save)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Lets the checkpoint store's writes wait for this event."""
    goes_on, write = threading.Event(), BlobStore.write

    def stuck_write(*arguments: Any, **options: Any) -> None:
        assert goes_on.wait(PATIENCE_S)
        write(*arguments, **options)

    monkeypatch.setattr(BlobStore, "write", stuck_write)
    yield goes_on
    goes_on.set()


def test_training_goes_on_while_a_checkpoint_is_written(saving: Saving, stuck: threading.Event) -> None:
    """Saving returns before a byte is written; the file has the weights of that moment, not those of later steps."""
    with saving.checkpoints:
        saved = saving.save()
        saving.checkpoints.check()
        assert not saving.checkpoints.is_automatic_due()
        assert saving.written_steps() == []
        stuck.set()
    (point,) = saving.services.workers.resume_points(saving.job_id)
    assert all(map(np.array_equal, saving.services.weights.load(point).weights, saved.weights))


def test_one_checkpoint_is_written_at_a_time(saving: Saving, stuck: threading.Event) -> None:
    """The next save waits for the write before: memory stays bounded, and the order is kept."""
    with saving.checkpoints:
        saving.save()
        second = threading.Thread(target=saving.save)
        second.start()
        second.join(0.2)
        assert second.is_alive()
        stuck.set()
        second.join(PATIENCE_S)
    assert saving.written_steps() == [2, 1]


def test_a_save_request_is_answered_when_the_call_returns(saving: Saving) -> None:
    """A client waits for it, and the worker's next report must not find it pending again."""
    request = saving.services.save_requests.create(saving.job_id)
    with saving.checkpoints:
        saving.save(save_requests=[request])
        assert saving.written_steps() == [1]


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the checkpoint store have no space left."""

    def raise_full(*_: Any, **__: Any) -> None:
        raise StorageFull("no space left")

    monkeypatch.setattr(BlobStore, "write", raise_full)


@pytest.mark.usefixtures("full")
def test_a_failed_write_is_raised_at_the_next_event(saving: Saving) -> None:
    """The check that comes with each event raises it, so that the job fails at once, as if it had saved itself."""
    saving.save()
    with pytest.raises(StorageFull):
        until(saving.checkpoints.check, what="the failure")  # type: ignore[func-returns-value]  # it raises
    assert saving.written_steps() == []


@pytest.mark.usefixtures("full")
def test_a_failed_last_write_is_raised_at_the_end(saving: Saving) -> None:
    """A job whose last checkpoint could not be written does not succeed."""
    with pytest.raises(StorageFull), saving.checkpoints:
        saving.save()
