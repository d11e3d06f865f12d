"""``naivenet webhooks`` against a real service."""

import httpx2
import pytest

from tests.integration.cli.conftest import Run

URL = "https://example.com/hook"


def test_webhooks_are_registered_shown_tested_and_deleted(
    naivenet_cli: Run, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret is printed alone, and only once; the deliveries are listed."""
    made = naivenet_cli("webhooks", "create", URL, "--event", "job.failed", "--group", "cli")
    assert made.text.startswith("whsec_")
    hook = made.error.split()[0]
    shown = client.get(f"/v1/webhooks/{hook}").json()
    assert naivenet_cli("webhooks", "show", hook).json == shown
    assert f"{hook}\t{URL}\tjob.failed" in naivenet_cli("webhooks", "list").text
    assert shown in naivenet_cli("webhooks", "list", "--json").json
    delivery = naivenet_cli("webhooks", "test", hook).text.strip()
    assert naivenet_cli("webhooks", "deliveries", hook, "--json").json[0]["id"] == delivery
    assert f"{delivery}\twebhook.test\t" in naivenet_cli("webhooks", "deliveries", hook).text
    assert naivenet_cli("webhooks", "redeliver", hook, delivery).text.strip() in {"waiting", "sending"}
    assert not naivenet_cli("webhooks", "update", hook, "--disable", "--event", "job.epoch", "--json").json["enabled"]
    assert naivenet_cli("webhooks", "test", hook).code == 5
    assert naivenet_cli("webhooks", "update", hook).code == 2
    monkeypatch.setattr("service.cli.output.is_terminal", lambda: True)
    assert f"url      {URL}" in naivenet_cli("webhooks", "show", hook).text
    assert naivenet_cli("webhooks", "delete", hook, "--json").json == {"id": hook, "deleted": True}
    for command in ("show", "deliveries", "test", "delete"):
        assert naivenet_cli("webhooks", command, hook).code == 3


def test_a_new_webhook_as_json(naivenet_cli: Run) -> None:
    """The JSON of a new webhook has its secret, and by default all ends of jobs."""
    made = naivenet_cli("webhooks", "create", URL, "--json").json
    assert made["secret"].startswith("whsec_")
    assert made["events"] == ["job.succeeded", "job.failed", "job.cancelled"]
    naivenet_cli("webhooks", "delete", made["id"])


def test_a_wrong_url_is_refused(naivenet_cli: Run) -> None:
    """The error has the pointer of the field."""
    ran = naivenet_cli("webhooks", "create", "ftp://example.com")
    assert ran.code == 2
    assert "url" in ran.error
