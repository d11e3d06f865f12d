"""The notebook's cells in their order, and each of its exercises done three ways, against a network in NumPy alone."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from naivenet import (
    SGD,
    HeNormal,
    Layer,
    NaiveDense,
    NaiveSequential,
    Network,
    RandomNormal,
    accuracy,
    evaluate,
    fit,
    predict,
    predicted_labels,
    train,
)
from naivenet.datasets import Dataset
from tests.integration.naivenet.cells import ACCURACY, BY_HAND, BY_KERAS, DENSE, FIT_WITH_HISTORY, MODEL, Notebook
from tests.integration.naivenet.numpy_network import ACTIVATIONS, NumpyNetwork, adam, rmsprop, sgd

EPOCHS = 2
#: The number of hidden units of the exercises; fewer than the notebook's, so that each takes a moment.
UNITS = 64
Samples = tuple[np.ndarray, np.ndarray]
Losses = list[float] | np.ndarray


def start(model: Any) -> list[np.ndarray]:
    """Return a copy of a model's weights."""
    return [weight.numpy() for weight in model.weights]


def check(losses: Losses, by_hand: NumpyNetwork, samples: Samples, *, rtol: float = 1e-4) -> None:
    """Compare losses with those of the network in NumPy."""
    np.testing.assert_allclose(losses, by_hand.losses(*samples, EPOCHS), rtol=rtol)


def same_bits(*every: Losses) -> None:
    """Check that losses are equal to the last bit."""
    first, *others = (np.asarray(losses, np.float32).tobytes() for losses in every)
    assert all(other == first for other in others)


@pytest.fixture
def notebook(few: Samples) -> Notebook:
    """A notebook with the seed's cells, its `fit` with a history, and 1,000 images."""
    notebook = Notebook(train_images=few[0], train_labels=few[1])
    notebook.run(FIT_WITH_HISTORY)
    return notebook


def typed(notebook: Notebook, *, activation: str = "tf.nn.relu", seed: int = 1) -> Any:
    """Run the cell with the model, after TensorFlow's seed; return the model."""
    cell = MODEL.replace("512", str(UNITS)).replace("tf.nn.relu", activation)
    notebook.run(f"tf.random.set_seed({seed})", cell)
    return notebook["model"]


def trained(notebook: Notebook) -> list[float]:
    """Run the cell that trains; return its losses."""
    notebook.run(f"history = fit(model, train_images, train_labels, epochs={EPOCHS}, batch_size=128)")
    losses: list[float] = notebook["history"]
    return losses


def ours(activation: Any = "relu", *, seed: int = 1, **choices: Any) -> NaiveSequential:
    """Build the same network of our layers, after TensorFlow's seed."""
    tf.random.set_seed(seed)
    return NaiveSequential([NaiveDense(784, UNITS, activation, **choices), NaiveDense(UNITS, 10, "softmax", **choices)])


# ------------------------------------------------------------------------------------------------ the seed


