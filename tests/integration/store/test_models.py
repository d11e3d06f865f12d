"""Models: versions count up, ``live`` follows the best until somebody pins it."""

from collections.abc import Callable

import pytest

from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.claims import Claim
from service.domain.model import Alias
from service.errors import NotFound, PreconditionFailed, StillInUse
from tests.stored import checkpoint


@pytest.fixture
def add(services: Services) -> Callable[..., Checkpoint]:
    """Makes a checkpoint of an accuracy the next version of ``digits``."""

    def adding(accuracy: float | None) -> Checkpoint:
        new = checkpoint(accuracy=accuracy)
        services.checkpoints.add(new)
        services.models.add_version("digits", new.id)
        return new

    return adding


Add = Callable[..., Checkpoint]


def live(services: Services) -> Alias:
    """What ``live`` is."""
    return next(alias for alias in services.models.get("digits").aliases if alias.alias == "live")


def test_digits_is_there_from_the_start(services: Services) -> None:
    """Without versions or aliases; no other model is."""
    assert [model.name for model in services.models.all()] == ["digits"]
    assert services.models.get("digits").versions == ()
    with pytest.raises(NotFound, match="model 'letters'"):
        services.models.get("letters")


def test_versions_count_up(services: Services, add: Add) -> None:
    """From 1, newest first in the list."""
    added = [add(0.5), add(0.6)]
    versions = services.models.get("digits").versions
    assert [(each.version, each.checkpoint_id) for each in versions] == [(2, added[1].id), (1, added[0].id)]


def test_live_follows_the_best(services: Services, add: Add) -> None:
    """A worse version never makes anything worse."""
    pointed = []
    for accuracy in (0.5, 0.9, 0.7, None, 0.9):
        add(accuracy)
        pointed.append(live(services).version)
    assert pointed == [1, 2, 2, 2, 5]


def test_a_pin_holds(services: Services, add: Add) -> None:
    """Until it is removed, and then ``live`` is at the best again."""
    add(0.5)
    add(0.6)
    services.models.set_alias("digits", "live", 1)
    add(0.9)
    assert (live(services).version, live(services).pinned) == (1, True)
    services.models.remove_alias("digits", "live")
    assert (live(services).version, live(services).pinned) == (3, False)


def test_a_pin_guards_against_a_race(services: Services, add: Add) -> None:
    """Whoever read an older state is refused, and nothing changes."""
    add(0.5)
    add(0.4)
    first = services.models.set_alias("digits", "canary", 1, expected_revision=0)
    for stale in (0, first.revision + 1):
        with pytest.raises(PreconditionFailed):
            services.models.set_alias("digits", "canary", 2, expected_revision=stale)
        with pytest.raises(PreconditionFailed):
            services.models.remove_alias("digits", "canary", expected_revision=stale)
    second = services.models.set_alias("digits", "canary", 2, expected_revision=first.revision)
    assert (second.version, second.revision) == (2, first.revision + 1)


def test_an_alias_points_at_what_there_is(services: Services, add: Add) -> None:
    """A version that does not exist is not found, and neither is an alias to remove."""
    add(0.5)
    with pytest.raises(NotFound, match="version 'digits/7'"):
        services.models.set_alias("digits", "live", 7)
    with pytest.raises(NotFound, match="alias 'digits/canary'"):
        services.models.remove_alias("digits", "canary")
    with pytest.raises(NotFound, match="checkpoint 'ckpt_x'"):
        services.models.add_version("digits", "ckpt_x")


def test_a_checkpoint_in_use_stays(services: Services, add: Add) -> None:
    """The text names the version that uses it."""
    used = add(0.5)
    with pytest.raises(StillInUse, match="version 1 of the model 'digits'"):
        services.checkpoints.delete(used.id)
    assert services.checkpoints.get(used.id) == used


def test_a_live_job_keeps_its_checkpoints(services: Services, held: Callable[..., Claim]) -> None:
    """Those that it saved, as it may have to go on from them."""
    claim = held()
    mine = checkpoint(claim.job_id, step=1)
    services.workers.add_checkpoint(claim, mine)
    with pytest.raises(StillInUse, match=claim.job_id):
        services.checkpoints.delete(mine.id)


def test_a_waiting_job_keeps_what_it_starts_from(services: Services, queue: Callable[..., str]) -> None:
    """And lets go of it at its end."""
    start = checkpoint()
    services.checkpoints.add(start)
    job_id = queue(init_from=start.id)
    with pytest.raises(StillInUse, match=job_id):
        services.checkpoints.delete(start.id)
    services.jobs.cancel(job_id)
    services.checkpoints.delete(start.id)
    assert services.checkpoints.ids() == set()


def test_pages_of_checkpoints(services: Services, held: Callable[..., Claim]) -> None:
    """Newest first, all or a job's own."""
    claim = held()
    others = [checkpoint(), checkpoint(claim.job_id, step=1), checkpoint(claim.job_id, step=2)]
    for each in others:
        services.checkpoints.add(each)
    assert services.checkpoints.page(job_id=None, limit=2) == ([others[2], others[1]], True)
    assert services.checkpoints.page(job_id=None, limit=2, after=others[1].id) == ([others[0]], False)
    assert services.checkpoints.page(job_id=claim.job_id, limit=9) == ([others[2], others[1]], False)
