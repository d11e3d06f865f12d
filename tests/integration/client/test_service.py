"""What the client says about the service, its webhooks and its keys; and that it has a method for each route."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from naivenet_client import Client, Forbidden, NotFound, Unauthorized, verify_webhook
from service.composition import compose
from service.domain.key import Scope
from service.settings import Settings
from tests.conftest import StartServer
from tests.receivers import Receiver
from tests.servers import Server, until

ROOT = Path(__file__).parents[3]

#: Routes of other protocols, which have clients of their own, and pages for browsers.
OTHERS = re.compile(r"/v2\b|:predict$|/v1/models/\{name\}/(versions|labels)/\{|/metadata$|^/(docs|page|openapi|$)")

#: The ends of routes that do what another route does, for other clients.
SECOND_FORMS = (".{form}", ".csv", "/predict/file", "/events/stream")


def test_health_metrics_and_options(naive: Client) -> None:
    """The client shows whether the service is alive and ready, its metrics and its options."""
    assert naive.is_live()
    assert naive.readiness().is_ready
    assert "naivenet_" in naive.metrics()
    options = naive.options()
    assert "relu" in options.activations
    assert options.presets["accurate"].shuffle
    assert "learning_rate" in {each.name for each in options.optimizers[0].parameters}


def test_a_service_that_is_gone_is_not_alive(start_server: StartServer) -> None:
    """After the service has stopped, `is_live` is False, at once."""
    server = start_server(trainer=False)
    with Client(server.base_url) as client:
        assert client.is_live()
        server.stop()
        assert not client.is_live()


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service that requires keys, and may send webhooks to this machine."""
    settings = {"auth": "on", "webhook_private_addresses": True, "key_refresh_s": 0.1}
    server = Server(tmp_path_factory.mktemp("hooked"), tiny=tiny, **settings).start()
    yield server
    server.stop()


def key_of(server: Server, *scopes: Scope) -> str:
    """Create an API key."""
    services = compose(Settings(data_dir=server.data_dir))
    key = services.keys.create("ada", scopes)[1]
    services.close()
    return key


def test_a_key_shows_its_scopes(hooked: Server, naive: Client) -> None:
    """`key` has the name and scopes of the client's key; other keys are refused with their errors."""
    with Client(hooked.base_url, key=key_of(hooked, Scope.READ, Scope.PREDICT)) as client:
        assert (client.key().name, client.key().scopes) == ("ada", ("read", "predict"))
        with pytest.raises(Forbidden, match="train"):
            client.jobs.create()
    with Client(hooked.base_url) as client, pytest.raises(Unauthorized):
        client.key()
    assert naive.key().id is None
    assert naive.key().limits.queued_jobs == 100


def test_a_webhook_is_registered_tested_and_verified(hooked: Server, tmp_path: Path) -> None:
    """A webhook's test arrives with a signature that `verify_webhook` accepts, and its delivery is listed."""
    with Client(hooked.base_url, key=key_of(hooked, Scope.ADMIN)) as client, Receiver(tmp_path / "log") as receiver:
        webhook = client.webhooks.create(f"{receiver.url}/ok", events=["job.failed", "job.epoch"])
        assert webhook.secret
        sent = webhook.test()
        received = until(lambda: receiver.received("/ok"), what="the webhook")[0]
        event = verify_webhook(received["body"], received["headers"], webhook.secret)
        assert (event.id, event.type) == (sent.id, "webhook.test")
        until(lambda: webhook.delivery(sent.id).state == "delivered", what="the end of the delivery")
        assert [each.id for each in webhook.deliveries()] == [sent.id]
        assert client.webhooks.get(webhook.id).events == ("job.failed", "job.epoch")
        assert [each.secret for each in client.webhooks.list()] == [None]
        assert webhook.secret not in repr(webhook)
        webhook.delete()
        with pytest.raises(NotFound):
            client.webhooks.get(webhook.id)


def test_the_client_has_a_method_for_each_route() -> None:
    """The paths in the client's source are those of the OpenAPI document, without other protocols and second forms."""
    document = json.loads((ROOT / "tests" / "compatibility" / "openapi.json").read_text())
    operations = document["paths"].items()
    own = {path for path, methods in operations if "delete" in methods or not OTHERS.search(path)}
    own -= {path for path, methods in operations if all(each.get("deprecated") for each in methods.values())}
    routes = {path for path in own if not path.endswith(SECOND_FORMS)}
    source = "".join(path.read_text() for path in (ROOT / "client" / "naivenet_client" / "_async").glob("*.py"))
    assert {_shape(path) for path in routes} == _paths(source)


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _paths(source: str) -> set[str]:
    """The paths of requests: written whole, or of a resource with one of the suffixes that its methods add."""
    whole = set(map(_shape, re.findall(r'"(/(?:v1|health|metrics)[^"]*)"', source)))
    actions = {f"/v1/jobs/{{}}{suffix}" for suffix in re.findall(r'_change\("\w+", "([^"]*)"', source)}
    charts = {f"/v1/checkpoints/{{}}/{name}" for name in re.findall(r'self\._chart\("(\w+)"', source)}
    return {path for path in whole if not path.endswith("{}{}") and path != "/v1/checkpoints/{}/{}"} | actions | charts
