"""Diagnostics: each is reported if its condition holds, with the numbers that show it, and otherwise not."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

import naivenet
from naivenet.backend import tf
from naivenet.backpropagation import loss_gradients
from service.domain.config import JobConfig
from service.training.worker.advice import Adviser
from service.training.worker.chance import Chance
from service.training.worker.diagnostic import Diagnostic, EpochMoment
from service.training.worker.diagnostics import Diagnostics, divergence, unseen_classes

MOMENT = EpochMoment(epoch=1, step=16)
IMAGES = np.random.default_rng(0).integers(0, 256, (1000, 28, 28), dtype=np.uint8)
LABELS = np.arange(1000) % 10


def network(*layers: tuple[Any, Any, Any]) -> naivenet.NaiveSequential:
    """Build a network of these W, b and activations."""
    return naivenet.NaiveSequential(naivenet.NaiveDense.from_weights(W, b, activation) for W, b, activation in layers)


def healthy() -> naivenet.NaiveSequential:
    """Build a network without problems; always the same."""
    rng = np.random.default_rng(7)
    W = rng.normal(0, 0.1, (784, 20))
    first = (W - W.mean(axis=0)).astype(np.float32)  # so that what differs between images outweighs what they share
    second = rng.normal(0, 0.5, (20, 10)).astype(np.float32)
    return network((first, np.zeros(20, np.float32), "relu"), (second, np.zeros(10, np.float32), "softmax"))


def found_in(model: naivenet.NaiveSequential, initial: naivenet.NaiveSequential | None = None) -> list[Diagnostic]:
    """Return the diagnostics of *model* after the first epoch."""
    half = network(*((layer.W / 2, layer.b, layer.activation) for layer in healthy().layers))
    examiner = Diagnostics(initial or half, IMAGES, LABELS)
    return examiner.after_epoch(model, MOMENT, learning_rate=0.5, base_rate=0.5)


def codes(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """Return the codes of diagnostics."""
    return [each.code for each in diagnostics]


def test_a_healthy_network_has_no_diagnostics() -> None:
    """Nothing is reported about a network without problems."""
    assert found_in(healthy()) == []


def test_a_network_on_tensorflow_has_the_same_diagnostics() -> None:
    """A network on TensorFlow gets the same reports as its copy on NumPy."""
    model = naivenet.NOTEBOOK_NETWORK.build(784, seed=1)
    model.layers[0].b.assign(np.full(512, -1000, np.float32))
    found = found_in(model, initial=model.numpy())
    assert codes(found) == ["dead_layer", "one_class"]
    assert [each.as_data() for each in found] == [
        each.as_data() for each in found_in(model.numpy(), initial=model.numpy())
    ]


def test_a_rate_of_zero_is_reported_at_the_start_and_is_the_only_cause() -> None:
    """Weights that do not move are not blamed on a rate that is too small, nor dead units on the training."""
    model = healthy()
    model.layers[0].b[:] = -1000
    examiner = Diagnostics(model, IMAGES, LABELS)
    (start,) = examiner.at_start(base_rate=0.0)
    (after,) = examiner.after_epoch(model, MOMENT, learning_rate=0.0, base_rate=0.0)
    assert (start.code, start.epoch, start.step) == ("zero_learning_rate", 1, 1)
    assert after.condition == start.condition


def test_a_missing_softmax_is_reported_in_place_of_a_saturated_one() -> None:
    """The share of clipped outputs is evidence: half of a symmetric linear layer's are not positive."""
    one, two = healthy().layers
    model = network((one.W, one.b, "relu"), (two.W * 100, two.b, "linear"))
    examiner = Diagnostics(model, IMAGES, LABELS)
    (start,) = examiner.at_start(base_rate=0.5)
    assert (start.code, start.layer) == ("missing_softmax", 1)
    sample = IMAGES[np.linspace(0, 999, 128).astype(int)].reshape(128, -1) / np.float32(255)
    outputs = np.maximum(sample @ one.W, 0) @ (two.W * 100)
    clipped = ((outputs < 1e-7) | (outputs > 1 - 1e-7)).mean()
    assert start.as_data()["evidence"] == {"activation": "linear", "share": pytest.approx(clipped), "images": 128}
    assert "saturated_softmax" not in codes(found_in(model))


