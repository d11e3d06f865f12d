"""`fit` as students call it: their layers, their optimizers, their functions, and their slips."""

import dataclasses
import functools
import sys
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import naivenet
from naivenet import (
    SGD,
    Adam,
    CosineDecay,
    Layer,
    NaiveDense,
    NaivenetWarning,
    NaiveSequential,
    Network,
    ParameterError,
    ShapeError,
    UnknownName,
    accuracy,
    evaluate,
    fit,
    from_state,
    load_weights,
    one_training_step,
    predict,
    predicted_labels,
    to_state,
    train,
)
from tests.unit.naivenet.students import Doubled, Dropout, Flatten, ListedDense, OwnDense, OwnSequential, Scale

NETWORK = Network(layers=(Layer(units=16, activation="relu"), Layer(units=10, activation="softmax")))
Samples = tuple[np.ndarray, np.ndarray]
learning_rate = 0.05
keras_optimizer: Any = None
steps_done = 0
gradient_lengths: list[Any] = []


@pytest.fixture
def small(few: Samples) -> Samples:
    """300 images and their labels."""
    return few[0][:300], few[1][:300]


def built() -> NaiveSequential:
    """Return a network that always starts with the same weights."""
    return NETWORK.build(784, seed=1)


def by_hand(gradients: Any, weights: Any) -> None:
    """Update as the notebook's cell does, at a global learning rate."""
    for g, w in zip(gradients, weights):  # noqa: B905 -- as in the notebook
        w.assign_sub(g * learning_rate)


def by_keras(gradients: Any, weights: Any) -> None:
    """Update as the notebook's other cell does, by a global optimizer."""
    keras_optimizer.apply_gradients(zip(gradients, weights))  # noqa: B905 -- as in the notebook


def weight_bytes(model: Any) -> list[bytes]:
    """Return the bytes of each weight."""
    return [weight.numpy().tobytes() for weight in model.weights]


def eager(model: Any, samples: Samples, update: Callable[[Any, Any], Any], epochs: int = 2) -> np.ndarray:
    """Train as the notebook's cells do, in Python alone; return the losses."""
    losses = []
    for _ in range(epochs):
        for start in range(0, len(samples[0]), 128):
            batch = samples[0][start : start + 128], samples[1][start : start + 128]
            losses.append(one_training_step(model, tf.constant(batch[0]), batch[1], update))
    return np.array(losses, np.float32)


def same(model: Any, samples: Samples, expected: Any, losses: np.ndarray, **options: Any) -> None:
    """Check that `fit` gives exactly these losses and weights."""
    history = fit(model, *samples, 2, **options)
    assert history.losses.tobytes() == losses.tobytes()
    assert weight_bytes(model) == weight_bytes(expected)


# ------------------------------------------------------------------------------------------------ optimizers


def keras_optimizers() -> dict[str, Callable[[], Any]]:
    """Return optimizers of Keras with all kinds of choices."""
    optimizers, schedules = keras.optimizers, keras.optimizers.schedules
    return {
        "sgd": lambda: optimizers.SGD(learning_rate=1e-3),
        "momentum": lambda: optimizers.SGD(0.01, momentum=0.9, nesterov=True),
        "adam": optimizers.Adam,
        "clipnorm": lambda: optimizers.Adam(0.01, clipnorm=0.1),
        "clipvalue": lambda: optimizers.SGD(0.1, clipvalue=0.001),
        "global_clipnorm": lambda: optimizers.SGD(0.1, global_clipnorm=0.5),
        "weight_decay": lambda: optimizers.AdamW(0.01, weight_decay=0.1),
        "schedule": lambda: optimizers.SGD(schedules.ExponentialDecay(0.1, decay_steps=2, decay_rate=0.5)),
        "pieces": lambda: optimizers.RMSprop(schedules.PiecewiseConstantDecay([2, 4], [0.01, 0.003, 0.001])),
        "accumulation": lambda: optimizers.SGD(0.1, gradient_accumulation_steps=2),
        "adafactor": lambda: optimizers.Adafactor(0.01),
    }