def test_the_seeds_cells_run_in_order(mnist: Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    """The cells train, print the notebook's lines and an accuracy; our library prints the same lines."""
    images = mnist.x_train[:13000].reshape((13000, 784)).astype("float32") / 255
    data = {"train_images": images, "train_labels": mnist.y_train[:13000]}
    data |= {"test_images": mnist.x_test.reshape((10000, 784)).astype("float32") / 255, "test_labels": mnist.y_test}
    notebook = Notebook(**data)
    by_hand = NumpyNetwork(start(typed(notebook)))
    notebook.run("fit(model, train_images, train_labels, epochs=2, batch_size=128)")
    printed = capsys.readouterr().out
    losses = by_hand.losses(images, mnist.y_train[:13000], 2)
    expected = [line for epoch in (0, 102) for line in (losses[epoch], losses[epoch + 100])]
    found = [float(line.split()[-1]) for line in printed.splitlines() if line.startswith("loss")]
    np.testing.assert_allclose(found, expected, atol=0.006)

    notebook.run(ACCURACY)
    expected_accuracy = (by_hand.probabilities(data["test_images"]).argmax(axis=1) == mnist.y_test).mean()
    assert notebook["matches"].mean() == pytest.approx(expected_accuracy, abs=0.001)

    model = ours(tf.nn.relu)
    capsys.readouterr()
    history = fit(model, images, mnist.y_train[:13000], epochs=2, batch_size=128, verbose=1)
    assert capsys.readouterr().out == printed
    np.testing.assert_allclose(history.losses, losses, rtol=1e-4)
    assert evaluate(model, data["test_images"], mnist.y_test).accuracy == notebook["matches"].mean()


def test_the_notebooks_classes_in_our_fit_give_the_notebooks_bits(notebook: Notebook, few: Samples) -> None:
    """The cells in Python, the cells' classes in our compiled `fit`, and our classes give the same losses."""
    by_hand = NumpyNetwork(start(typed(notebook)))
    in_python = trained(notebook)
    own_network = fit(typed(notebook), *few, EPOCHS, update_weights=notebook["update_weights"]).losses
    own_layers = fit(NaiveSequential(typed(notebook).layers), *few, EPOCHS).losses
    same_bits(in_python, own_network, own_layers, fit(ours(), *few, EPOCHS).losses)
    check(in_python, by_hand, few)


# ------------------------------------------------------------------------------------------------ (a) initial weights

OWN_NORMAL = "tf.random.normal(w_shape, stddev=0.05)"


def test_other_initial_weights(notebook: Notebook, few: Samples) -> None:
    """Exercise (a): by the student's cell, by our objects and names, by Keras and by functions of the shape."""
    notebook.run(DENSE.replace("tf.random.uniform(w_shape, minval=0, maxval=1e-1)", OWN_NORMAL))
    by_hand = NumpyNetwork(start(typed(notebook)))
    own = trained(notebook)
    check(own, by_hand, few)
    same_bits(own, fit(ours(initializer=lambda shape: tf.random.normal(shape, stddev=0.05)), *few, EPOCHS).losses)
    for initializer in (
        HeNormal(),
        "he_normal",
        RandomNormal(stddev=0.05),
        keras.initializers.HeNormal(seed=1),
        "HeNormal",
    ):
        model = ours(initializer=initializer)
        by_hand = NumpyNetwork(start(model))
        check(fit(model, *few, EPOCHS).losses, by_hand, few)


# ------------------------------------------------------------------------------------------------ (b) activations


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_any_hidden_activation(notebook: Notebook, few: Samples, name: str) -> None:
    """Exercise (b): `tf.nn` in the cells, a name in our layer, a function of Keras, a lambda: the same losses."""
    function = getattr(tf.nn, name)
    by_hand = NumpyNetwork(start(typed(notebook, activation=f"tf.nn.{name}")), name)
    own = trained(notebook)
    choices: list[Any] = [name, function, getattr(keras.activations, name), lambda x: function(x)]  # noqa: PLW0108 -- a lambda is the point
    compiled = [fit(ours(choice), *few, EPOCHS).losses for choice in choices]
    same_bits(*compiled)
    same_bits(own, fit(ours(name), *few, EPOCHS, compiled=False).losses)
    if name in {"tanh", "sigmoid"}:  # a graph computes them together with the product, and rounds otherwise
        np.testing.assert_allclose(own, compiled[0], rtol=1e-6)
    else:
        same_bits(own, compiled[0])
    check(own, by_hand, few)


# ------------------------------------------------------------------------------------------------ (c) the history


def test_the_history_is_kept_drawn_judged_and_beaten(notebook: Notebook, few: Samples) -> None:
    """Exercise (c): a list in the cells, `History`, the events of `train`. It does not only fall; one can do better."""
    by_hand = NumpyNetwork(start(typed(notebook)))
    own = trained(notebook)
    history = fit(ours(), *few, EPOCHS)
    events = [event.losses for event in train(ours(), *few, epochs=EPOCHS) if hasattr(event, "losses")]
    same_bits(own, history.losses, np.concatenate(events))
    check(own, by_hand, few)

    notebook.run("import altair as alt, pandas as pd", "frame = pd.DataFrame({'loss': history}).reset_index()")
    notebook.run("chart = alt.Chart(frame).mark_line().encode(x='index', y='loss')")
    assert notebook["chart"].to_dict()["mark"]["type"] == "line"
    assert history.plot() is not None
    assert not all(after <= before for before, after in pairwise(own))

    better = fit(ours(initializer="he_normal"), *few, EPOCHS, optimizer="adam", learning_rate=0.01, shuffle=True)
    notebook.run(DENSE.replace("tf.random.uniform(w_shape, minval=0, maxval=1e-1)", OWN_NORMAL), "learning_rate = 0.1")
    typed(notebook)
    assert np.mean(better.losses[-4:]) < np.mean(trained(notebook)[-4:]) < np.mean(own[-4:])


# ------------------------------------------------------------------------------------------------ (d) optimizers

OPTIMIZERS: dict[str, tuple[str, Any, Callable[..., None]]] = {
    "SGD 1e-3": ("SGD(learning_rate=1e-3)", SGD(learning_rate=1e-3), sgd(1e-3)),
    "SGD 1e-2": ("SGD(learning_rate=1e-2)", {"optimizer": "sgd", "learning_rate": 1e-2}, sgd(1e-2)),
    "by rate": ("SGD(0.05)", {"learning_rate": 0.05}, sgd(0.05)),
    "momentum": ("SGD(1e-3, momentum=0.9)", SGD(learning_rate=1e-3, momentum=0.9), sgd(1e-3, 0.9)),
    "nesterov": (
        "SGD(1e-3, momentum=0.9, nesterov=True)",
        SGD(learning_rate=1e-3, momentum=0.9, nesterov=True),
        sgd(1e-3, 0.9, nesterov=True),
    ),
    "Adam": ("Adam()", {"optimizer": "adam"}, adam(1e-3)),
    "RMSprop": ("RMSprop(learning_rate=1e-4)", {"optimizer": "rmsprop", "learning_rate": 1e-4}, rmsprop(1e-4)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_other_optimizers(notebook: Notebook, few: Samples, name: str) -> None:
    """Exercise (d): a Keras optimizer in the cells, ours, and Keras's object or the student's function in our `fit`."""
    call, our_choice, rule = OPTIMIZERS[name]
    choices = our_choice if isinstance(our_choice, dict) else {"optimizer": our_choice}
    cell = BY_KERAS.replace("SGD(learning_rate=1e-3)", call)
    notebook.run(cell)
    by_hand = NumpyNetwork(start(typed(notebook)), rule=rule)
    own = trained(notebook)
    optimizer = eval(f"keras.optimizers.{call}")  # noqa: S307 -- from the table above
    by_object = fit(ours(), *few, EPOCHS, optimizer=optimizer).losses
    notebook.run(cell)  # a new optimizer
    by_function = fit(ours(), *few, EPOCHS, update_weights=notebook["update_weights"]).losses
    same_bits(by_object, by_function)
    check(own, by_hand, few, rtol=1e-3)
    for losses in (by_object, fit(ours(), *few, EPOCHS, **choices).losses):
        if name.startswith(("SGD", "by rate", "momentum", "nesterov")):
            same_bits(own, losses)
        np.testing.assert_allclose(losses, own, rtol=1e-3)


def test_a_redefined_update_cell_is_used_by_both(notebook: Notebook, few: Samples) -> None:
    """A changed rate in the update cell changes the notebook's losses, and those of our `fit` with the function."""
    rule = BY_HAND.replace("1e-3", "1e-2")
    notebook.run(rule)
    by_hand = NumpyNetwork(start(typed(notebook)), rule=sgd(1e-2))
    own = trained(notebook)
    same_bits(own, fit(ours(), *few, EPOCHS, update_weights=notebook["update_weights"]).losses)
    check(own, by_hand, few)


# ------------------------------------------------------------------------------------------------ (e) accuracy


def test_accuracy_by_argmax(notebook: Notebook, few: Samples) -> None:
    """Exercise (e): the cell's argmax, `accuracy` of `predict`, and `evaluate` count the same matches."""
    by_hand = NumpyNetwork(start(typed(notebook)))
    trained(notebook)
    by_hand.losses(*few, EPOCHS)
    notebook.update(test_images=few[0], test_labels=few[1])
    notebook.run(ACCURACY)
    model = notebook["model"]
    share = notebook["matches"].mean()
    assert accuracy(few[1], predicted_labels(predict(model, few[0]))) == share
    assert evaluate(model, *few).accuracy == share
    assert evaluate(NaiveSequential(model.layers), few[0].reshape(-1, 784), few[1]).accuracy == share
    assert share == pytest.approx((by_hand.probabilities(few[0]).argmax(axis=1) == few[1]).mean(), abs=0.002)


# ------------------------------------------------------------------------------------------------ (f) again and again


def test_the_whole_again_and_again(notebook: Notebook, few: Samples) -> None:
    """Exercise (f): the same seed gives the same losses, by the cells, by our layers and by a description."""
    network = Network(layers=(Layer(units=UNITS, activation="relu"), Layer(units=10, activation="softmax")))

    def described(seed: int | None) -> NaiveSequential:
        return network.build(784, seed=seed)

    last = []
    for seed in (1, 2, 1):
        by_hand = NumpyNetwork(start(typed(notebook, seed=seed)))
        own = trained(notebook)
        check(own, by_hand, few)
        tf.random.set_seed(seed)
        same_bits(own, fit(ours(seed=seed), *few, EPOCHS).losses)
        tf.random.set_seed(seed)
        same_bits(own, fit(described(None), *few, EPOCHS).losses)
        last.append((own[-1], fit(described(seed), *few, EPOCHS).losses[-1]))
    assert last[0] == last[2]
    assert last[0][0] != last[1][0]
    assert last[0][1] != last[1][1]
