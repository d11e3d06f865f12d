"""`precision="bfloat16"`: products of rounded operands, and everything else in float32."""

from itertools import islice
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf

from naivenet import (
    MissingPart,
    NaiveDense,
    NaiveSequential,
    Network,
    ParameterError,
    evaluate,
    fit,
    fitting_execution,
    from_state,
    get_optimizer,
    load_weights,
    one_training_step,
    precision,
    to_state,
    train,
)
from naivenet.own_models import in_precision

NETWORK = Network.from_dict(
    {
        "layers": [
            {"units": 32, "activation": "relu", "initializer": {"name": "he_normal"}},
            {"units": 10, "activation": "softmax", "initializer": {"name": "glorot_uniform"}},
        ]
    }
)
Samples = tuple[np.ndarray, np.ndarray]


def rounded(array: np.ndarray) -> np.ndarray:
    """Round to bfloat16."""
    return array.astype(ml_dtypes.bfloat16).astype(np.float64)


def oracle(weights: list[np.ndarray], images: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """Return the gradients of the mean loss, by backpropagation in float64 with rounded operands."""
    W1, b1, W2, b2 = weights
    sums = rounded(images) @ rounded(W1) + b1
    hidden = np.maximum(sums, 0)
    logits = rounded(hidden) @ rounded(W2) + b2
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    dz2 = (powers / powers.sum(axis=1, keepdims=True) - np.eye(10)[labels]) / len(labels)
    dz1 = (rounded(dz2) @ rounded(W2).T) * (sums > 0)
    return [rounded(images).T @ rounded(dz1), dz1.sum(axis=0), rounded(hidden).T @ rounded(dz2), dz2.sum(axis=0)]


def gradients(model: Any, images: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """Return the gradients that a training step gives to its update function."""
    found: list[np.ndarray] = []
    one_training_step(model, tf.constant(images), labels, lambda each, _: found.extend(map(np.asarray, each)))
    return found


def distance(some: list[np.ndarray], others: list[np.ndarray]) -> float:
    """Return the length of the difference in shares of the length of the second."""
    one, other = (np.concatenate([each.ravel() for each in arrays]) for arrays in (some, others))
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


def weight_bytes(model: NaiveSequential) -> list[bytes]:
    """Return the bytes of each weight."""
    return [weight.numpy().tobytes() for weight in model.weights]


def test_gradients_equal_those_of_rounded_operands(small: Samples) -> None:
    """A step's gradients are those of an independent oracle; in float32 they are far from it."""
    model = NETWORK.build(784, seed=1)
    expected = oracle([each.numpy() for each in model.weights], *small)
    in_bfloat16, in_float32 = (gradients(in_precision(model, each), *small) for each in ("bfloat16", "float32"))
    tolerance = 2**-9 if precision.computes_bfloat16() else 1e-4  # the kernel for bfloat16 rounds its result, too
    assert distance(in_bfloat16, expected) < tolerance
    assert distance(in_float32, expected) > 1e-3


@pytest.mark.parametrize("shape", [(96, 784, 32), (5, 32, 10)])
def test_both_kernels_give_the_same_product(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int, int]) -> None:
    """With instructions for bfloat16 and without, the product is in float32, and equal within one digit of bfloat16."""
    batch, inputs, outputs = shape
    rng = np.random.default_rng(0)
    x, W = (tf.constant(rng.random(each, np.float32)) for each in ((batch, inputs), (inputs, outputs)))
    products = []
    for has_instructions in (True, False):
        monkeypatch.setattr(precision, "computes_bfloat16", lambda has=has_instructions: has)
        with tf.GradientTape() as tape:
            tape.watch((x, W))
            product = precision.bfloat16_product(x, W)
        products.append([product, *tape.gradient(product, (x, W))])
    for one, other in zip(*products, strict=True):
        assert one.dtype == other.dtype == tf.float32
        np.testing.assert_allclose(one, other, rtol=2**-7)


def test_evaluations_and_weights_stay_float32(small: Samples) -> None:
    """The metrics of an epoch are those of `evaluate`, and no weight is rounded."""
    model = NETWORK.build(784, seed=1)
    history = fit(model, *small, epochs=1, precision="bfloat16", test=small)
    assert history.epochs[0].test_loss == evaluate(model, *small).loss
    assert any(not np.array_equal(each, rounded(each.numpy())) for each in model.weights)


def test_each_precision_has_a_program_of_its_own(small: Samples) -> None:
    """Two networks of one kind that train in one process in turn, each in its precision, end with other weights."""
    results = []
    for each in ("float32", "bfloat16", "float32", "bfloat16"):
        model = NETWORK.build(784, seed=1)
        fit(model, *small, epochs=1, precision=each)
        results.append(weight_bytes(model))
    assert results[0] == results[2] != results[1] == results[3]


@pytest.mark.parametrize("chunk_steps", [1, 7, None])
def test_a_resumed_run_ends_the_same(few: Samples, chunk_steps: int | None) -> None:
    """A run that is stopped within an epoch, saved and resumed ends with the bytes of an uninterrupted one."""
    choices: dict[str, Any] = {"epochs": 2, "batch_size": 96, "shuffle": True, "seed": 5, "precision": "bfloat16"}
    choices["optimizer"] = get_optimizer("adam")
    whole, model, again = (NETWORK.build(784, seed=seed) for seed in (1, 1, 2))
    list(train(whole, *few, **choices))
    run = train(model, *few, **choices, chunk_steps=2)
    position = list(islice(run, 3))[-1].position
    slots, start = from_state(to_state(run.updater.slots(), position))
    load_weights(again, model.numpy())
    list(train(again, *few, **choices, chunk_steps=chunk_steps, start=start, slots=slots))
    assert weight_bytes(again) == weight_bytes(whole)


def test_the_accuracy_is_within_the_spread_of_the_seeds(mnist: Any, few: Samples) -> None:
    """Over five seeds, the mean test accuracies of both precisions differ by less than the seeds do."""
    test = mnist.x_test[:2000], mnist.y_test[:2000]
    accuracies: dict[str, list[float]] = {"float32": [], "bfloat16": []}
    for name, found in accuracies.items():
        for seed in range(5):
            model = NETWORK.build(784, seed=seed)
            fit(model, *few, 5, 32, learning_rate=0.1, shuffle=True, seed=seed, precision=name)
            found.append(evaluate(model, *test).accuracy)
    means = [np.mean(each) for each in accuracies.values()]
    assert abs(means[0] - means[1]) < np.std(accuracies["float32"], ddof=1)
    assert min(means) > 0.75


def test_an_activation_of_the_users_own_trains_in_bfloat16(small: Samples) -> None:
    """A layer with a function as its activation is compiled, and gives the numbers of the eager loop."""
    results = []
    for compiled in (True, False):
        layers = [NaiveDense(784, 16, lambda z: tf.nn.relu(z) ** 2, seed=1), NaiveDense(16, 10, "softmax", seed=2)]
        model = NaiveSequential(layers)
        fit(model, *small, epochs=1, precision="bfloat16", compiled=compiled)
        results.append(weight_bytes(model))
    assert results[0] == results[1]


def test_a_layer_of_the_users_own_needs_float32(small: Samples) -> None:
    """The products in other layers are unknown, so they cannot be in bfloat16."""

    class Own(NaiveDense):
        """A layer that overrides the call."""

        def __call__(self, x: Any) -> Any:
            """Compute the product in its own way."""
            return tf.nn.softmax(x @ self.W + self.b)

    model = NaiveSequential([Own(784, 10, None)])
    with pytest.raises(
        MissingPart, match=r"layer 0 \(Own\) trains and predicts, but this needs a naivenet\.NaiveDense"
    ):
        fit(model, *small, epochs=1, precision="bfloat16")


@pytest.mark.parametrize("name", ["float16", "BFLOAT16", None, 16])
def test_other_precisions_are_refused(small: Samples, name: Any) -> None:
    """The error names both precisions."""
    with pytest.raises(ParameterError, match='precision must be "float32" or "bfloat16", not '):
        fit(NETWORK.build(784, seed=1), *small, epochs=1, precision=name)


def test_xla_is_not_for_bfloat16() -> None:
    """However long the run: XLA does not use the instructions on a CPU."""
    assert fitting_execution(steps=10_000, threads=2, precision="bfloat16") == "graph"