@pytest.mark.parametrize("name", keras_optimizers())
def test_an_optimizer_object_of_keras_is_used_as_it_is(small: Samples, name: str) -> None:
    """Its learning rate, schedule, clipping and decay hold: the numbers equal `apply_gradients` in Python."""
    expected, model = built(), built()
    theirs, ours = keras_optimizers()[name](), keras_optimizers()[name]()
    losses = eager(expected, small, lambda gradients, weights: theirs.apply_gradients(zip(gradients, weights)))  # noqa: B905
    history = fit(model, *small, 2, optimizer=ours)
    np.testing.assert_allclose(history.losses, losses, rtol=1e-5)
    for one, other in zip(model.weights, expected.weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-6)
    assert int(ours.iterations) == int(theirs.iterations)
    again = fit(built(), *small, 2, optimizer=keras_optimizers()[name](), compiled=False)
    assert again.losses.tobytes() == losses.tobytes()


def test_moving_averages_replace_the_weights_at_the_end(small: Samples) -> None:
    """An optimizer that averages the weights leaves the averages in the model, as Keras's `fit` does."""
    model, expected = built(), built()
    theirs, ours = (keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5) for _ in range(2))
    eager(expected, small, lambda gradients, weights: theirs.apply_gradients(zip(gradients, weights)))  # noqa: B905
    last = weight_bytes(expected)
    theirs.finalize_variable_values(expected.weights)
    history = fit(model, *small, 2, optimizer=ours, test=small)
    assert weight_bytes(expected) != last
    for one, other in zip(model.weights, expected.weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-6)
    assert history.epochs[-1].test_loss == evaluate(model, *small).loss


def test_an_optimizer_that_scales_the_loss_scales_it(small: Samples) -> None:
    """A loss scale changes nothing but the rounding."""
    plain, scaled = built(), built()
    fit(plain, *small, 1, optimizer=keras.optimizers.SGD(0.1))
    fit(scaled, *small, 1, optimizer=keras.optimizers.SGD(0.1, loss_scale_factor=1024.0))
    for one, other in zip(plain.weights, scaled.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_an_optimizer_goes_on_with_the_same_weights(small: Samples) -> None:
    """A second `fit` of the same model goes on with the optimizer's state."""
    whole, parts = built(), built()
    optimizer = keras.optimizers.Adam(0.01)
    fit(whole, *small, 2, optimizer=keras.optimizers.Adam(0.01))
    for _ in range(2):
        fit(parts, *small, 1, optimizer=optimizer)
    assert weight_bytes(parts) == weight_bytes(whole)
    assert int(optimizer.iterations) == 6


def test_an_optimizer_of_other_weights_is_refused(small: Samples) -> None:
    """The error says to make a new one, and nothing changes."""
    optimizer, other = keras.optimizers.SGD(0.1, momentum=0.9), built()
    fit(built(), *small, 1, optimizer=optimizer)
    with pytest.raises(
        ParameterError, match=r"used with other weights: make a new one .* keras.optimizers.SGD\(\.\.\."
    ):
        fit(other, *small, 1, optimizer=optimizer)
    assert weight_bytes(other) == weight_bytes(built())
    assert int(optimizer.iterations) == 3


def test_an_optimizer_of_keras_resumes_exactly(small: Samples) -> None:
    """A run that is stopped in an epoch ends as the whole run does, when a new optimizer gets its slots."""

    def optimizer() -> Any:
        return keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, 6))

    whole, model, again = built(), built(), NETWORK.build(784, seed=2)
    fit(whole, *small, 2, optimizer=optimizer())
    run = train(model, *small, epochs=2, optimizer=optimizer(), chunk_steps=1)
    events = iter(run)
    position = [next(events).position for _ in range(2)][-1]
    slots, start = from_state(to_state(run.updater.slots(), position))
    load_weights(again, model.numpy())
    list(train(again, *small, epochs=2, optimizer=optimizer(), start=start, slots=slots))
    assert weight_bytes(again) == weight_bytes(whole)


def test_the_learning_rate_of_a_keras_object_can_change_on_the_way(small: Samples) -> None:
    """A new learning rate holds from the next step, unless the optimizer follows a schedule."""
    model = built()
    run = train(model, *small, epochs=1, chunk_steps=1, optimizer=keras.optimizers.SGD(0.1))
    events = iter(run)
    next(events)
    assert run.updater.learning_rate == pytest.approx(0.1)
    run.updater.learning_rate = 0.0
    before = weight_bytes(model)
    list(events)
    assert weight_bytes(model) == before
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 6)
    run = train(built(), *small, epochs=1, optimizer=keras.optimizers.SGD(schedule))
    with pytest.raises(ParameterError, match="follows a schedule"):
        run.updater.learning_rate = 0.1


