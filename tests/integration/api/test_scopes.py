"""Every route against every scope: which keys open it, which do not, and whose job it is."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from service.api.access.gate import GatedRoute, check_all_gated
from service.api.access.scopes import requires
from service.api.app import create_app
from service.composition import Services, compose
from service.domain.config import JobConfig
from service.domain.experiment import Arm, Design
from service.domain.ids import new_id
from service.domain.key import Caller, Creator, Scope
from service.jobs.datasets import collecting
from service.settings import Settings
from tests.integration.api.scopes_of_routes import ADMIN, OWNED, PROTOCOLS, ROUTES
from tests.servers import Server
from tests.stored import checkpoint


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """A service that requires API keys, and keys for it."""

    client: httpx2.Client
    services: Services

    def key(self, *scopes: Scope, expired: bool = False) -> tuple[Caller, str]:
        """A new key of these scopes."""
        expires_at = datetime.now(UTC) - timedelta(seconds=1) if expired else None
        key, text = self.services.keys.create("test", scopes, expires_at=expires_at)
        return key.caller, text

    def ask(self, route: str, key: str | None, **names: str) -> httpx2.Response:
        """Send a request with only the key; its path names resources that do not exist, unless *names* do."""
        method, _, path = route.partition(" ")
        known = {
            "job_id": "job_none",
            "step": "1",
            "form": "svg",
            "webhook_id": "hook_none",
            "delivery_id": "msg_none",
            "checkpoint_id": "ckpt_none",
            "sample_id": "smp_none",
            "experiment_id": "exp_none",
            "name": "digits",
            "language": "en",
            "alias": "a",
            "layer": "0",
            "unit": "0",
            **names,
        }
        headers = {"Authorization": f"Bearer {key}".encode()} if key else {}
        return self.client.request(method, path.format(version="1", index="0", label="live", **known), headers=headers)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Guarded]:
    """One service for all routes; without a trainer, so that jobs stay queued."""
    server = Server(tmp_path_factory.mktemp("guarded"), tiny=tiny, auth="on", trainer=False, key_refresh_s=0.1).start()
    services = compose(Settings(data_dir=server.data_dir, max_queued_jobs_per_key=100))
    with server.client() as client:
        yield Guarded(client=client, services=services)
    services.close()
    server.stop()


@pytest.fixture(scope="module")
def keys(guarded: Guarded) -> dict[Scope, str]:
    """A key of each scope alone."""
    return {scope: guarded.key(scope)[1] for scope in Scope}


@pytest.fixture(scope="module")
def invalid(guarded: Guarded, keys: dict[Scope, str]) -> list[str | None]:
    """Keys that are not valid: missing, invented, expired, revoked, with a wrong secret, without one, and nonsense."""
    expired, (revoked, text) = guarded.key(Scope.ADMIN, expired=True)[1], guarded.key(Scope.ADMIN)
    guarded.services.keys.revoke(revoked.id or "")
    good = keys[Scope.ADMIN]
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    return [None, "invented", expired, text, wrong, good[: len(revoked.id or "")], "ü" * 40]


def test_every_route_is_in_the_list(tmp_path: Path) -> None:
    """The list in this file and the application have the same routes."""
    contexts = iter_route_contexts(create_app(Settings(data_dir=tmp_path)).routes)
    routes = {
        f"{method} {each.path_format}" for each in contexts for method in (each.methods or ()) if method != "HEAD"
    }
    assert routes == ROUTES.keys()


def test_a_route_that_has_no_gate_is_not_served() -> None:
    """A scope alone guards nothing: the application does not start with such a route."""
    router = APIRouter(prefix="/v1/jobs")
    router.add_api_route("", requires(Scope.READ)(lambda: None))
    with pytest.raises(LookupError, match="route_class=GatedRoute"):
        check_all_gated(router.routes)


def test_a_route_that_states_no_scope_is_not_served() -> None:
    """The application does not start with such a route: each says which scope it requires, or that it is public."""
    router = APIRouter(prefix="/v1/jobs", route_class=GatedRoute)
    with pytest.raises(LookupError, match="states no scope"):
        router.add_api_route("", lambda: None)


@pytest.mark.parametrize("route", ROUTES)
def test_each_scope_opens_its_routes_and_no_others(guarded: Guarded, keys: dict[Scope, str], route: str) -> None:
    """`admin` opens all routes; a 403 names the required scope."""
    for scope, key in keys.items():
        answer = guarded.ask(route, key)
        opens = not ROUTES[route] or scope in ROUTES[route] | ADMIN
        assert (answer.status_code == httpx2.codes.FORBIDDEN) == (not opens), (scope, answer.text)
        assert answer.status_code != httpx2.codes.UNAUTHORIZED
        if not opens:
            assert all(f"`{taken}`" in answer.text for taken in ROUTES[route]), answer.text


@pytest.mark.parametrize("route", ROUTES)
def test_without_a_valid_key_only_public_routes_answer(guarded: Guarded, invalid: list[str | None], route: str) -> None:
    """Every invalid key gets the same 401."""
    for key in invalid:
        answer = guarded.ask(route, key)
        assert (answer.status_code == httpx2.codes.UNAUTHORIZED) == bool(ROUTES[route]), (key, answer.text)
        if ROUTES[route]:
            assert answer.headers["www-authenticate"] == "Bearer"
            assert route in PROTOCOLS or answer.json()["code"] == "unauthenticated"


@pytest.mark.parametrize("route", OWNED)
def test_another_keys_resource_requires_admin(guarded: Guarded, route: str) -> None:
    """Its creator and `admin` may change something; another key with `train` gets a 403, and why."""
    (maker, own), (_, other), (_, admin) = guarded.key(Scope.TRAIN), guarded.key(Scope.TRAIN), guarded.key(Scope.ADMIN)
    arms = tuple(Arm(name=name, config=JobConfig().model_dump(mode="json")) for name in "AB")
    design = Design(arms=arms, seeds=(1,))
    for key, refused in ((other, True), (own, False), (admin, False)):
        job = guarded.services.jobs.create(JobConfig(), caller=maker)
        saved = checkpoint(job.id, step=1)
        guarded.services.checkpoints.add(saved)
        made = collecting.create(guarded.services, new_id("own"), created_by=Creator(id=maker.id or "", name="test"))
        experiment = guarded.services.experiments.create(design, caller=maker)
        answer = guarded.ask(
            route, key, job_id=job.id, checkpoint_id=saved.id, experiment_id=experiment.id, name=made.name
        )
        assert (answer.status_code == httpx2.codes.FORBIDDEN) == refused, answer.text
        assert not refused or (answer.json()["code"] == "forbidden" and "`admin`" in answer.json()["detail"])


def test_reading_is_shared(guarded: Guarded) -> None:
    """Any key with `read` sees a job, and the job names its creator."""
    maker, own = guarded.key(Scope.TRAIN)
    made = guarded.client.post("/v1/jobs", json={}, headers={"X-API-Key": own}).json()
    seen = guarded.ask("GET /v1/jobs/{job_id}", guarded.key(Scope.READ)[1], job_id=made["id"]).json()
    assert seen["created_by"] == {"id": maker.id, "name": "test"}


def test_an_upload_belongs_to_its_key(guarded: Guarded) -> None:
    """Only the key that uploaded a checkpoint may delete it."""
    maker, own = guarded.key(Scope.TRAIN)
    saved = replace(checkpoint(), created_by=maker.id)
    guarded.services.checkpoints.add(saved)
    route = "DELETE /v1/checkpoints/{checkpoint_id}"
    assert guarded.ask(route, guarded.key(Scope.TRAIN)[1], checkpoint_id=saved.id).status_code == httpx2.codes.FORBIDDEN
    assert guarded.ask(route, own, checkpoint_id=saved.id).status_code == httpx2.codes.NO_CONTENT


@pytest.mark.parametrize("route", PROTOCOLS)
def test_serving_protocols_have_their_own_errors(guarded: Guarded, keys: dict[Scope, str], route: str) -> None:
    """A 401 and a 403 are ``{"error": ...}`` under their paths."""
    for key in (None, keys[Scope.TRAIN]):
        assert guarded.ask(route, key).json().keys() == {"error"}


def test_the_document_names_the_scope_of_each_operation(guarded: Guarded) -> None:
    """Each operation lists its scopes and, unless it is public, both ways to send a key."""
    document = guarded.client.get("/openapi.json").json()
    assert document["components"]["securitySchemes"].keys() == {"bearer", "header"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            scopes = ROUTES[f"{method.upper()} {path}"]
            assert set(operation["x-required-scopes"]) == set(scopes)
            assert operation["security"] == ([{"bearer": []}, {"header": []}] if scopes else [])


def test_the_key_is_checked_before_the_body_is_read(guarded: Guarded) -> None:
    """A client without a key cannot make the service read a large upload."""
    with socket.create_connection((guarded.client.base_url.host, guarded.client.base_url.port or 80), 30) as connection:
        head = "POST /v1/checkpoints HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 401"
