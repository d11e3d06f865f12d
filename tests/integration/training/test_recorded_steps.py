"""A job with `record_steps` records what happens in its first steps, and learns the same as without it."""

from functools import partial
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import naivenet
from naivenet.inputs import scaled
from service.composition import Services
from service.domain.job import Status
from service.errors import NotFound
from service.jobs.datasets import load_version
from service.jobs.runs import load_samples
from tests.attempts import attempt, claim_next, queue
from tests.integration.training.test_exact_resume import SMALL, outcome, uninterrupted
from tests.servers import OVERFLOWING

SGD = SMALL | {"epochs": 1, "optimizer": {"name": "sgd", "learning_rate": 0.05}}


@pytest.fixture
def recorded(tiny_services: Services) -> tuple[str, list[dict[str, Any]]]:
    """A job, and its recorded steps."""
    job_id = uninterrupted(tiny_services, **SGD, record_steps=3)
    return job_id, [tiny_services.steps.get(job_id, step) for step in tiny_services.steps.numbers(job_id)]


def test_a_recorded_step_is_the_step_of_the_training(
    tiny_services: Services, recorded: tuple[str, list[dict[str, Any]]]
) -> None:
    """The mean of its losses is the loss of the history, and plain descent moves the weights by rate times gradient."""
    job_id, steps = recorded
    history = tiny_services.history.losses(job_id).losses
    assert [step["step"] for step in steps] == [1, 2, 3]
    for step in steps:
        assert np.mean(step["losses"]) == pytest.approx(history[step["step"] - 1], rel=1e-5)
        assert step["loss"] == pytest.approx(history[step["step"] - 1], rel=1e-6)
        assert step["correct"] >= sum(each["label"] == each["prediction"] for each in step["samples"])
        for weight in step["weights"]:
            assert weight["update_length"] == pytest.approx(0.05 * weight["gradient_length"], rel=1e-2)
        unit = step["unit"]
        assert np.allclose(unit["update"], -0.05 * np.array(unit["gradient"]), atol=1e-6)
    moved = np.add(steps[0]["unit"]["weights"], steps[0]["unit"]["update"])
    assert steps[1]["unit"]["unit"] != steps[0]["unit"]["unit"] or np.allclose(moved, steps[1]["unit"]["weights"])


def test_the_gradients_of_the_first_step_are_those_of_a_tape(
    tiny_services: Services, recorded: tuple[str, list[dict[str, Any]]]
) -> None:
    """TensorFlow's own gradient of the mean cross-entropy of the first batch has the recorded lengths."""
    job_id, (first, *_) = recorded
    config = tiny_services.jobs.get(job_id).config
    images, labels = load_samples(config, partial(load_version, tiny_services)).training
    order = naivenet.epoch_order(len(images), epoch=0, seed=config.seed or 0, shuffle=True)[:96]
    model = config.network.build(784, seed=config.seed or 0)
    inputs = scaled(tf.constant(np.asarray(images)[order].reshape(96, -1)))
    with tf.GradientTape() as tape:
        losses = tf.keras.losses.sparse_categorical_crossentropy(np.asarray(labels)[order], model(inputs))
        loss = tf.reduce_mean(losses)
    lengths = [float(tf.norm(gradient)) for gradient in tape.gradient(loss, model.weights)]
    assert [weight["gradient_length"] for weight in first["weights"]] == pytest.approx(lengths, rel=1e-3)
    assert [each["label"] for each in first["samples"]] == np.asarray(labels)[order][:32].tolist()


def test_recording_changes_nothing(tiny_services: Services) -> None:
    """A job that records its steps ends with the same bytes and the same log as one that does not."""
    plain = outcome(tiny_services, uninterrupted(tiny_services, **SMALL))
    assert outcome(tiny_services, uninterrupted(tiny_services, **SMALL, record_steps=5)) == plain


def test_a_repeated_attempt_records_each_step_once(tiny_services: Services) -> None:
    """A job that is killed and starts again has the recorded steps of an undisturbed one."""
    whole = uninterrupted(tiny_services, **SMALL, record_steps=5)
    job_id = queue(tiny_services, **SMALL, record_steps=5)
    attempt(tiny_services, claim_next(tiny_services), kill_at=4)
    attempt(tiny_services, claim_next(tiny_services))
    assert tiny_services.jobs.get(job_id).status is Status.SUCCEEDED
    steps = [[tiny_services.steps.get(each, number) for number in range(1, 6)] for each in (whole, job_id)]
    assert steps[0] == steps[1]


def test_a_loss_that_is_not_finite_is_recorded(tiny_services: Services) -> None:
    """The step in which a training diverges is recorded with null and the name of the number."""
    job_id = queue(tiny_services, **OVERFLOWING, record_steps=10)
    attempt(tiny_services, claim_next(tiny_services))
    assert tiny_services.jobs.get(job_id).status is Status.FAILED
    last = tiny_services.steps.get(job_id, tiny_services.steps.numbers(job_id)[-1])
    assert (last["loss"], last["nonfinite"]) == (None, "nan")


def test_a_job_without_the_field_records_nothing(tiny_services: Services) -> None:
    """Its list is empty, and a step is not found."""
    job_id = queue(tiny_services, **SMALL)
    assert tiny_services.steps.numbers(job_id) == []
    with pytest.raises(NotFound, match="recorded step"):
        tiny_services.steps.get(job_id, 1)