@pytest.mark.parametrize(
    ("options", "meant"),
    [
        ({"optimizer": "adam"}, {"optimizer": Adam()}),
        ({"optimizer": "Adam"}, {"optimizer": Adam()}),
        ({"optimizer": "sgd", "learning_rate": 0.1}, {"optimizer": SGD(learning_rate=0.1)}),
        ({"optimizer": SGD}, {"optimizer": SGD()}),
        ({"optimizer": SGD(0.1)}, {"optimizer": SGD(learning_rate=0.1)}),
        ({"optimizer": SGD, "learning_rate": np.float32(0.5)}, {"optimizer": SGD(learning_rate=0.5)}),
        ({"optimizer": keras.optimizers.SGD}, {"optimizer": keras.optimizers.SGD(0.01)}),
        ({"optimizer": keras.optimizers.Adam, "learning_rate": 0.1}, {"optimizer": keras.optimizers.Adam(0.1)}),
        ({"learning_rate": 0.05}, {"update_weights": by_hand}),
        ({"learning_rate": 1}, {"optimizer": naivenet.Naive(learning_rate=1)}),
        ({"schedule": "cosine"}, {"schedule": CosineDecay()}),
        ({"schedule": CosineDecay}, {"schedule": CosineDecay()}),
        ({"update_weights": naivenet.update_weights}, {}),
        ({"update_weights": functools.partial(naivenet.update_weights, learning_rate=0.05)}, {"learning_rate": 0.05}),
        ({"update_weights": lambda gradients, weights: by_hand(gradients, weights)}, {"learning_rate": 0.05}),  # noqa: PLW0108
    ],
)
def test_two_ways_to_write_the_same(small: Samples, options: dict[str, Any], meant: dict[str, Any]) -> None:
    """Names, classes, rates and functions mean what they say."""
    one, other = built(), built()
    assert fit(one, *small, 1, **options).losses.tobytes() == fit(other, *small, 1, **meant).losses.tobytes()
    assert weight_bytes(one) == weight_bytes(other)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"optimizer": "adamm"}, UnknownName, "did you mean 'adam'"),
        ({"optimizer": 3}, ParameterError, "an optimizer is a name.* not int"),
        ({"optimizer": by_hand}, ParameterError, "optimizer is a function: pass it as update_weights="),
        ({"optimizer": SGD(), "learning_rate": 0.1}, ParameterError, r"write SGD\(learning_rate=0.1\)"),
        ({"optimizer": keras.optimizers.Adam(), "learning_rate": 0.1}, ParameterError, r"write Adam\(learning_rate"),
        ({"optimizer": keras.optimizers.Muon()}, ParameterError, "Muon trains only variables of Keras"),
        ({"optimizer": SGD(), "update_weights": by_hand}, ParameterError, "two rules: pass one"),
        ({"update_weights": by_hand, "learning_rate": 0.1}, ParameterError, "set the rate inside the function"),
        ({"update_weights": 3}, ParameterError, "a function of gradients and weights, not int"),
        ({"update_weights": keras.optimizers.SGD()}, ParameterError, "pass an optimizer as optimizer="),
        ({"update_weights": by_hand, "schedule": "cosine"}, ParameterError, "compute the rate in update_weights"),
        ({"optimizer": keras.optimizers.SGD(), "schedule": "cosine"}, ParameterError, "a schedule of Keras in its opt"),
        ({"learning_rate": CosineDecay()}, ParameterError, "not CosineDecay; pass a schedule of naivenet as schedule="),
        ({"learning_rate": "0.1"}, ParameterError, "learning_rate must be a number, not str"),
        ({"schedule": keras.optimizers.schedules.CosineDecay(0.1, 5)}, ParameterError, "belongs in its optimizer"),
        ({"schedule": "cosinus"}, UnknownName, "did you mean 'cosine'"),
        ({"verbose": 2}, ParameterError, "verbose must be 0, 1 or 'auto', not 2"),
        ({"verbose": "yes"}, ParameterError, "verbose must be 0, 1 or 'auto', not 'yes'"),
    ],
)
def test_choices_that_mean_nothing_are_refused(
    small: Samples, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """The error says what to write instead, and no weight changes."""
    model = built()
    with pytest.raises(error, match=message):
        fit(model, *small, 1, **options)
    assert weight_bytes(model) == weight_bytes(built())


# ------------------------------------------------------------------------------------------------ update_weights


def test_the_notebooks_update_cell_is_compiled_and_exact(small: Samples) -> None:
    """The function with a global learning rate gives the numbers of Python, to the last bit."""
    expected = built()
    same(built(), small, expected, eager(expected, small, by_hand), update_weights=by_hand)


@pytest.mark.parametrize("calls", [1, 2])
@pytest.mark.parametrize("make", [keras.optimizers.SGD, lambda: keras.optimizers.Adam(0.01)], ids=["sgd", "adam"])
def test_the_notebooks_keras_cell_is_compiled(
    small: Samples, monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any], calls: int
) -> None:
    """The function with a global optimizer works with a new optimizer, and with one that goes on."""
    results = []
    for loop in (eager, lambda model, samples, update, epochs: fit(model, *samples, epochs, update_weights=update)):
        model = built()
        monkeypatch.setattr(sys.modules[__name__], "keras_optimizer", make())
        for _ in range(calls):
            loop(model, small, by_keras, 1)  # type: ignore[operator]
        results.append([weight.numpy() for weight in model.weights])
        assert int(keras_optimizer.iterations) == 3 * calls
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-6)


