"""Diagnostics: each is reported if its condition holds, with the numbers that show it, and otherwise not."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import naivenet
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
    return examiner.after_epoch(model, MOMENT, learning_rate=0.5)


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
    assert codes(found) == ["dead_layer", "one_class", "learning_rate_too_small"]
    assert [each.as_data() for each in found] == [
        each.as_data() for each in found_in(model.numpy(), initial=model.numpy())
    ]


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
    assert examiner.after_epoch(model, MOMENT, learning_rate=0.5) == []


def test_weights_that_hardly_move_are_reported_after_the_first_epoch() -> None:
    """Weights that moved by a hundred-thousandth are reported, with learning rate and move; later epochs are not."""
    initial = healthy()
    moved = network(*((layer.W * np.float32(1.00001), layer.b, layer.activation) for layer in initial.layers))
    (one,) = found_in(moved, initial)
    assert one.code == "learning_rate_too_small"
    assert one.evidence["learning_rate"] == 0.5
    assert one.evidence["relative_move"] == pytest.approx(1e-5, rel=0.02)
    later = Diagnostics(initial, IMAGES, LABELS)
    assert later.after_epoch(moved, EpochMoment(epoch=2, step=32), learning_rate=0.5) == []


@pytest.mark.parametrize("value", [0.0, 0.25])
def test_equal_initial_weights_are_reported_for_each_layer(value: float) -> None:
    """A layer whose weights all start with one number is reported before the first step, with the number."""
    model = healthy()
    model.layers[0].W[:] = value
    (one,) = Diagnostics(model, IMAGES, LABELS).at_start()
    assert (one.code, one.layer, one.step) == ("equal_initial_weights", 0, 1)
    assert one.evidence == {"value": value, "weights": 784 * 20}


def test_one_layer_may_start_as_zeros() -> None:
    """The units of a single layer need not differ: nothing is reported."""
    single = network((np.zeros((784, 10), np.float32), np.zeros(10, np.float32), "softmax"))
    assert Diagnostics(single, IMAGES, LABELS).at_start() == []


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
    assert codes(Diagnostics(healthy(), IMAGES[:5], LABELS[:5]).at_start()) == []
