"""A lock that one process keeps: others wait for its end."""

from service.composition import Services
from service.store import Database


def test_it_is_taken_once(services: Services) -> None:
    """A second one gets the lock when the first has released it; another name is another lock."""
    first, other = services.database.session_lock("a"), services.database.session_lock("b")
    elsewhere = Database(services.settings.resolved_database_url)
    second = elsewhere.session_lock("a")
    assert [first.acquire(), first.acquire(), second.acquire(), other.acquire()] == [True, True, False, True]
    first.release()
    assert [second.acquire(), first.acquire()] == [True, False]
    second.release()
    other.release()
    elsewhere.close()
