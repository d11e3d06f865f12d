"""API keys in the store: created, listed, revoked, and never deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from service.composition import Services
from service.domain.config import JobConfig
from service.domain.key import Creator, Scope
from service.errors import InvalidInput, NotFound

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_key_is_read_as_it_was_created(services: Services) -> None:
    """Keys are listed with their scopes and their expiry, newest first."""
    made = [services.keys.create(name, [Scope.TRAIN, Scope.READ], expires_at=NOW)[0] for name in "ab"]
    assert services.keys.all() == made[::-1]


def test_a_key_is_revoked_by_its_id_or_all_of_a_name(services: Services) -> None:
    """Revoking by name ends all keys with this name; a key that was revoked before keeps its time."""
    a, b, c = (services.keys.create(name, [Scope.READ])[0] for name in ("ada", "ada", "bob"))
    (first,) = services.keys.revoke(a.id)
    assert {key.id for key in services.keys.revoke("ada")} == {a.id, b.id}
    left = {key.id: key.revoked_at for key in services.keys.all()}
    assert (left[a.id], left[c.id]) == (first.revoked_at, None)
    with pytest.raises(NotFound, match="no key 'eve'"):
        services.keys.revoke("eve")


def test_the_last_use_never_goes_back(services: Services) -> None:
    """The newest use stays, whichever process writes last."""
    key, _ = services.keys.create("ada", [Scope.READ])
    for moment in (NOW, NOW + timedelta(hours=1), NOW):
        services.keys.record_use({key.id: moment})
    assert services.keys.all()[0].last_used_at == NOW + timedelta(hours=1)


def test_a_job_names_the_key_that_created_it(services: Services) -> None:
    """A job names its key, also after the key was revoked."""
    key, _ = services.keys.create("ada", [Scope.TRAIN])
    job = services.jobs.create(JobConfig(), caller=key.caller)
    services.keys.revoke(key.id)
    assert services.jobs.get(job.id).created_by == Creator(id=key.id, name="ada")
    assert services.jobs.create(JobConfig()).created_by is None


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[31mb", "a\u200eb"])
def test_a_name_can_be_printed(services: Services, name: str) -> None:
    """A name without letters, or with control characters, is refused: names go into logs and lists."""
    with pytest.raises(InvalidInput, match="control characters"):
        services.keys.create(name, [Scope.READ])
