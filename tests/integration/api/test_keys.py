"""API keys: when they take effect, when they end, and what is stored; no service is left open by mistake."""

import sqlite3
from contextlib import closing

import httpx2
import pytest

from service.composition import compose
from service.domain.key import Caller, Key, Scope
from service.settings import Settings
from service.store import KeyStore
from tests.conftest import StartServer
from tests.servers import PATIENCE_S, Server, until


def store(server: Server) -> KeyStore:
    """The key store of a service, without its API."""
    return compose(Settings(data_dir=server.data_dir)).keys


def status(server: Server, key: str | None = None) -> int:
    """The status of a list of jobs."""
    headers = {"X-API-Key": key} if key else {}
    return httpx2.get(f"{server.base_url}/v1/jobs", headers=headers, timeout=PATIENCE_S).status_code


def test_only_a_digest_is_stored() -> None:
    """The stored values do not contain the key, and its text fits no other key."""
    (one, text), (other, _) = (Key.new("a", [Scope.READ]) for _ in range(2))
    assert text.startswith(one.id)
    assert text.removeprefix(one.id) not in repr(vars(one))
    assert one.fits(text)
    assert not other.fits(text)


def test_admin_is_all_scopes() -> None:
    """A key with `admin` has every scope, and alone owns the resources without a creator."""
    admin = Caller(id="key_a", name="a", scopes=frozenset({Scope.ADMIN}))
    reader = Caller(id="key_b", name="b", scopes=frozenset({Scope.READ}))
    assert all(admin.may(scope) for scope in Scope)
    assert [scope for scope in Scope if reader.may(scope)] == [Scope.READ]
    assert [each.owns(None) for each in (admin, reader)] == [True, False]
    assert reader.owns("key_b")


def test_the_first_key_makes_keys_required_for_good(start_server: StartServer) -> None:
    """A local service requires keys once there is one, also after that one is revoked."""
    server = start_server(trainer=False, key_refresh_s=0.1)
    assert status(server) == httpx2.codes.OK
    keys = store(server)
    _, text = keys.create("ada", [Scope.READ])
    until(lambda: status(server) == httpx2.codes.UNAUTHORIZED, what="keys to be required")
    assert status(server, text) == httpx2.codes.OK
    keys.revoke("ada")
    until(lambda: status(server, text) == httpx2.codes.UNAUTHORIZED, what="the key to be refused")
    assert status(server) == httpx2.codes.UNAUTHORIZED


def test_a_new_key_works_at_once(start_server: StartServer) -> None:
    """A new key works at once, even if the cache of keys is refreshed rarely."""
    server = start_server(trainer=False, auth="on", key_refresh_s=60)
    assert [status(server, store(server).create("ada", [Scope.READ])[1]) for _ in range(3)] == [httpx2.codes.OK] * 3


def test_the_last_use_is_shown(start_server: StartServer) -> None:
    """It is stored when the service ends, at the latest; an unused key has none."""
    server = start_server(trainer=False, auth="on")
    keys = store(server)
    used, text = keys.create("used", [Scope.READ])
    keys.create("unused", [Scope.READ])
    assert status(server, text) == httpx2.codes.OK
    server.stop()
    assert {key.name: key.last_used_at is not None for key in keys.all()} == {"used": True, "unused": False}
    assert used.last_used_at is None


def test_cached_keys_work_without_the_database(start_server: StartServer) -> None:
    """A key in the cache stays valid while the database is unavailable."""
    server = start_server(trainer=False, auth="on", key_refresh_s=0.1)
    _, text = store(server).create("ada", [Scope.PREDICT])
    headers = {"X-API-Key": text}
    known = httpx2.get(f"{server.base_url}/v2", headers=headers, timeout=PATIENCE_S)
    with closing(sqlite3.connect(server.data_dir / "naivenet.db")) as database:
        database.execute("ALTER TABLE keys RENAME TO hidden")
        database.commit()
    until(lambda: "no such table: keys" in server.said(), what="a failed refresh")
    still = httpx2.get(f"{server.base_url}/v2", headers=headers, timeout=PATIENCE_S)
    assert [known.status_code, still.status_code] == [200, 200]


@pytest.mark.parametrize("auth", ["auto", "on"])
def test_a_public_address_requires_a_key(start_server: StartServer, auth: str) -> None:
    """Without a key the service does not start, and the error says what to do."""
    with pytest.raises(AssertionError, match="ended with 1") as refused:
        start_server(trainer=False, host="0.0.0.0", auth=auth)  # noqa: S104  # refused
    assert "naivenet keys create" in str(refused.value)
    assert "NAIVENET_AUTH=off" in str(refused.value)


def test_authentication_can_be_turned_off(start_server: StartServer) -> None:
    """With `auth=off` any request is answered, even on a public address and after a key was created."""
    server = start_server(trainer=False, host="0.0.0.0", auth="off")  # noqa: S104  # the tests' own machine
    store(server).create("ada", [Scope.READ])
    assert status(server) == httpx2.codes.OK
    assert status(server, "any") == httpx2.codes.OK


def test_idempotency_keys_are_separate_for_each_api_key(start_server: StartServer) -> None:
    """The same idempotency key with another API key names another request."""
    server = start_server(trainer=False, auth="on")
    made = []
    with server.client() as client:
        for name in ("ada", "bob", "ada"):
            _, text = store(server).create(name, [Scope.TRAIN])
            headers = {"X-API-Key": text, "Idempotency-Key": "first"}
            made += [client.post("/v1/jobs", json={}, headers=headers).json()["id"] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made)) == 3


def test_each_key_has_its_own_share_of_the_queue(start_server: StartServer) -> None:
    """A key that fills its share gets a 429 with `Retry-After`; other keys can still queue jobs."""
    server = start_server(trainer=False, auth="on", max_queued_jobs_per_key=1)
    (_, one), (_, other) = (store(server).create(name, [Scope.TRAIN]) for name in "ab")
    with server.client() as client:
        answers = [client.post("/v1/jobs", json={}, headers={"X-API-Key": key}) for key in (one, one, other)]
    assert [answer.status_code for answer in answers] == [202, 429, 202]
    assert answers[1].json()["code"] == "queue_full"
    assert int(answers[1].headers["retry-after"]) > 0
