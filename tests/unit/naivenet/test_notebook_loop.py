"""`fit(compiled=False)`, the loop as it reads, and the compiled engine give the same numbers bit for bit."""

from typing import Any

import numpy as np
import pytest

from naivenet import (
    History,
    Layer,
    NaiveSequential,
    Network,
    ParameterError,
    fit,
    get_initializer,
    get_optimizer,
    get_schedule,
)

NETWORK = Network(
    layers=(
        Layer(units=24, activation="relu", initializer=get_initializer("he_normal")),
        Layer(units=10, activation="softmax", initializer=get_initializer("glorot_uniform")),
    )
)
Samples = tuple[np.ndarray, np.ndarray]


def weight_bytes(model: NaiveSequential) -> list[bytes]:
    """Return the bytes of each weight."""
    return [weight.numpy().tobytes() for weight in model.weights]


def epochs(history: History) -> list[tuple[Any, ...]]:
    """Return all that the epochs report, except their duration."""
    return [tuple(value for name, value in vars(end).items() if name != "seconds") for end in history.epochs]


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"shuffle": True, "seed": 3},
        {"optimizer": get_optimizer("sgd", learning_rate=0.1, momentum=0.9, nesterov=True)},
        {"optimizer": get_optimizer("adam"), "schedule": get_schedule("cosine", warmup_steps=3), "shuffle": True},
        {"optimizer": get_optimizer("nadam"), "schedule": get_schedule("exponential")},
        {"precision": "bfloat16", "shuffle": True},
    ],
    ids=["notebook", "shuffle", "sgd", "adam", "nadam", "bfloat16"],
)
def test_the_loop_as_it_reads_equals_the_compiled_one(few: Samples, choices: dict[str, Any]) -> None:
    """Losses, epochs, validation metrics and weights are the same to the last bit, with a shorter last batch too."""
    results = []
    for compiled in (True, False):
        model = NETWORK.build(784, seed=1)
        held_out = (few[0][:90], few[1][:90])
        history = fit(model, *few, 2, 96, **choices, validation=held_out, test=held_out, compiled=compiled)
        results.append((history.losses.tobytes(), epochs(history), weight_bytes(model)))
    assert results[0] == results[1]


@pytest.mark.parametrize("name", ["adamw", "rmsprop"])
def test_two_optimizers_round_differently_in_a_graph(few: Samples, name: str) -> None:
    """TensorFlow reorders the products of AdamW and RMSprop in a graph: their numbers are equal within rounding."""
    models = [NETWORK.build(784, seed=1) for _ in range(2)]
    for model, compiled in zip(models, (True, False), strict=True):
        fit(model, *few, 2, optimizer=get_optimizer(name), compiled=compiled)
    for one, other in zip(*(model.weights for model in models), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)


def test_the_loop_as_it_reads_scales_bytes(mnist: Any) -> None:
    """Images as bytes, in their square shape, give the same numbers too."""
    images, labels = mnist.x_train[:300], mnist.y_train[:300]
    histories = [fit(NETWORK.build(784, seed=1), images, labels, 2, compiled=compiled) for compiled in (True, False)]
    assert histories[0].losses.tobytes() == histories[1].losses.tobytes()


def test_the_loop_as_it_reads_prints_the_same_lines(few: Samples, capsys: pytest.CaptureFixture[str]) -> None:
    """With `verbose=1`, both loops print the loss of every hundredth batch."""
    printed = []
    for compiled in (True, False):
        fit(NETWORK.build(784, seed=1), *few, 2, 8, compiled=compiled, verbose=1)
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert printed[1].count("loss at batch") == 4


def test_the_loop_as_it_reads_measures_its_epochs(few: Samples) -> None:
    """Each epoch has a duration."""
    history = fit(NETWORK.build(784, seed=1), *few, 2, compiled=False)
    assert all(0 < end.seconds < 60 for end in history.epochs)


def test_the_loop_as_it_reads_refuses_wrong_values_too(few: Samples) -> None:
    """A number out of range is refused before the first step."""
    with pytest.raises(ParameterError, match="epochs must be a whole number of at least 1, not 0"):
        fit(NETWORK.build(784, seed=1), *few, 0, compiled=False)