def with_numpy(gradients: Any, weights: Any) -> None:
    """Update by NumPy's arithmetic."""
    for g, w in zip(gradients, weights, strict=True):
        w.assign(w.numpy() - g.numpy() * np.float32(learning_rate))


def with_a_new_optimizer(gradients: Any, weights: Any) -> None:
    """Make a new optimizer in each step."""
    keras.optimizers.SGD(learning_rate).apply_gradients(zip(gradients, weights, strict=True))


def with_a_counter(gradients: Any, weights: Any) -> None:
    """Lower the learning rate step by step, by a global counter."""
    global steps_done  # noqa: PLW0603 -- as students write it
    steps_done += 1
    for g, w in zip(gradients, weights, strict=True):
        w.assign_sub(g * (learning_rate / steps_done))


def with_a_list(gradients: Any, weights: Any) -> None:
    """Keep the lengths of the gradients."""
    gradient_lengths.append(tf.norm(gradients[0]))
    by_hand(gradients, weights)


def with_noise(gradients: Any, weights: Any) -> None:
    """Add random numbers of NumPy."""
    for g, w in zip(gradients, weights, strict=True):
        w.assign_sub((g + np.random.normal(scale=1e-3)) * learning_rate)  # noqa: NPY002 -- as students write it


def with_a_condition(gradients: Any, weights: Any) -> None:
    """Decide in Python."""
    if tf.norm(gradients[0]) > 0:
        by_hand(gradients, weights)


class Decaying:
    """An object with a learning rate that falls."""

    rate = 0.05

    def update(self, gradients: Any, weights: Any) -> None:
        """Update, and lower the rate."""
        for g, w in zip(gradients, weights, strict=True):
            w.assign_sub(g * self.rate)
        self.rate *= 0.9


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        (lambda: with_numpy, "numpy"),
        (lambda: with_a_new_optimizer, "could not be lifted|tf.Variable"),
        (lambda: with_a_counter, "each step changes steps_done"),
        (lambda: with_a_list, "each step changes gradient_lengths"),
        (lambda: with_noise, "each step changes the random numbers of NumPy"),
        (lambda: with_a_condition, "symbolic|OperatorNotAllowed"),
        (lambda: Decaying().update, "each step changes an attribute of Decaying"),
    ],
    ids=["numpy", "new optimizer", "counter", "list", "noise", "condition", "object"],
)
def test_what_cannot_be_compiled_runs_in_python(
    small: Samples, monkeypatch: pytest.MonkeyPatch, update: Callable[[], Any], reason: str
) -> None:
    """One warning says why; the numbers are those of Python; `compiled=False` gives them without a warning."""
    results = []
    for call in ("eager", "fit", "compiled=False"):
        monkeypatch.setattr(sys.modules[__name__], "steps_done", 0)
        gradient_lengths.clear()
        np.random.seed(1)  # noqa: NPY002 -- likewise
        model, rule = built(), update()
        if call == "eager":
            losses = eager(model, small, rule)
        elif call == "fit":
            with pytest.warns(NaivenetWarning, match=f"cannot be compiled .*({reason}).*compiled=False") as caught:
                losses = fit(model, *small, 2, update_weights=rule).losses
            assert len(caught) == 1
            assert caught[0].filename == __file__
        else:
            losses = fit(model, *small, 2, update_weights=rule, compiled=False).losses
        results.append((losses.tobytes(), weight_bytes(model), steps_done, [float(each) for each in gradient_lengths]))
    assert results[0] == results[1] == results[2]


