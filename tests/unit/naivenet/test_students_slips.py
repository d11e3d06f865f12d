"""Slips that students make, often from Keras: the message says what to write in their place."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from naivenet import (
    BatchGenerator,
    Layer,
    NaiveDense,
    NaivenetWarning,
    NaiveSequential,
    Network,
    ParameterError,
    ShapeError,
    accuracy,
    evaluate,
    fit,
    one_training_step,
    predict,
    sparse_categorical_crossentropy,
    train,
)
from tests.unit.naivenet.students import OwnDense

NETWORK = Network(layers=(Layer(units=8, activation="relu"), Layer(units=10, activation="softmax")))
IMAGES = np.random.default_rng(0).random((20, 784), dtype=np.float32)
LABELS = np.arange(20) % 10


def built() -> NaiveSequential:
    """Return a network that always starts with the same weights."""
    return NETWORK.build(784, seed=1)


def fitted(model: Any) -> Any:
    """Return the history of one epoch, untyped, as a notebook is."""
    return fit(model, IMAGES, LABELS, 1)


class WithoutReturn(OwnDense):
    """A layer whose call forgets to return."""

    def __call__(self, inputs: Any) -> Any:
        """Compute the outputs, and lose them."""
        super().__call__(inputs)


# ------------------------------------------------------------------------------------------------ words of Keras


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: model.compile(optimizer="adam"), "NaiveSequential has no compile: .* optimizer='rmsprop'"),
        (lambda model: model.fit(IMAGES, LABELS), r"write naivenet.fit\(model, images, labels, epochs=5\)"),
        (lambda model: model.predict(IMAGES), r"write naivenet.predict\(model, images\)"),
        (lambda model: model.save("digits.keras"), r"write naivenet.to_safetensors\(model\)"),
        (lambda model: fitted(model).history["loss"], "write history.losses"),
        (lambda model: fitted(model).accuracy, "epochs.-1..train_accuracy"),
        (lambda model: model.shape, "'NaiveSequential' object has no attribute 'shape'"),
    ],
    ids=["compile", "fit", "predict", "save", "history", "accuracy", "other"],
)
def test_attributes_of_keras_are_answered_with_ours(call: Callable[[Any], Any], message: str) -> None:
    """The error for a missing attribute says what to write."""
    with pytest.raises(AttributeError, match=message):
        call(built())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: fitted(model)["loss"], r"write history\.losses"),
        (lambda model: min(fitted(model)), r"History is no list .* write history\.losses"),
        (lambda model: model[0], r"write model\.layers\[0\]"),
        (lambda model: tuple(evaluate(model, IMAGES, LABELS)), r"write evaluation\.loss and evaluation\.accuracy"),
    ],
    ids=["key", "list", "layer", "pair"],
)
def test_what_is_no_list_says_what_to_write(call: Callable[[Any], Any], message: str) -> None:
    """A history is no list of losses, a model none of layers, and an evaluation no pair as in Keras."""
    with pytest.raises(TypeError, match=message):
        call(built())


def test_an_error_inside_a_property_shows_itself() -> None:
    """The hints do not hide a slip in a property of a subclass."""

    class Slipped(NaiveSequential):
        @property
        def weights(self) -> list[Any]:
            return self.layers[0].wieghts  # type: ignore[no-any-return]  # the slip

    with pytest.raises(AttributeError, match="wieghts"):
        Slipped([NaiveDense(4, 3, "relu")]).weights  # noqa: B018 -- the property raises


def test_a_network_is_copied_and_pickled() -> None:
    """The hints do not disturb what looks for special methods."""
    for other in (copy.deepcopy(built()), pickle.loads(pickle.dumps(built()))):  # noqa: S301 -- our own bytes
        assert np.array_equal(other(IMAGES), built()(IMAGES))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation_data": (IMAGES, LABELS)}, r"no option 'validation_data': write validation=\(images, labels\)"),
        ({"validation_split": 0.2}, "split the images yourself"),
        ({"momentum": 0.9}, r"write optimizer=SGD\(learning_rate=0.01, momentum=0.9\)"),
        ({"learning_rat": 0.1}, "did you mean learning_rate"),
        ({"loss": "mse"}, "for another one, write a loop of your own over naivenet.BatchGenerator"),
        ({"device": "GPU"}, r"with tf\.device\('/CPU:0'\)"),
        ({"q": 0.1}, "known are augment, batch_size, boundaries"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_an_unknown_option_is_answered_with_ours(options: dict[str, Any], message: str) -> None:
    """`fit` and `train` name the option, and say what to write."""
    for call in (fit, train):
        with pytest.raises(TypeError, match=message):
            call(built(), IMAGES, LABELS, epochs=1, **options)


# ------------------------------------------------------------------------------------------------ data


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES, np.eye(10, dtype=int)[LABELS], r"not \(20, 10\): labels.argmax\(axis=1\)"),
        (IMAGES, LABELS[:, None], r"not \(20, 1\): labels.reshape\(-1\)"),
        ([[0.5] * 784, [0.5] * 783], [1, 2], "images must be an array, but its rows have different lengths"),
        (tf.data.Dataset.from_tensor_slices(IMAGES), LABELS, "images must be an array of numbers, not _TensorSlice"),
        (IMAGES > 0.5, LABELS, r"not bool: images.astype\('float32'\)"),
        (IMAGES[0].reshape(28, 28), [1], r"not \(28, 28\): for a single image, images\[None\]"),
    ],
    ids=["one-hot", "column", "ragged", "dataset", "bool", "single"],
)
def test_data_of_another_form_is_refused(images: Any, labels: Any, message: str) -> None:
    """The error says how to bring the data into the right form."""
    with pytest.raises((ParameterError, ShapeError), match=message):
        fit(built(), images, labels, 1)


@pytest.mark.parametrize("samples", [IMAGES, (IMAGES,), 0.2], ids=["images", "one", "number"])
@pytest.mark.parametrize("name", ["validation", "test"])
def test_an_evaluation_set_is_a_pair(name: str, samples: Any) -> None:
    """What is no pair of images and labels is refused by the option's name."""
    with pytest.raises(ParameterError, match=rf"{name} must be a pair, {name}=\(images, labels\), not"):
        fit(built(), IMAGES, LABELS, 1, **{name: samples})


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (IMAGES.reshape(-1, 28, 28), r"input is \(20, 28, 28\): flatten it, images.reshape\(-1, 784\)"),
        (IMAGES[0], r"input is \(784,\), a single sample: write x\[None\]"),
        (IMAGES.tolist(), r"takes an array of samples, not list: np.array\(images, 'float32'\)"),
        (pd.DataFrame(IMAGES), r"takes an array of samples, not DataFrame: np.array\(images, 'float32'\)"),
        (None, "input is None: a layer before it has no return"),
    ],
    ids=["square", "single", "list", "frame", "none"],
)
def test_an_input_of_another_form_is_refused(x: Any, message: str) -> None:
    """A network on TensorFlow says how to bring its input into the right form."""
    with pytest.raises(ShapeError, match=message):
        built()(x)


