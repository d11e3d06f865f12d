"""Models: numbered versions, and the alias ``live``, which follows the best version unless it is pinned."""

from collections.abc import Callable

import pytest

from service.composition import Services
from service.domain.checkpoint import Checkpoint
from service.domain.claims import Claim
from service.domain.listing import Listing
from service.domain.model import Alias
from service.errors import Conflict, NotFound, PreconditionFailed, StillInUse
from tests.stored import checkpoint


@pytest.fixture
def add(services: Services) -> Callable[..., Checkpoint]:
    """Make a checkpoint with this accuracy the next version of ``digits``."""

    def adding(accuracy: float | None, test_set: str | None = None) -> Checkpoint:
        new = checkpoint(accuracy=accuracy, test_set=test_set)
        services.checkpoints.add(new)
        services.models.add_version("digits", new.id)
        return new

    return adding


Add = Callable[..., Checkpoint]


def live(services: Services) -> Alias:
    """Return the alias ``live``."""
    return next(alias for alias in services.models.get("digits").aliases if alias.alias == "live")


def test_the_model_digits_always_exists(services: Services) -> None:
    """At first ``digits`` is the only model, without versions and aliases."""
    assert [model.name for model in services.models.all()] == ["digits"]
    assert services.models.get("digits").versions == ()
    with pytest.raises(NotFound, match="model 'letters'"):
        services.models.get("letters")


def test_versions_count_up(services: Services, add: Add) -> None:
    """Versions are numbered from 1 and listed newest first."""
    added = [add(0.5), add(0.6)]
    versions = services.models.get("digits").versions
    assert [(each.version, each.checkpoint_id) for each in versions] == [(2, added[1].id), (1, added[0].id)]


def test_live_follows_the_best(services: Services, add: Add) -> None:
    """``live`` moves to a better version, and stays where it is for a worse one."""
    pointed = []
    for accuracy in (0.5, 0.9, 0.7, None, 0.9):
        add(accuracy)
        pointed.append(live(services).version)
    assert pointed == [1, 2, 2, 2, 5]


def test_live_compares_versions_of_one_test_set(services: Services, add: Add) -> None:
    """A perfect score on another test set does not make a version ``live`` or ``best``; each version keeps its set."""
    for accuracy, test_set in ((0.5, "a"), (1.0, "threes"), (0.6, "a")):
        add(accuracy, test_set)
    model = services.models.get("digits")
    assert {alias.alias: alias.version for alias in model.aliases} == {"live": 3, "best": 3, "latest": 3}
    assert [each.test_set for each in model.versions] == ["a", "threes", "a"]


def test_a_pinned_alias_stays(services: Services, add: Add) -> None:
    """A pinned ``live`` stays until it is removed; then it follows the best version again."""
    add(0.5)
    add(0.6)
    services.models.set_alias("digits", "live", 1)
    add(0.9)
    assert (live(services).version, live(services).pinned) == (1, True)
    services.models.remove_alias("digits", "live")
    assert (live(services).version, live(services).pinned) == (3, False)


def test_an_outdated_revision_is_refused(services: Services, add: Add) -> None:
    """A change of an alias with an outdated revision is refused (conditional request)."""
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


def test_an_alias_points_at_existing_versions_only(services: Services, add: Add) -> None:
    """Pointing at a missing version, or removing a missing alias, is refused."""
    add(0.5)
    with pytest.raises(NotFound, match="version 'digits/7'"):
        services.models.set_alias("digits", "live", 7)
    with pytest.raises(NotFound, match="alias 'digits/canary'"):
        services.models.remove_alias("digits", "canary")
    with pytest.raises(NotFound, match="checkpoint 'ckpt_x'"):
        services.models.add_version("digits", "ckpt_x")


def test_a_version_is_deleted(services: Services, add: Add) -> None:
    """Its checkpoint is free then, and no later version gets its number."""
    first, second = add(0.9), add(0.5)
    services.models.delete_version("digits", 2)
    services.checkpoints.delete(second.id)
    with pytest.raises(NotFound, match="version 'digits/2'"):
        services.models.delete_version("digits", 2)
    assert {alias.alias: alias.version for alias in services.models.get("digits").aliases} == dict.fromkeys(
        ("best", "latest", "live"), 1
    )
    assert services.models.add_version("digits", first.id).version == 3


def test_a_version_with_an_alias_stays(services: Services, add: Add) -> None:
    """The error names the alias, also one that follows the best version by itself."""
    add(0.5)
    add(0.9)
    services.models.set_alias("digits", "canary", 1)
    for version, alias in ((1, "canary"), (2, "live")):
        with pytest.raises(StillInUse, match=f"the alias '{alias}' points at it"):
            services.models.delete_version("digits", version)


def test_a_model_is_deleted(services: Services) -> None:
    """All its versions go, unless a client has set an alias; a new model of its name continues the numbers."""
    used = checkpoint(accuracy=0.5)
    services.checkpoints.add(used)
    services.models.add_version("letters", used.id)
    services.models.set_alias("letters", "canary", 1)
    with pytest.raises(StillInUse, match="'canary'"):
        services.models.delete("letters")
    services.models.remove_alias("letters", "canary")
    services.models.delete("letters")
    with pytest.raises(NotFound, match="model 'letters'"):
        services.models.delete("letters")
    with pytest.raises(Conflict, match="always exists"):
        services.models.delete("digits")
    assert services.models.add_version("letters", used.id).version == 2


def test_a_checkpoint_in_use_stays(services: Services, add: Add) -> None:
    """A checkpoint of a version cannot be deleted; the message names the version."""
    used = add(0.5)
    with pytest.raises(StillInUse, match="version 1 of the model 'digits'"):
        services.checkpoints.delete(used.id)
    assert services.checkpoints.get(used.id) == used


def test_a_live_job_keeps_its_checkpoints(services: Services, held: Callable[..., Claim]) -> None:
    """The checkpoints of a live job cannot be deleted: it may have to resume from them."""
    claim = held()
    mine = checkpoint(claim.job_id, step=1)
    services.workers.add_checkpoint(claim, mine)
    with pytest.raises(StillInUse, match=claim.job_id):
        services.checkpoints.delete(mine.id)


def test_a_queued_job_keeps_its_initial_checkpoint(services: Services, queue: Callable[..., str]) -> None:
    """The checkpoint that a queued job starts from cannot be deleted until the job has ended."""
    start = checkpoint()
    services.checkpoints.add(start)
    job_id = queue(init_from=start.id)
    with pytest.raises(StillInUse, match=job_id):
        services.checkpoints.delete(start.id)
    services.jobs.cancel(job_id)
    services.checkpoints.delete(start.id)
    assert services.checkpoints.ids() == set()


def test_pages_of_checkpoints(services: Services, held: Callable[..., Claim]) -> None:
    """Checkpoints are listed newest first: all, or those of a job."""
    claim = held()
    others = [checkpoint(), checkpoint(claim.job_id, step=1), checkpoint(claim.job_id, step=2)]
    for each in others:
        services.checkpoints.add(each)
    assert services.checkpoints.page(Listing(limit=2)) == ([others[2], others[1]], True)
    assert services.checkpoints.page(Listing(limit=2, after=others[1].id)) == ([others[0]], False)
    assert services.checkpoints.page(Listing(limit=9), job_id=claim.job_id) == ([others[2], others[1]], False)