def test_gradients_that_vanish_are_reported_and_those_of_relu_are_not() -> None:
    """Eight layers of sigmoid pass hardly any gradient to the first one; eight of relu with he_normal do."""

    def deep(activation: naivenet.ActivationName, initializer: str) -> naivenet.NaiveSequential:
        hidden = {"units": 20, "activation": activation, "initializer": {"name": initializer}}
        last = {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}}
        return (
            JobConfig.model_validate({"network": {"layers": [hidden] * 8 + [last]}}).network.build(784, seed=1).numpy()
        )

    sigmoid, relu = deep("sigmoid", "glorot_uniform"), deep("relu", "he_normal")
    found = {each.code: each for each in found_in(sigmoid, initial=sigmoid)}
    assert found["vanishing_gradients"].layer == 0
    assert found["vanishing_gradients"].evidence["ratio"] < 1e-3
    assert "vanishing_gradients" not in codes(found_in(relu, initial=relu))


@pytest.mark.parametrize("activation", get_args(naivenet.ActivationName))
def test_gradients_of_the_loss_are_those_of_tensorflow(activation: Any) -> None:
    """Each layer's gradient of the mean loss equals TensorFlow's, as hidden and as last activation."""
    layers = [naivenet.NaiveDense.from_weights(layer.W, layer.b, activation) for layer in healthy().layers]
    images, labels = IMAGES[:6].reshape(6, -1).astype(np.float32) / 2550, LABELS[:6]
    found = loss_gradients(naivenet.NaiveSequential(layers), images, labels)
    weights = [tf.constant(layer.W) for layer in layers]
    with tf.GradientTape() as tape:
        tape.watch(weights)
        outputs = images
        for layer, W in zip(layers, weights, strict=True):
            outputs = naivenet.get_activation(activation)(outputs @ W + layer.b)
        loss = tf.reduce_mean(naivenet.sparse_categorical_crossentropy(labels, outputs))
    for ours, theirs in zip(found, tape.gradient(loss, weights), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=2e-5 * np.abs(theirs).max())


def test_a_network_at_chance_is_reported_after_a_hundred_steps_or_at_the_end() -> None:
    """The limit is two standard deviations above the largest class: with 1,000 images in ten classes 0.119."""
    chance = Chance.of(LABELS)
    assert chance
    assert chance.limit == pytest.approx(0.1 + 2 * 0.0094868)
    assert Chance.of(LABELS[:99]) is None

    def reported(accuracy: float, *, step: int, is_last: bool = False) -> list[str]:
        position = naivenet.Position(step=step)
        end = naivenet.EpochEnd(
            epoch=2, step=step, train_loss=1, train_accuracy=0, test_accuracy=accuracy, seconds=1, position=position
        )
        return codes(chance.after_epoch(end, is_last=is_last))

    assert reported(0.118, step=100) == ["chance_level"]
    assert reported(0.119, step=100) == []
    assert reported(0.1, step=99) == []
    assert reported(0.1, step=99, is_last=True) == ["chance_level"]


def test_advice_is_a_body_that_the_api_accepts() -> None:
    """Each code's advice changes what its hint names, by JSON pointers; without a likely change it is empty."""
    hidden = {"units": 8, "activation": "sigmoid", "initializer": {"name": "zeros"}}
    layers = [hidden, {**hidden, "activation": "relu"}, {**hidden, "activation": "linear"}]
    config = JobConfig.model_validate(
        {"network": {"layers": layers}, "optimizer": {"name": "sgd", "learning_rate": 0.07}}
    )
    adviser = Adviser(config=config, base_rate=0.07)

    def advice(code: str, layer: int | None = None) -> Any:
        problem = Diagnostic(code=code, layer=layer, epoch=1, step=1, evidence={}, message="", hint="")
        return adviser.advised(problem).as_data()["advice"]

    assert advice("learning_rate_too_small") == {"/optimizer/learning_rate": 0.7}
    assert advice("divergence") == {"/optimizer/learning_rate": 0.007}
    assert advice("zero_learning_rate") == {"/optimizer/learning_rate": 1.0}
    assert advice("missing_softmax", 2) == {"/network/layers/2/activation": "softmax"}
    assert advice("equal_initial_weights", 0) == {"/network/layers/0/initializer": {"name": "glorot_uniform"}}
    assert advice("dead_layer", 1) == {"/network/layers/1/activation": "leaky_relu"}
    assert advice("one_class") == {"/shuffle": True}
    assert sorted(advice("vanishing_gradients", 0)) == [
        f"/network/layers/{i}/{name}" for i in (0, 1) for name in ("activation", "initializer")
    ]
    assert advice("checkpoint_corrupt") == {}
    adviser = replace(adviser, is_explained=True)
    assert advice("one_class") == advice("chance_level") == {}


