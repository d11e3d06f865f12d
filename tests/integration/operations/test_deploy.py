"""The alerts and the dashboard in deploy/ use all metrics of the service, and no other."""

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from service.api.live.event_hub import EventHub
from service.api.live.metrics import Metrics
from service.api.siblings import Siblings
from service.composition import compose
from service.domain.cluster import ClusterSize
from service.settings import Settings
from tests.servers import Json

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"

_METRIC = re.compile(r"\b((?:naivenet|process)_\w+)(?:\{([^}]*)\})?")
_LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_BY = re.compile(r"\bby\s*\(([^)]*)\)")

#: The labels that Prometheus adds to every series.
ADDED = {"job", "instance"}


def rules() -> list[dict[str, Any]]:
    """Return all alert rules."""
    groups = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[str]:
    """Yield every query in deploy/."""
    yield from (rule["expr"] for rule in rules())
    for panel in json.loads((DEPLOY / "dashboard.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


@pytest.fixture(scope="module")
def of_a_cluster(tmp_path_factory: pytest.TempPathFactory, migrated_database: Path) -> str:
    """Return the metrics of a process whose trainer uses a cluster."""
    folder = tmp_path_factory.mktemp("cluster")
    shutil.copy(migrated_database, folder)
    with contextlib.closing(compose(Settings(data_dir=folder))) as services:
        services.trainers.heartbeat("trainer", workers=0, cluster=ClusterSize())
        metrics = Metrics(Siblings())
        metrics.add_service(services, EventHub(services.events))
        return generate_latest(metrics.registry).decode()


@pytest.fixture(scope="module")
def published(client: httpx2.Client, trained: Json, of_a_cluster: str) -> dict[str, set[str]]:
    """Return each metric, with its labels, of a service that has trained a job and answered a prediction."""
    client.post("/v1/predict", json={"pixels": [0] * 784})
    families = [*text_string_to_metric_families(client.get("/metrics").text)]
    families += text_string_to_metric_families(of_a_cluster)
    labels: dict[str, set[str]] = {}
    for each in (sample for family in families for sample in family.samples):
        labels.setdefault(each.name, set()).update(each.labels)
    return labels


@pytest.mark.parametrize("query", list(expressions()))
def test_queries_use_published_metrics(published: dict[str, set[str]], query: str) -> None:
    """The service publishes each metric of a query, with each label that the query selects or groups by."""
    metrics = _METRIC.findall(query)
    for name, chosen in metrics:
        assert name in published
        assert set(_LABEL.findall(chosen)) <= published[name] | ADDED
    grouped = {label.strip() for group in _BY.findall(query) for label in group.split(",")}
    assert grouped <= {label for name, _ in metrics for label in published[name]} | ADDED
    assert query.count("(") == query.count(")")


def test_every_metric_of_ours_is_documented_and_shown(published: dict[str, set[str]]) -> None:
    """Each metric of the service is documented in docs/reference/operations.md, and on the dashboard or in an alert."""
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name in published if name.startswith("naivenet_")}
    page = (ROOT / "docs" / "reference" / "operations.md").read_text()
    assert {name for name in families if f"`{name}`" not in page} == set()
    shown = " ".join(expressions())
    assert {name for name in families if name not in shown} == set()


def test_every_alert_is_described() -> None:
    """Each alert has a unique name, a severity and a summary; docs/reference/operations.md says what to do."""
    page = (ROOT / "docs" / "reference" / "operations.md").read_text()
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
        assert f"`{rule['alert']}`" in page


def test_panels_of_the_dashboard_do_not_overlap() -> None:
    """Each panel has its own position and number, and queries the chosen data source."""
    panels = json.loads((DEPLOY / "dashboard.json").read_text())["panels"]
    assert len({(each["gridPos"]["x"], each["gridPos"]["y"]) for each in panels}) == len(panels)
    assert len({each["id"] for each in panels}) == len(panels)
    assert {each["datasource"]["uid"] for each in panels} == {"${source}"}