def test_an_error_in_a_function_is_the_users_own(small: Samples) -> None:
    """A slip in the function shows itself, not a warning; no weight has changed."""

    def wrong(gradients: Any, weights: Any) -> None:
        weights[0].assign_sub(gradients[0] * learning_rat)  # type: ignore[name-defined]  # noqa: F821 -- the slip

    model = built()
    with pytest.raises(NameError, match="learning_rat"):
        fit(model, *small, 1, update_weights=wrong)
    assert weight_bytes(model) == weight_bytes(built())


def test_a_redefined_update_weights_is_used(small: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that takes the place of `naivenet.training.update_weights` is used by the step and by `fit`."""
    expected, model, stepped = built(), built(), built()
    losses = eager(expected, small, by_hand)
    monkeypatch.setattr(naivenet.training, "update_weights", by_hand)
    same(model, small, expected, losses)
    assert one_training_step(stepped, small[0][:128], small[1][:128]) == losses[0]
    assert one_training_step(stepped, small[0][128:256], small[1][128:256]) == losses[1]


@pytest.mark.parametrize("module", ["__main__", "naivenet"])
def test_an_update_weights_that_is_not_passed_is_not_ignored_in_silence(
    small: Samples, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    """`fit` warns of a function in the notebook that it does not use, unless a rule is chosen."""
    monkeypatch.setattr(sys.modules[module], "update_weights", by_hand, raising=False)
    for _ in range(2):
        with pytest.warns(
            NaivenetWarning, match=rf"{module} is not used.* fit\(\.\.\., update_weights=update_weights\)"
        ):
            fit(built(), *small, 1)
    for options in ({"learning_rate": 0.1}, {"optimizer": "adam"}, {"update_weights": by_hand}):
        fit(built(), *small, 1, **options)  # type: ignore[arg-type]
    monkeypatch.setattr(sys.modules[module], "update_weights", naivenet.training.update_weights)
    fit(built(), *small, 1)


# ------------------------------------------------------------------------------------------------ models


@dataclasses.dataclass
class Listed:
    """A model as a dataclass, which has no hash."""

    layers: list[Any]

    def __call__(self, x: Any) -> Any:
        """Call the layers in order."""
        return functools.reduce(lambda x, layer: layer(x), self.layers, x)

    @property
    def weights(self) -> list[Any]:
        """The weights of all layers."""
        return [weight for layer in self.layers for weight in layer.weights]


def own_network(first: Any = None) -> list[Any]:
    """Return the notebook's layers."""
    tf.random.set_seed(1)
    return [first or OwnDense(784, 16, tf.nn.relu), OwnDense(16, 10, tf.nn.softmax)]


@pytest.mark.parametrize("network", [NaiveSequential, OwnSequential, Listed])
def test_the_notebooks_own_classes_train_compiled(small: Samples, network: Any) -> None:
    """The notebook's layers, in our network or its own, give the losses of our layers and of Python, bit for bit."""
    model, python = network(own_network()), network(own_network())
    losses = eager(python, small, naivenet.update_weights)
    same(model, small, python, losses)
    tf.random.set_seed(1)
    ours = NaiveSequential([NaiveDense(784, 16, "relu"), NaiveDense(16, 10, "softmax")])
    same(ours, small, python, losses)
    assert np.array_equal(predict(model, small[0]), model(small[0]))
    assert accuracy(small[1], predicted_labels(predict(model, small[0]))) == evaluate(model, *small).accuracy


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [ListedDense(784, 16), OwnDense(16, 10, tf.nn.softmax)],
        lambda: [OwnDense(784, 16, tf.nn.relu), Scale(16), NaiveDense(16, 10, "softmax")],
        lambda: [NaiveDense(784, 16, "relu"), Dropout(0.2), NaiveDense(16, 10, "softmax")],
        lambda: [keras.layers.Dense(16, "relu"), NaiveDense(16, 10, "softmax")],
        lambda: [NaiveDense(784, 16, "relu"), keras.layers.Dense(10, "softmax"), Scale(10)],
        lambda: [NaiveSequential([NaiveDense(784, 16, "relu")]), NaiveDense(16, 10, "softmax")],
        lambda: [Doubled(784, 16, "relu"), NaiveDense(16, 10, "softmax")],
        lambda: [NaiveDense(784, 16, lambda x: tf.maximum(0.1 * x, x)), NaiveDense(16, 10, "softmax")],
    ],
    ids=["listed", "scale", "dropout", "keras", "keras last", "nested", "subclass", "lambda"],
)
@pytest.mark.parametrize("optimizer", ["adam", keras.optimizers.SGD])
def test_any_layer_trains_compiled(small: Samples, layers: Callable[[], list[Any]], optimizer: Any) -> None:
    """Every weight of every layer changes, and the loss falls."""
    tf.random.set_seed(2)
    model = NaiveSequential(layers())
    predict(model, small[0])  # layers of Keras make their weights when they are called
    before = weight_bytes(model)
    history = fit(model, *small, 5, 32, optimizer=optimizer, learning_rate=0.01, validation=small)
    assert len(before) == len(model.weights)
    assert not set(before) & set(weight_bytes(model))
    assert history.losses[-1] < history.losses[0]
    assert history.epochs[-1].validation_accuracy == evaluate(model, *small).accuracy or isinstance(
        model.layers[1], Dropout
    )


