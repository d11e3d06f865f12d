"""Evaluations of checkpoints on their test images, compared with sums by hand."""

import asyncio
import io
import threading
from typing import Any

import httpx2
import numpy as np
import pytest
from starlette.concurrency import run_in_threadpool

import naivenet
from service.api.live import evaluator
from service.api.live.evaluator import Evaluations
from service.api.store_threads import StoreThreads
from service.composition import Services
from service.inference.answers.evaluation import calibration, evaluate
from service.inference.answers.registry import Registry
from tests.servers import TEST_IMAGES, Json
from tests.stored import notebook_weights


@pytest.fixture(scope="module")
def evaluation(client: httpx2.Client, trained: Json) -> Json:
    """The evaluation of the trained job's last checkpoint."""
    answer = client.get(f"/v1/checkpoints/{trained['result']['checkpoint_id']}/evaluation")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def test_accuracy_is_the_jobs(evaluation: Json, trained: Json) -> None:
    """The API (NumPy) and the worker (TensorFlow) measure the same accuracy on the same images."""
    assert evaluation["dataset"] == "tiny"
    assert evaluation["samples"] == TEST_IMAGES
    assert evaluation["accuracy"] == pytest.approx(trained["result"]["test_accuracy"], abs=0.003)


def test_precision_and_recall_follow_from_the_confusion(evaluation: Json) -> None:
    """Rows of the confusion matrix are labels, columns are predictions."""
    confusion = np.array(evaluation["confusion"])
    assert confusion.sum() == evaluation["samples"]
    for each in evaluation["classes"]:
        digit = each["digit"]
        assert each["samples"] == confusion[digit].sum()
        assert each["recall"] == pytest.approx(confusion[digit, digit] / confusion[digit].sum())
        read = confusion[:, digit].sum()
        assert each["precision"] == (pytest.approx(confusion[digit, digit] / read) if read else None)


def test_the_hardest_come_first(evaluation: Json) -> None:
    """Images are sorted by the probability of their label, and each comes with its PNG."""
    hardest = evaluation["hardest"]
    assert [each["label_probability"] for each in hardest] == sorted(each["label_probability"] for each in hardest)
    assert all(each["prediction"] != each["label"] for each in hardest[:5])
    assert all(each["png"].startswith("data:image/png;base64,") for each in hardest)


def test_an_evaluation_is_computed_once(client: httpx2.Client, trained: Json, evaluation: Json) -> None:
    """The second response is the stored one, or a 304 if the client has it."""
    path = f"/v1/checkpoints/{trained['result']['checkpoint_id']}/evaluation"
    again = client.get(path)
    assert again.json() == evaluation
    assert client.get(path, headers={"If-None-Match": again.headers["ETag"]}).status_code == 304


def test_waiting_requests_hold_no_threads(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of sixty concurrent requests computes, and the others wait without a thread, so other work still gets one."""
    upload = services.weights.upload(io.BytesIO(naivenet.to_safetensors(notebook_weights())), None, services.limits)
    begun, go_on, evaluated = threading.Event(), threading.Event(), []

    def slowly(*args: Any) -> Any:
        evaluated.append(args)
        begun.set()
        go_on.wait()
        return evaluate(*args)

    async def ask() -> set[bytes]:
        asked = Evaluations(services, Registry(services.models, services.checkpoints, services.weights), StoreThreads())
        waiting = [asyncio.create_task(asked.get(upload.id)) for _ in range(60)]
        await asyncio.to_thread(begun.wait)
        try:
            assert await asyncio.wait_for(run_in_threadpool(services.checkpoints.get, upload.id), 30) == upload
        finally:
            go_on.set()
        return set(await asyncio.gather(*waiting))

    monkeypatch.setattr(evaluator, "evaluate", slowly)
    assert len(asyncio.run(ask())) == len(evaluated) == 1


def test_an_unknown_checkpoint_is_not_found(client: httpx2.Client) -> None:
    """The status is 404."""
    assert client.get("/v1/checkpoints/ckpt_none/evaluation").status_code == 404


def test_calibration_by_hand() -> None:
    """The last bin holds 0.95, 0.95 and also 1.0: the error is (abs(2.9 - 2) + 0.05) / 4."""
    figures = calibration(np.array([0.95, 0.95, 1.0, 0.05], np.float32), np.array([True, False, True, False]))
    assert [each["samples"] for each in figures["bins"]] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    assert figures["bins"][9]["accuracy"] == pytest.approx(2 / 3)
    assert figures["bins"][9]["confidence"] == pytest.approx(2.9 / 3)
    assert figures["bins"][1]["accuracy"] is None
    assert figures["expected_calibration_error"] == pytest.approx((0.9 + 0.05) / 4, abs=1e-6)


def test_a_network_that_diverged_is_evaluated_too() -> None:
    """Its probabilities are NaN; every image counts as digit 0, without a precision for the others."""
    weights = [np.full((784, 10), np.nan, np.float32), np.zeros(10, np.float32)]
    network = naivenet.NaiveSequential([naivenet.NaiveDense.from_weights(*weights, "softmax")])
    images = np.zeros((4, 28, 28), np.uint8)
    figures = evaluate(network, images, np.array([0, 1, 2, 3], np.uint8))
    assert figures["accuracy"] == 0.25
    assert figures["classes"][1]["precision"] is None
