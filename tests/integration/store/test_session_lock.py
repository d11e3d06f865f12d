"""A lock that one process keeps: others wait for its end."""

from contextlib import closing

import pytest
from sqlalchemy import text

from service.composition import Services
from service.errors import Unavailable
from service.store import Database


def test_it_is_taken_once(services: Services) -> None:
    """A second one gets the lock when the first has released it; another name is another lock."""
    first, other = services.database.session_lock("a"), services.database.session_lock("b")
    elsewhere = Database(services.settings.resolved_database_url)
    second = elsewhere.session_lock("a")
    assert [first.acquire(), first.acquire(), second.acquire(), other.acquire()] == [True, True, False, True]
    first.close()
    assert [second.acquire(), first.acquire()] == [True, False]
    second.close()
    other.close()
    elsewhere.close()


def test_a_lost_connection_is_no_other_process(services: Services) -> None:
    """If the database ends the connection that took the lock, that is an outage; the lock is taken again afterwards."""
    with closing(services.database.session_lock("a")) as lock:
        assert lock.acquire()
        if "sqlite" in services.database.name:  # there the lock of a file is held without a connection
            services.database.close()
            assert lock.acquire()
            return
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with services.database.write() as session:
            session.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        with pytest.raises(Unavailable):
            lock.acquire()
        assert lock.acquire()
