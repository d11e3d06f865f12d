"""The aliases of every model: ``live``, and the computed aliases ``latest`` and ``best``."""

from datetime import UTC, datetime

import httpx2
import pytest

import naivenet
from service.domain.model import Version, best, computed_aliases
from tests.servers import Json, until

MNIST = naivenet.datasets.MNIST_TEST_SET


def version(number: int, accuracy: float | None, test_set: str | None = None) -> Version:
    """Return a version of a model."""
    return Version(
        model="digits",
        version=number,
        checkpoint_id=f"ckpt_{number}",
        job_id=None,
        test_accuracy=accuracy,
        test_set=test_set,
        created_at=datetime.now(UTC),
    )


def test_latest_is_the_highest_number_and_best_the_highest_accuracy() -> None:
    """A version without an accuracy is the best only if no version has one."""
    versions = [version(3, None), version(2, 0.5), version(1, 0.9)]
    assert {alias.alias: alias.version for alias in computed_aliases(versions)} == {"best": 1, "latest": 3}
    assert {alias.alias: alias.version for alias in computed_aliases(versions[:1])} == {"best": 3, "latest": 3}
    assert computed_aliases([]) == ()


@pytest.mark.parametrize(
    ("versions", "live", "wanted"),
    [
        ([version(1, 0.9, MNIST), version(2, 1.0, "threes")], 1, 1),
        ([version(1, 1.0, "threes"), version(2, 0.9, MNIST)], 1, 2),
        ([version(1, 0.8, "a"), version(2, 1.0, "b"), version(3, 0.9, "a")], 1, 3),
        ([version(2, 1.0, "b"), version(3, 0.8, "a")], 3, 3),
        ([version(1, 0.8, "a"), version(2, 1.0, "b")], None, 1),
        ([version(1, 1.0), version(2, 0.8, "a")], 1, 2),
        ([version(1, None), version(2, 0.5, "a")], 1, 2),
        ([version(1, 0.9), version(2, 0.8)], 2, 1),
    ],
)
def test_the_best_is_of_one_test_set(versions: list[Version], live: int | None, wanted: int) -> None:
    """MNIST's, else that of `live`, else that of the first version; an unknown test set ranks below every known one."""
    found = best(versions, live=live)
    assert found is not None
    assert found.version == wanted


def version_by(client: httpx2.Client, alias: str) -> int:
    """The number of the version that a prediction by *alias* comes from."""
    number: int = client.post("/v1/predict", params={"alias": alias}, json={"pixels": [0] * 784}).json()["version"]
    return number


def test_a_model_has_the_computed_aliases(client: httpx2.Client, trained: Json) -> None:
    """They are listed beside ``live``, and predictions can use them."""
    model = client.get("/v1/models/digits").json()
    aliases = {alias["alias"]: alias["version"] for alias in model["aliases"]}
    assert aliases.keys() >= {"best", "latest", "live"}
    assert aliases["latest"] == model["versions"][0]["version"]
    wanted = [aliases["best"], aliases["latest"]]
    until(lambda: [version_by(client, alias) for alias in ("best", "latest")] == wanted, what="the API to follow both")


@pytest.mark.parametrize("alias", ["best", "latest"])
def test_computed_aliases_cannot_be_set_or_deleted(client: httpx2.Client, trained: Json, alias: str) -> None:
    """The response is a 409: they follow from the versions."""
    path = f"/v1/models/digits/aliases/{alias}"
    assert client.put(path, json={"version": 1}).status_code == 409
    assert client.delete(path).status_code == 409


@pytest.mark.parametrize(("top_k", "listed"), [(1, 1), (3, 3), (10, 10)])
def test_top_k_is_the_number_of_ranked_digits(client: httpx2.Client, trained: Json, top_k: int, listed: int) -> None:
    """The most probable digit comes first."""
    pixels = {"pixels": [0, 255] * 392}
    ranked = client.post("/v1/predict", params={"top_k": top_k}, json=pixels).json()["top_k"]
    assert len(ranked) == listed
    assert [each["probability"] for each in ranked] == sorted((each["probability"] for each in ranked), reverse=True)


@pytest.mark.parametrize("top_k", ["0", "11", "-1", "1.5", "x", ""])
def test_top_k_out_of_range_is_refused(client: httpx2.Client, trained: Json, top_k: str) -> None:
    """The error names the query parameter."""
    answer = client.post("/v1/predict", params={"top_k": top_k}, json={"pixels": [0] * 784})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "query/top_k"
