"""Weights and training states that naivenet 0.1.0 wrote are read, written again byte for byte, and trained on."""

import json

import numpy as np
import pytest

import naivenet
from tests.compatibility.old_service import V0

FOLDER = V0 / "library"
RECORDED = json.loads((FOLDER / "recorded.json").read_text())
NETWORK = naivenet.Network(
    layers=tuple(
        naivenet.Layer(units=units, activation=activation, initializer=naivenet.get_initializer("glorot_uniform"))
        for units, activation in [(4, "tanh"), (3, "softmax")]
    )
)
INPUT_SIZE = 6
NOTE = {"note": "half-way"}


def stored(name: str) -> bytes:
    """The bytes of one of the old files."""
    return (FOLDER / name).read_bytes()


def assert_weights(model: naivenet.NaiveSequential) -> None:
    """Check that each number of each weight is the recorded one."""
    assert [np.asarray(weight).tolist() for weight in model.weights] == RECORDED["weights"]


def test_safetensors_are_read_with_their_network() -> None:
    """The file describes its network, and its weights answer as before."""
    model = naivenet.read_weights(stored("weights.safetensors"))
    assert naivenet.Network.of(model) == NETWORK
    assert_weights(model)
    inputs = np.random.default_rng(0).random((40, INPUT_SIZE), dtype=np.float32)[:1]
    assert naivenet.predict(model, inputs)[0] == pytest.approx(RECORDED["probabilities"], rel=1e-6)


def test_npz_is_read_as_a_given_network() -> None:
    """An npz file holds the same weights without their network."""
    assert_weights(naivenet.read_weights(stored("weights.npz"), NETWORK, INPUT_SIZE))


def test_the_state_is_read_exactly() -> None:
    """The optimizer's slots and the position in the run have every bit they had."""
    slots, position = naivenet.from_state(stored("state.safetensors"))
    assert [slot.tolist() for slot in slots] == RECORDED["slots"]
    names = ("step", "correct", "loss_sum")
    assert {name: getattr(position, name) for name in names} == {name: RECORDED[name] for name in names}
    assert NOTE.items() <= naivenet.read_metadata(stored("state.safetensors")).items()


def test_what_was_read_is_written_with_the_same_bytes() -> None:
    """The three formats have not changed by a byte."""
    model = naivenet.read_weights(stored("weights.safetensors"))
    slots, position = naivenet.from_state(stored("state.safetensors"))
    assert naivenet.to_safetensors(model, metadata=NOTE) == stored("weights.safetensors")
    assert naivenet.to_npz(model) == stored("weights.npz")
    assert naivenet.to_state(slots, position, metadata=NOTE) == stored("state.safetensors")


def test_the_run_goes_on_to_the_same_end() -> None:
    """A run that resumes from the old weights and state has the same losses and last weights as the old run."""
    slots, position = naivenet.from_state(stored("state.safetensors"))
    model = NETWORK.build(INPUT_SIZE, seed=2)
    naivenet.load_weights(model, naivenet.read_weights(stored("weights.safetensors")))
    images = np.random.default_rng(0).random((40, INPUT_SIZE), dtype=np.float32)
    run = naivenet.train(
        model,
        images,
        (images[:, 0] * 3).astype(np.uint8),
        epochs=3,
        batch_size=8,
        optimizer=naivenet.get_optimizer("adam", learning_rate=0.05),
        schedule=naivenet.get_schedule("cosine"),
        shuffle=True,
        seed=5,
        start=position,
        slots=slots,
    )
    rest = [float(loss) for event in run if isinstance(event, naivenet.Steps) for loss in event.losses]
    assert rest == pytest.approx(RECORDED["losses"][position.step :], rel=1e-5)
    for weight, final in zip(model.weights, RECORDED["final"], strict=True):
        assert np.asarray(weight).ravel() == pytest.approx(final, rel=1e-4, abs=1e-6)