def test_layers_that_make_their_weights_late_are_trained(small: Samples) -> None:
    """A layer of Keras between two of ours has its weights before the first step."""
    model = NaiveSequential([NaiveDense(784, 16, "relu"), keras.layers.Dense(12), NaiveDense(12, 10, "softmax")])
    fit(model, *small, 1)
    assert [tuple(weight.shape) for weight in model.weights] == [(784, 16), (16,), (16, 12), (12,), (12, 10), (10,)]


def test_a_frozen_layer_stays_as_it_is(small: Samples) -> None:
    """Weights that are not trainable are left out."""
    frozen = NaiveDense.from_weights(*(tf.Variable(w, trainable=False) for w in built().layers[0].weights), "relu")
    model = NaiveSequential([frozen, built().layers[1]])
    fit(model, *small, 1, optimizer="adam")
    assert weight_bytes(frozen) == weight_bytes(built().layers[0])
    assert weight_bytes(model) != weight_bytes(built())


def test_square_images_need_a_layer_that_flattens_them(mnist: Any) -> None:
    """The notebook's layers take images as they are; the error says to reshape, and a Flatten layer does."""
    images, labels = mnist.x_train[:200], mnist.y_train[:200]
    with pytest.raises(ShapeError, match=r"cannot take images of shape \(28, 28\); reshape them"):
        fit(NaiveSequential(own_network()), images, labels, 1)
    fit(NaiveSequential([Flatten(), *own_network()]), images, labels, 1)


class Stopped(OwnDense):
    """A layer through which no gradient passes to W."""

    def __call__(self, inputs: Any) -> Any:
        """Compute the outputs from a copy of W."""
        return self.activation(tf.matmul(inputs, tf.stop_gradient(self.W)) + self.b)


class OnArrays(OwnDense):
    """A layer on NumPy arrays."""

    def __init__(self, *sizes: Any) -> None:
        super().__init__(*sizes)
        self.W, self.b = self.W.numpy(), self.b.numpy()