def test_bytes_that_enter_a_layer_get_a_warning() -> None:
    """`fit` and `predict` scale bytes, a call of the model does not."""
    images = (IMAGES * 255).astype(np.uint8)
    for model in (built(), built().numpy()):
        with pytest.warns(NaivenetWarning, match="bytes enter the layer as 0 to 255: divide them") as caught:
            model(images)
        assert caught[0].filename == __file__
        predict(model, images)


def test_one_hot_labels_are_refused_by_a_step() -> None:
    """The notebook's own loop gets the same help."""
    with pytest.raises(ShapeError, match=r"not \(20, 10\): labels.argmax"):
        one_training_step(built(), IMAGES, np.eye(10)[LABELS])
    with pytest.raises(ShapeError, match=r"not \(20, 10\): labels.argmax"):
        sparse_categorical_crossentropy(np.eye(10)[LABELS], np.full((20, 10), np.float32(0.1)))


def test_probabilities_in_place_of_labels_are_refused() -> None:
    """The accuracy compares labels; ten labels and ten rows of ten would otherwise be compared silently."""
    with pytest.raises(ShapeError, match=r"\(10,\), but predictions \(10, 10\): predicted_labels\(probabilities\)"):
        accuracy(LABELS[:10], np.eye(10))


def test_batches_of_a_part_are_refused() -> None:
    """The size of a batch is a whole number."""
    with pytest.raises(ParameterError, match=r"a whole number of at least 1, not 12\.5"):
        BatchGenerator(IMAGES, LABELS, 12.5)  # type: ignore[arg-type]  # the point of the test


