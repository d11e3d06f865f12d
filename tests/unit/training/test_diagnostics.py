"""Diagnostics: each is told where its condition holds, with numbers that a test can check, and nowhere else."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import naivenet
from service.training.worker.diagnostics import Diagnostic, Diagnostics, EpochMoment, divergence

MOMENT = EpochMoment(epoch=1, step=16)
IMAGES = np.random.default_rng(0).integers(0, 256, (1000, 28, 28), dtype=np.uint8)
LABELS = np.arange(1000) % 10


def network(*layers: tuple[Any, Any, Any]) -> naivenet.NaiveSequential:
    """A network of these W, b and activations."""
    return naivenet.NaiveSequential(naivenet.NaiveDense.from_weights(W, b, activation) for W, b, activation in layers)


def healthy() -> naivenet.NaiveSequential:
    """A network of which nothing is to be told; always the same."""
    rng = np.random.default_rng(7)
    W = rng.normal(0, 0.1, (784, 20))
    first = (W - W.mean(axis=0)).astype(np.float32)  # else what all images share would outweigh what tells them apart
    second = rng.normal(0, 0.5, (20, 10)).astype(np.float32)
    return network((first, np.zeros(20, np.float32), "relu"), (second, np.zeros(10, np.float32), "softmax"))


def told(model: naivenet.NaiveSequential, initial: naivenet.NaiveSequential | None = None) -> list[Diagnostic]:
    """What is told of *model* after the first epoch."""
    half = network(*((layer.W / 2, layer.b, layer.activation) for layer in healthy().layers))
    examiner = Diagnostics(initial or half, IMAGES, LABELS)
    return examiner.after_epoch(model, MOMENT, learning_rate=0.5)


def codes(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """Their codes."""
    return [each.code for each in diagnostics]


def test_nothing_is_told_of_a_healthy_network() -> None:
    """A network as it should be is left alone."""
    assert told(healthy()) == []


def test_a_network_is_looked_at_where_it_is() -> None:
    """Of a network on TensorFlow the same is told as of its copy on NumPy."""
    model = naivenet.NOTEBOOK_NETWORK.build(784, seed=1)
    model.layers[0].b.assign(np.full(512, -1000, np.float32))
    found = told(model, initial=model.numpy())
    assert codes(found) == ["dead_layer", "one_class", "learning_rate_too_small"]
    assert [each.as_data() for each in found] == [each.as_data() for each in told(model.numpy(), initial=model.numpy())]


@pytest.mark.parametrize("dead", [9, 10, 20])
def test_a_dead_layer_is_told_by_its_share(dead: int) -> None:
    """From half of its units on, a hidden layer whose units are 0 for every image is told, with their number."""
    model = healthy()
    model.layers[0].b[:] = 1
    model.layers[0].b[:dead] = -1000
    found = [each for each in told(model) if each.code == "dead_layer"]
    if dead < 10:
        assert found == []
        return
    (one,) = found
    assert (one.layer, one.epoch, one.step) == (0, 1, 16)
    assert one.as_data()["evidence"] == {"dead_units": dead, "units": 20, "share": dead / 20, "images": 128}


def test_a_network_that_answers_one_class_is_told() -> None:
    """With a bias that drowns everything, the class is named; a softmax that gives the others nothing is told too."""
    model = healthy()
    model.layers[1].b[3] = 100
    found = {each.code: each for each in told(model)}
    assert found["one_class"].evidence["class"] == 3
    assert found["one_class"].evidence["share"] == 1
    assert found["saturated_softmax"].evidence["share"] == pytest.approx(0.9, abs=0.03)


def test_one_class_is_no_news_where_the_data_has_one() -> None:
    """Where every image is a 3, answering 3 is right."""
    model = healthy()
    model.layers[1].b[3] = 100
    examiner = Diagnostics(healthy(), IMAGES, np.full(1000, 3))
    assert examiner.after_epoch(model, MOMENT, learning_rate=0.5) == []


def test_weights_that_hardly_move_are_told_after_the_first_epoch() -> None:
    """Moved by a hundred-thousandth, weights give the diagnostic, with rate and move; later epochs do not."""
    initial = healthy()
    moved = network(*((layer.W * np.float32(1.00001), layer.b, layer.activation) for layer in initial.layers))
    (one,) = told(moved, initial)
    assert one.code == "learning_rate_too_small"
    assert one.evidence["learning_rate"] == 0.5
    assert one.evidence["relative_move"] == pytest.approx(1e-5, rel=0.02)
    later = Diagnostics(initial, IMAGES, LABELS)
    assert later.after_epoch(moved, EpochMoment(epoch=2, step=32), learning_rate=0.5) == []


@pytest.mark.parametrize("value", [0.0, 0.25])
def test_equal_initial_weights_are_told_of_each_layer(value: float) -> None:
    """Each layer whose weights all start as one number is told, before the first step, with the number."""
    model = healthy()
    model.layers[0].W[:] = value
    (one,) = Diagnostics(model, IMAGES, LABELS).at_start()
    assert (one.code, one.layer, one.step) == ("equal_initial_weights", 0, 1)
    assert one.evidence == {"value": value, "weights": 784 * 20}


def test_one_layer_may_start_as_zeros() -> None:
    """A single layer has no units that must differ: nothing is told."""
    single = network((np.zeros((784, 10), np.float32), np.zeros(10, np.float32), "softmax"))
    assert Diagnostics(single, IMAGES, LABELS).at_start() == []


def test_divergence_names_step_and_rate() -> None:
    """What the log holds of a divergence is plain numbers and words."""
    data = divergence(epoch=2, step=20, learning_rate=0.1).as_data()
    assert (data["code"], data["step"], data["evidence"]) == ("divergence", 20, {"learning_rate": 0.1})
    assert data["hint"]


def test_every_diagnostic_is_documented() -> None:
    """The table in docs/training.md has each code that the module knows, and no other."""
    root = Path(__file__).parents[3]
    known = re.findall(r'code="(\w+)"', (root / "service/training/worker/diagnostics.py").read_text())
    table = (root / "docs/training.md").read_text().partition("## Diagnostics")[2].partition("## Exact")[0]
    assert sorted(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == sorted(known)


def test_few_images_will_do() -> None:
    """A dataset smaller than the sample is looked at as a whole."""
    assert codes(Diagnostics(healthy(), IMAGES[:5], LABELS[:5]).at_start()) == []
