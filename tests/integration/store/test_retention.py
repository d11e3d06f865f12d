"""Checkpoints thinned out in the database: only those that nobody uses go, and only by their own worker."""

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
    """Checkpoints of so many epochs, the first the best; their ids."""
    made = [
        replace(checkpoint(claim.job_id, step=number * STEPS_PER_EPOCH, accuracy=1 / number), epoch=number)
        for number in range(1, epochs + 1)
    ]
    for each in made:
        services.workers.add_checkpoint(claim, each)
    return [each.id for each in made]


def test_what_nobody_uses_goes(services: Services, held: Hold) -> None:
    """The newest and the best stay, the ids of the others come back, and their rows are gone."""
    claim = held()
    first, second, third, last = save(services, claim, 4)
    assert services.retention.apply(claim, ONE, best_epoch=None) == sorted([second, third])
    assert services.checkpoints.ids() == {first, last}


def test_early_stoppings_best_epoch_stays(services: Services, held: Hold) -> None:
    """The epoch that early stopping may go back to is kept, whatever else is best."""
    claim = held()
    _, second, third, _ = save(services, claim, 4)
    assert services.retention.apply(claim, ONE, best_epoch=3) == [second]
    assert third in services.checkpoints.ids()


def test_a_model_versions_checkpoint_stays(services: Services, held: Hold) -> None:
    """What answers predictions is never removed."""
    claim = held()
    _, second, third, _ = save(services, claim, 4)
    services.models.add_version("digits", second)
    assert services.retention.apply(claim, ONE, best_epoch=None) == [third]


def test_what_another_job_starts_from_stays(services: Services, held: Hold, queue: Callable[..., str]) -> None:
    """The initial weights of a job are kept for it."""
    claim = held()
    _, second, third, _ = save(services, claim, 4)
    queue(init_from=third)
    assert services.retention.apply(claim, ONE, best_epoch=None) == [second]


def test_what_was_saved_by_request_stays(services: Services, held: Hold) -> None:
    """Somebody asked for it."""
    claim = held()
    request = services.save_requests.create(claim.job_id)
    asked = checkpoint(claim.job_id, step=1, accuracy=0.0)
    services.workers.add_checkpoint(claim, asked, answers=[request])
    save(services, claim, 2)
    assert services.retention.apply(claim, ONE, best_epoch=None) == []


def test_a_lost_worker_removes_nothing(services: Services, held: Hold) -> None:
    """A claim that another attempt has taken over is refused."""
    claim = held()
    made = save(services, claim, 4)
    with pytest.raises(ClaimLost):
        services.retention.apply(Claim(job_id=claim.job_id, attempt=9), ONE, best_epoch=None)
    assert services.checkpoints.ids() == set(made)


def test_the_end_of_an_epoch_is_found(services: Services, held: Hold) -> None:
    """The checkpoint with that epoch's figures; None where it saved none."""
    claim = held()
    first, *_ = save(services, claim, 2)
    found = services.retention.epoch_end(claim.job_id, 1)
    assert found
    assert found.id == first
    assert services.retention.epoch_end(claim.job_id, 7) is None
