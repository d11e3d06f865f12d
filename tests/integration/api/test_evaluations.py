"""How well a checkpoint reads its test images, held against sums by hand."""

import asyncio
import threading
from typing import Any

import httpx
import numpy as np
import pytest
from starlette.concurrency import run_in_threadpool

import naivenet
from service.api.live import evaluator as evaluations
from service.api.live.evaluator import Evaluations
from service.composition import Services
from service.inference.answers.evaluation import calibration, evaluate
from service.inference.answers.registry import Registry
from tests.servers import TEST_IMAGES, Json
from tests.stored import notebook_weights


@pytest.fixture(scope="module")
def told(client: httpx.Client, trained: Json) -> Json:
    """The evaluation of the trained job's last checkpoint."""
    answer = client.get(f"/v1/checkpoints/{trained['result']['checkpoint_id']}/evaluation")
    assert answer.status_code == 200, answer.text
    evaluation: Json = answer.json()
    return evaluation


def test_accuracy_is_the_jobs(told: Json, trained: Json) -> None:
    """NumPy here, TensorFlow there, the same images."""
    assert told["dataset"] == "tiny"
    assert told["samples"] == TEST_IMAGES
    assert told["accuracy"] == pytest.approx(trained["result"]["test_accuracy"], abs=0.003)


def test_precision_and_recall_follow_from_the_confusion(told: Json) -> None:
    """Rows are labels, columns what was read."""
    confusion = np.array(told["confusion"])
    assert confusion.sum() == told["samples"]
    for each in told["classes"]:
        digit = each["digit"]
        assert each["samples"] == confusion[digit].sum()
        assert each["recall"] == pytest.approx(confusion[digit, digit] / confusion[digit].sum())
        read = confusion[:, digit].sum()
        assert each["precision"] == (pytest.approx(confusion[digit, digit] / read) if read else None)


def test_the_hardest_come_first(told: Json) -> None:
    """By how unlikely their label was thought, with a picture each."""
    hardest = told["hardest"]
    assert [each["label_probability"] for each in hardest] == sorted(each["label_probability"] for each in hardest)
    assert all(each["prediction"] != each["label"] for each in hardest[:5])
    assert all(each["png"].startswith("data:image/png;base64,") for each in hardest)


def test_it_is_worked_out_once(client: httpx.Client, trained: Json, told: Json) -> None:
    """The second answer is the first one's bytes, or nothing where the client has them."""
    path = f"/v1/checkpoints/{trained['result']['checkpoint_id']}/evaluation"
    again = client.get(path)
    assert again.json() == told
    assert client.get(path, headers={"If-None-Match": again.headers["ETag"]}).status_code == 304


def test_who_waits_for_it_holds_up_nobody(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty ask at once, more than there are threads: one works it out, and other work gets a thread meanwhile."""
    upload = services.weights.upload(naivenet.to_safetensors(notebook_weights()), None, services.limits)
    begun, go_on, evaluated = threading.Event(), threading.Event(), []

    def slowly(*args: Any) -> Any:
        evaluated.append(args)
        begun.set()
        go_on.wait()
        return evaluate(*args)

    async def ask() -> set[bytes]:
        asked = Evaluations(services, Registry(services.models, services.checkpoints, services.weights))
        waiting = [asyncio.create_task(asked.get(upload.id)) for _ in range(60)]
        await asyncio.to_thread(begun.wait)
        try:
            assert await asyncio.wait_for(run_in_threadpool(services.checkpoints.get, upload.id), 30) == upload
        finally:
            go_on.set()
        return set(await asyncio.gather(*waiting))

    monkeypatch.setattr(evaluations, "evaluate", slowly)
    assert len(asyncio.run(ask())) == len(evaluated) == 1


def test_a_checkpoint_that_is_not_there_has_none(client: httpx.Client) -> None:
    """404."""
    assert client.get("/v1/checkpoints/ckpt_none/evaluation").status_code == 404


def test_calibration_by_hand() -> None:
    """Two answers of 0.95, one right; one of 1.0, right: |1.9 - 1| of the last bin's, and 1.0 falls into it too."""
    figures = calibration(np.array([0.95, 0.95, 1.0, 0.05], np.float32), np.array([True, False, True, False]))
    assert [each["samples"] for each in figures["bins"]] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    assert figures["bins"][9]["accuracy"] == pytest.approx(2 / 3)
    assert figures["bins"][9]["confidence"] == pytest.approx(2.9 / 3)
    assert figures["bins"][1]["accuracy"] is None
    assert figures["expected_calibration_error"] == pytest.approx((0.9 + 0.05) / 4, abs=1e-6)


def test_a_network_that_diverged_is_evaluated_too() -> None:
    """It is sure of nothing."""
    weights = [np.full((784, 10), np.nan, np.float32), np.zeros(10, np.float32)]
    network = naivenet.NaiveSequential([naivenet.NaiveDense.from_weights(*weights, "softmax")])
    images = np.zeros((4, 28, 28), np.uint8)
    figures = evaluate(network, images, np.array([0, 1, 2, 3], np.uint8))
    assert figures["accuracy"] == 0.25
    assert figures["classes"][1]["precision"] is None