def doubles(*sizes: Any) -> OwnDense:
    """Return a layer with weights of NumPy's default dtype."""
    layer = OwnDense(*sizes)
    layer.W = tf.Variable(layer.W.numpy().astype("float64"))
    return layer


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (own_network, ParameterError, r"a list of layers: write NaiveSequential\(\[\.\.\.\]\)"),
        (lambda: NaiveSequential, ParameterError, "the model is the class NaiveSequential"),
        (lambda: tf.nn.softmax, ParameterError, "the model has no weights"),
        (lambda: NaiveSequential(own_network(OnArrays(784, 16, tf.nn.relu))), ParameterError, "weight 0 is a ndarray"),
        (lambda: NaiveSequential(own_network(doubles(784, 16, tf.nn.relu))), ParameterError, "weight 0 is float64"),
        (lambda: NaiveSequential([Flatten(), tf.keras.layers.Softmax()]), ParameterError, "has no weights to train"),
        (
            lambda: NaiveSequential(own_network(Stopped(784, 16, tf.nn.relu))),
            ParameterError,
            r"weight 0, .* no gradient",
        ),
        (
            lambda: NaiveSequential([OwnDense(784, 16, tf.nn.relu), OwnDense(17, 10, tf.nn.softmax)]),
            ShapeError,
            "incomp",
        ),
        (lambda: NaiveSequential([OwnDense(784, 10, tf.reduce_sum)]), ShapeError, r"one row .* it returns \(\)"),
        (
            lambda: built().numpy(),
            ParameterError,
            "on NumPy arrays or tensors cannot be trained; build it on TensorFlow",
        ),
    ],
    ids=["list", "class", "function", "arrays", "doubles", "no weights", "stopped", "sizes", "scalar", "numpy"],
)
def test_models_that_cannot_train_are_refused(
    small: Samples, model: Callable[[], Any], error: type[Exception], message: str
) -> None:
    """The error names the weight or the shape, and what to do."""
    with pytest.raises(error, match=message):
        fit(model(), *small, 1)


# ------------------------------------------------------------------------------------------------ images and lines


def test_floats_of_any_precision_are_images(mnist: Any, small: Samples) -> None:
    """Bytes divided by 255 are doubles in NumPy, and train as float32 does."""
    model, doubled = built(), built()
    fit(model, *small, 1)
    fit(doubled, mnist.x_train[:300] / 255, small[1], 1)
    assert weight_bytes(model) == weight_bytes(doubled)


@pytest.mark.parametrize(
    "call",
    [
        lambda model, x, y: fit(model, x, y, 2, validation=(x, y)),
        lambda model, x, y: fit(model, x / 255, y, 2, test=(x, y)),
        lambda model, x, y: fit(model, x, y, 1, compiled=False),
        evaluate,
        lambda model, x, y: predict(model, x),
    ],
    ids=["fit", "test images", "eager", "evaluate", "predict"],
)
def test_images_that_were_not_divided_get_one_warning(mnist: Any, call: Callable[..., Any]) -> None:
    """The warning says what to write, and points at the user's line."""
    with pytest.warns(NaivenetWarning, match=r"from 0 to 1, but reach 255: divide them, images / 255") as caught:
        call(built(), mnist.x_train[:50].astype("float32"), mnist.y_train[:50])
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_normalized_images_get_no_warning(small: Samples) -> None:
    """Images with mean 0 and standard deviation 1 reach beyond 1, and below 0."""
    images = (small[0] - small[0].mean()) / small[0].std()
    fit(built(), images, small[1], 1)


@pytest.mark.parametrize(("stream", "lines"), [("terminal", 2), ("pipe", 0)])
def test_a_terminal_gets_the_notebooks_lines(
    small: Samples, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stream: str, lines: int
) -> None:
    """By default `fit` prints in a terminal and is silent elsewhere; 0 and 1 decide it."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: stream == "terminal")
    fit(built(), *small, 1)
    assert len(capsys.readouterr().out.splitlines()) == lines
    fit(built(), *small, 1, verbose=0)
    assert capsys.readouterr().out == ""
    fit(built(), *small, 1, verbose=1)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_an_update_function_that_changes_no_weight_is_a_warning(small: Samples) -> None:
    """`w = w - g * rate` only gives the result a name: the warning says so, and what changes the weight."""

    def slip(gradients: Any, weights: Any) -> None:
        for g, w in zip(gradients, weights, strict=True):
            w = w - g * learning_rate  # noqa: PLW2901 -- the slip

    with pytest.warns(NaivenetWarning, match=r"changes no weight: w\.assign_sub"):
        fit(built(), *small, epochs=1, update_weights=slip)
