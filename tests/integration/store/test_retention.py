"""Retention deletes only unused checkpoints, and only for the worker that holds the claim."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from service.composition import Services
from service.domain.claims import Claim, ClaimLost
from service.domain.retention import Retention
from tests.stored import STEPS_PER_EPOCH, checkpoint

ONE = Retention(keep_last=1, keep_best=1, monitor="test_accuracy")
Hold = Callable[..., Claim]


def save(services: Services, claim: Claim, epochs: int) -> list[str]:
    """Save checkpoints of this many epochs, the first the best; return their ids."""
    made = [
        replace(checkpoint(claim.job_id, step=number * STEPS_PER_EPOCH, accuracy=1 / number), epoch=number)
        for number in range(1, epochs + 1)
    ]
    for each in made:
        services.workers.add_checkpoint(claim, each)
    return [each.id for each in made]


def test_unused_checkpoints_are_deleted(services: Services, held: Hold) -> None:
    """The newest and the best stay; the others are deleted and their ids returned."""
    claim = held()
    first, second, third, last = save(services, claim, 4)
    assert services.retention.apply(claim, ONE, best_epoch=None) == sorted([second, third])
    assert services.checkpoints.ids() == {first, last}


def test_early_stoppings_best_epoch_stays(services: Services, held: Hold) -> None:
    """The checkpoint that early stopping may restore stays, even if another is better."""
    claim = held()
    _, second, third, _ = save(services, claim, 4)
    assert services.retention.apply(claim, ONE, best_epoch=3) == [second]
    assert third in services.checkpoints.ids()


def test_a_model_versions_checkpoint_stays(services: Services, held: Hold) -> None:
    """The checkpoint of a model version is never deleted."""
    claim = held()
    _, second, third, _ = save(services, claim, 4)
    services.models.add_version("digits", second)
    assert services.retention.apply(claim, ONE, best_epoch=None) == [third]


def test_the_initial_checkpoint_of_another_job_stays(services: Services, held: Hold, queue: Callable[..., str]) -> None:
    """A checkpoint that another job starts from stays."""
    claim = held()
    _, second, third, _ = save(services, claim, 4)
    queue(init_from=third)
    assert services.retention.apply(claim, ONE, best_epoch=None) == [second]


def test_a_requested_checkpoint_stays(services: Services, held: Hold) -> None:
    """A checkpoint that answers a save request stays."""
    claim = held()
    request = services.save_requests.create(claim.job_id)
    asked = checkpoint(claim.job_id, step=1, accuracy=0.0)
    services.workers.add_checkpoint(claim, asked, answers=[request])
    save(services, claim, 2)
    assert services.retention.apply(claim, ONE, best_epoch=None) == []


def test_a_lost_worker_deletes_nothing(services: Services, held: Hold) -> None:
    """Retention with a claim that is not in force is refused."""
    claim = held()
    made = save(services, claim, 4)
    with pytest.raises(ClaimLost):
        services.retention.apply(Claim(job_id=claim.job_id, attempt=9), ONE, best_epoch=None)
    assert services.checkpoints.ids() == set(made)


def test_the_end_of_an_epoch_is_found(services: Services, held: Hold) -> None:
    """The checkpoint at the end of an epoch is found; None if there is none."""
    claim = held()
    first, *_ = save(services, claim, 2)
    found = services.retention.epoch_end(claim.job_id, 1)
    assert found
    assert found.id == first
    assert services.retention.epoch_end(claim.job_id, 7) is None
