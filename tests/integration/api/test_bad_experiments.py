"""Experiments that are refused: each error points at its field, and nothing is queued."""

import httpx2
import pytest

from tests.integration.api.experiments import PATH, QUICK, TWO_ARMS, arm
from tests.servers import Json

SPLIT = {"validation_split": 0.1}
SWEPT: Json = {"arms": None, "baseline": None, "config": QUICK}

#: By case: what is wrong with the body, and the pointers and codes of the errors.
REFUSED: dict[str, tuple[Json, list[tuple[str, str]]]] = {
    "no arms": ({"arms": []}, [("/arms", "no_arms")]),
    "nothing to train": ({"arms": None}, [("/arms", "no_arms")]),
    "one arm": ({"arms": [arm("a")], "baseline": None}, [("/arms", "one_arm")]),
    "equal arms": (
        {"arms": [arm("a"), arm("b", metadata={"c": "d"})], "baseline": None},
        [("/arms/1/config", "equal_arms")],
    ),
    "two arms of one name": (
        {"arms": [arm("a"), arm("a", epochs=2)], "baseline": None},
        [("/arms/1/name", "repeated_name")],
    ),
    "duplicate seeds": ({"seeds": [1, 2, 1]}, [("/seeds/2", "repeated_seed")]),
    "a seed below zero": ({"seeds": [1, -1]}, [("/seeds/1", "greater_than_equal")]),
    "a seed that is a text": ({"seeds": [1, "2"]}, [("/seeds/1", "int_type")]),
    "no seeds": ({"seeds": []}, [("/seeds", "no_seeds")]),
    "10,000 jobs": ({"seeds": 5000}, [("/seeds", "too_many_jobs")]),
    "an unknown metric": ({"metric": "beauty"}, [("/metric", "literal_error")]),
    "a metric that is not measured": (
        {"metric": "validation_loss", "arms": [arm("a", **SPLIT), arm("b")], "baseline": None},
        [("/arms/1/config/validation_split", "arm_needs_validation")],
    ),
    "an epoch by a validation that is not there": (
        {"epoch": "best_validation", "arms": [arm("a"), arm("b", **SPLIT)], "baseline": None},
        [("/arms/0/config/validation_split", "arm_needs_validation")],
    ),
    "an epoch that the test set would choose": (
        {"arms": [arm("a", early_stopping={"monitor": "test_loss"}), arm("b")], "baseline": None},
        [("/arms/0/config/early_stopping/monitor", "chosen_by_test")],
    ),
    "wrong configurations": (
        {"arms": [arm("small", epochs=0), arm("b", optimizer={"learning_rate": -1})]},
        [
            ("/arms/0/config/epochs", "greater_than_equal"),
            ("/arms/1/config/optimizer/learning_rate", "greater_than_equal"),
        ],
    ),
    "a seed in an arm": ({"arms": [arm("small"), arm("b", seed=1)]}, [("/arms/1/config/seed", "seed_of_an_arm")]),
    "an unknown dataset": (
        {"arms": [arm("small"), arm("b", dataset="none")]},
        [("/arms/1/config/dataset", "no_such_dataset")],
    ),
    "an unknown baseline": ({"baseline": "smal"}, [("/baseline", "no_such_arm")]),
    "an unknown field": ({"arm": []}, [("/arm", "extra_forbidden")]),
    "arms and a sweep": ({"sweep": {"/epochs": [1, 2]}}, [("/sweep", "arms_and_sweep")]),
    "a config without a sweep": ({"config": {}}, [("/config", "needs_sweep")]),
    "a wrong value of a sweep": (
        SWEPT | {"sweep": {"/optimizer/learning_rate": [0.1, -1]}},
        [("/sweep/~1optimizer~1learning_rate/1", "greater_than_equal")],
    ),
    "a wrong field beside a sweep": (
        SWEPT | {"config": {"epochs": 0}, "sweep": {"/batch_size": [64, 128]}},
        [("/config/epochs", "greater_than_equal")],
    ),
    "a sweep with 10,000 jobs": (
        SWEPT | {"sweep": {"/epochs": list(range(1, 101)), "/batch_size": list(range(1, 101))}, "seeds": 1},
        [("/sweep", "too_many_jobs")],
    ),
    "a swept seed": (
        SWEPT | {"sweep": {"/seed": [1, 2]}},
        [("/sweep/~1seed/0", "seed_of_an_arm"), ("/sweep/~1seed/1", "seed_of_an_arm")],
    ),
    "a margin below zero": ({"margin": -0.1}, [("/margin", "greater_than_equal")]),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_wrong_body_is_refused_with_pointers(client: httpx2.Client, what: str) -> None:
    """Each error is a 422 that points at the field, in both languages, and nothing is queued."""
    body, wanted = REFUSED[what]
    before = client.get("/v1/jobs", params={"limit": 1}).json()["data"]
    for language in ("en", "es"):
        answer = client.post(PATH, json=TWO_ARMS | body, headers={"Accept-Language": language})
        assert answer.status_code == httpx2.codes.UNPROCESSABLE_CONTENT, answer.text
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == wanted
    assert [job["id"] for job in client.get("/v1/jobs", params={"limit": 1}).json()["data"]] == [
        job["id"] for job in before
    ]