# ------------------------------------------------------------------------------------------------ layers


@pytest.mark.parametrize("size", [784.0, "784", (28, 28), 0], ids=str)
def test_a_size_that_is_no_whole_number_is_refused(size: Any) -> None:
    """The error shows the size as it was written."""
    with pytest.raises(ShapeError, match="whole sizes of at least 1, not"):
        NaiveDense(size, 10, "relu")


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (lambda: NaiveDense(8, 10, None), "its activation is linear"),
        (lambda: NaiveDense(8, 10, tf.nn.relu), "its activation is relu"),
        (lambda: OwnDense(8, 10, tf.identity), "they reach from"),
        (lambda: NaiveDense(8, 10, lambda x: x), "they reach from"),
    ],
    ids=["none", "relu", "own layer", "own activation"],
)
def test_a_forgotten_softmax_gets_one_warning(last: Callable[[], Any], reason: str) -> None:
    """The loss would stay where it is, and nothing would say why."""
    model = NaiveSequential([NaiveDense(784, 8, "relu"), last()])
    with pytest.warns(NaivenetWarning, match=f"no probabilities, {reason}.* the activation softmax") as caught:
        fit(model, IMAGES, LABELS, 1, learning_rate=0.0, test=(IMAGES, LABELS))
    assert len(caught) == 1


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", lambda x: tf.exp(-x * x)])
def test_probabilities_get_no_warning(activation: Any) -> None:
    """A sigmoid is fine too: the loss divides by the sum."""
    fit(NaiveSequential([NaiveDense(784, 10, activation)]), IMAGES, LABELS, 1)


def test_a_forgotten_return_is_refused() -> None:
    """The error says which word is missing."""
    with pytest.raises(ParameterError, match=r"returns None .* with return"):
        fit(NaiveSequential([WithoutReturn(784, 10, tf.nn.softmax)]), IMAGES, LABELS, 1)


# ------------------------------------------------------------------------------------------------ again and again


def test_an_old_optimizer_in_update_weights_is_refused() -> None:
    """The cell with the model was run again, but not the one with the optimizer."""
    optimizer = keras.optimizers.SGD(0.1)

    def update_weights(gradients: Any, weights: Any) -> None:
        optimizer.apply_gradients(zip(gradients, weights, strict=True))

    fit(built(), IMAGES, LABELS, 1, update_weights=update_weights)
    with pytest.raises(ParameterError, match="used with other weights: make a new one for each model"):
        fit(built(), IMAGES, LABELS, 1, update_weights=update_weights)


def test_a_value_error_in_update_weights_is_the_users_own() -> None:
    """Only the error of an old optimizer is replaced."""

    def update_weights(gradients: Any, weights: Any) -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        fit(built(), IMAGES, LABELS, 1, update_weights=update_weights)


@pytest.mark.parametrize("optimizer", ["sgd", keras.optimizers.SGD])
def test_weights_that_change_in_a_branch_get_no_warning(optimizer: Any) -> None:
    """The library's `sgd` moves the weights inside a `tf.cond`; beside layers of the user's own it is traced, too."""
    model = NaiveSequential([NaiveDense(784, 10, lambda x: tf.nn.softmax(x * 1))])
    fit(model, IMAGES, LABELS, 1, optimizer=optimizer)


def test_a_warning_points_to_the_line_of_the_user() -> None:
    """Functions of Python's library between the user and the warning are not the place to look at."""
    with pytest.warns(NaivenetWarning, match="changes no weight") as caught:
        fit(built(), IMAGES, LABELS, 1, update_weights=lambda g, w: [b - 0.1 * a for a, b in zip(g, w, strict=True)])
    assert caught[0].filename == __file__