@pytest.mark.parametrize("dead", [9, 10, 20])
def test_a_dead_layer_is_reported_from_half_of_its_units_on(dead: int) -> None:
    """A hidden layer is reported if at least half of its units output 0 for every image; the number is evidence."""
    model = healthy()
    model.layers[0].b[:] = 1
    model.layers[0].b[:dead] = -1000
    found = [each for each in found_in(model) if each.code == "dead_layer"]
    if dead < 10:
        assert found == []
        return
    (one,) = found
    assert (one.layer, one.epoch, one.step) == (0, 1, 16)
    assert one.as_data()["evidence"] == {"dead_units": dead, "units": 20, "share": dead / 20, "images": 128}


def test_a_network_that_answers_one_class_is_reported() -> None:
    """With a huge bias for one class, that class is evidence; the saturated softmax is reported too."""
    model = healthy()
    model.layers[1].b[3] = 100
    found = {each.code: each for each in found_in(model)}
    assert found["one_class"].evidence["class"] == 3
    assert found["one_class"].evidence["share"] == 1
    assert found["saturated_softmax"].evidence["share"] == pytest.approx(0.9, abs=0.03)


def test_classes_that_only_the_validation_has_are_reported() -> None:
    """The end of a sorted training set has digits that the rest has not; of a mixed one it has none."""
    ordered = np.sort(LABELS)
    (found,) = unseen_classes(ordered[:800], ordered[800:])
    assert found.code == "unseen_classes"
    assert found.evidence == {"classes": 2, "class": 8, "images": 200}
    assert "never sees: 8, 9." in found.message
    assert unseen_classes(LABELS[:800], LABELS[800:]) == []


def test_one_class_is_not_reported_if_the_data_has_one() -> None:
    """If every image is a 3, the answer 3 is correct."""
    model = healthy()
    model.layers[1].b[3] = 100
    examiner = Diagnostics(healthy(), IMAGES, np.full(1000, 3))
    assert examiner.after_epoch(model, MOMENT, learning_rate=0.5, base_rate=0.5) == []


def test_weights_that_hardly_move_are_reported_after_the_first_epoch() -> None:
    """Weights that moved by a hundred-thousandth are reported, with learning rate and move; later epochs are not."""
    initial = healthy()
    moved = network(*((layer.W * np.float32(1.00001), layer.b, layer.activation) for layer in initial.layers))
    (one,) = found_in(moved, initial)
    assert one.code == "learning_rate_too_small"
    assert one.evidence["learning_rate"] == 0.5
    assert one.evidence["relative_move"] == pytest.approx(1e-5, rel=0.02)
    later = Diagnostics(initial, IMAGES, LABELS)
    assert later.after_epoch(moved, EpochMoment(epoch=2, step=32), learning_rate=0.5, base_rate=0.5) == []


@pytest.mark.parametrize("value", [0.0, 0.25])
def test_equal_initial_weights_are_reported_for_each_layer(value: float) -> None:
    """A layer whose weights all start with one number is reported before the first step, with the number."""
    model = healthy()
    model.layers[0].W[:] = value
    (one,) = Diagnostics(model, IMAGES, LABELS).at_start(base_rate=0.5)
    assert (one.code, one.layer, one.step) == ("equal_initial_weights", 0, 1)
    assert one.evidence == {"value": value, "weights": 784 * 20}


def test_one_layer_may_start_as_zeros() -> None:
    """The units of a single layer need not differ: nothing is reported."""
    single = network((np.zeros((784, 10), np.float32), np.zeros(10, np.float32), "softmax"))
    assert Diagnostics(single, IMAGES, LABELS).at_start(base_rate=0.5) == []


def test_a_divergence_names_step_and_learning_rate() -> None:
    """The event log gets plain numbers and words."""
    data = divergence(epoch=2, step=20, learning_rate=0.1).as_data()
    assert (data["code"], data["step"], data["evidence"]) == ("divergence", 20, {"learning_rate": 0.1})
    assert data["hint"]


def test_every_diagnostic_is_documented() -> None:
    """The table in docs/reference/training.md has exactly the codes of the worker's modules."""
    root = Path(__file__).parents[3]
    modules = (root / "service/training/worker").glob("*.py")
    known = [code for module in modules for code in re.findall(r'^ +code="(\w+)"', module.read_text(), re.MULTILINE)]
    table = (root / "docs/reference/training.md").read_text().partition("## Diagnostics")[2].partition("## Exact")[0]
    assert sorted(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == sorted(known)


def test_few_images_suffice() -> None:
    """A dataset that is smaller than the sample is examined as a whole."""
    assert codes(Diagnostics(healthy(), IMAGES[:5], LABELS[:5]).at_start(base_rate=0.5)) == []
