"""Requests with an idempotency key create one thing, however often and at whatever time they are repeated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from service.composition import Services
from service.domain.claims import Claim
from service.domain.listing import Listing
from service.domain.webhook import NewWebhook
from service.errors import IdempotencyConflict
from service.store.idempotency import REMEMBERED_FOR, IdempotencyKey
from service.store.tables import IdempotencyRow
from tests.integration.store.test_races import CALLERS, at_once
from tests.stored import checkpoint

KEY = IdempotencyKey(key="k", digest="d")
WEBHOOK = NewWebhook(url="https://example.com")

Create = Callable[[IdempotencyKey], str]


@pytest.fixture(params=["webhook", "test of a webhook", "version", "upload", "save"])
def create(request: pytest.FixtureRequest, services: Services) -> Create:
    """Creates something by a request with this key, and returns its id."""

    def version(key: IdempotencyKey) -> str:
        return str(services.models.add_version("digits", point.id, key).version)

    match request.param:
        case "webhook":
            return lambda key: services.webhooks.add(WEBHOOK, key)[0].id
        case "test of a webhook":
            hook = services.webhooks.add(WEBHOOK)[0]
            return lambda key: services.webhooks.test(hook.id, key).id
        case "version":
            services.checkpoints.add(point := checkpoint(accuracy=0.5))
            return version
        case "upload":
            return lambda key: services.checkpoints.add(checkpoint(), key).id
    held: Callable[..., Claim] = request.getfixturevalue("held")
    job_id = held().job_id
    return lambda key: services.save_requests.create(job_id, key)


def test_requests_with_one_key_create_one_thing(create: Create) -> None:
    """Eight requests at the same time get the same id, and so does a later one; another key creates another thing."""
    created = at_once(*[lambda: create(KEY)] * CALLERS)
    assert set(created) == {create(KEY)}
    assert create(IdempotencyKey(key="another", digest="d")) not in created


def test_a_key_belongs_to_one_body(create: Create) -> None:
    """Another body with the same key is a conflict."""
    create(KEY)
    with pytest.raises(IdempotencyConflict):
        create(IdempotencyKey(key="k", digest="another"))


def test_a_repeated_webhook_has_its_secret(services: Services) -> None:
    """The secret of the first request was lost with its response: the second one gets the same."""
    assert services.webhooks.add(WEBHOOK, KEY) == services.webhooks.add(WEBHOOK, KEY)
    assert len(services.webhooks.page(Listing())[0]) == 1


def test_what_was_deleted_meanwhile_is_a_conflict(services: Services) -> None:
    """A repeated request does not create again what another client has deleted."""
    services.webhooks.remove(services.webhooks.add(WEBHOOK, KEY)[0].id)
    with pytest.raises(IdempotencyConflict, match="deleted"):
        services.webhooks.add(WEBHOOK, KEY)


def test_keys_are_forgotten_after_a_day(services: Services) -> None:
    """The next request with a key removes the keys that are too old to be repeated."""
    services.webhooks.add(WEBHOOK, KEY)
    with services.database.write() as session:
        session.get_one(IdempotencyRow, "k").created_at = datetime.now(UTC) - REMEMBERED_FOR - timedelta(seconds=1)
    services.webhooks.add(WEBHOOK, IdempotencyKey(key="next", digest="d"))
    with services.database.read() as session:
        assert list(session.scalars(select(IdempotencyRow.key))) == ["next"]
