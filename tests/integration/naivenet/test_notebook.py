"""The notebook's cells run unchanged, and their losses equal those of NumPy."""

import re

import numpy as np
import pytest
import tensorflow as tf

import naivenet
from naivenet import NOTEBOOK_NETWORK, BatchGenerator, NaiveDense, NaiveSequential, fit, one_training_step
from naivenet.datasets import Dataset
from tests.integration.naivenet.numpy_network import NumpyNetwork


def test_the_notebooks_cells_run_and_every_loss_is_right(mnist: Dataset) -> None:
    """The notebook's cells train on MNIST, and the first 200 losses equal those computed by hand."""
    model = NaiveSequential(
        [
            NaiveDense(input_size=784, output_size=512, activation=tf.nn.relu),
            NaiveDense(input_size=512, output_size=10, activation=tf.nn.softmax),
        ]
    )
    assert len(model.weights) == 4

    train_images, train_labels = mnist.x_train, mnist.y_train
    train_images = train_images.reshape((60000, 28 * 28))
    train_images = train_images.astype("float32") / 255
    by_hand = NumpyNetwork([weight.numpy() for weight in model.weights])

    # three epochs of the notebook's ten: the others show nothing new
    history = fit(model, train_images, train_labels, epochs=3, batch_size=128)

    batches = BatchGenerator(train_images, train_labels, batch_size=128)
    wanted = [by_hand.step(*batches.next()) for _ in range(200)]
    assert len(history.losses) == 1407
    np.testing.assert_allclose(history.losses[:200], wanted, rtol=1e-4)

    test_images = mnist.x_test.reshape((10000, 28 * 28)).astype("float32") / 255
    predictions = model(test_images)
    predicted_labels = np.argmax(predictions.numpy(), axis=1)
    matches = predicted_labels == mnist.y_test
    assert matches.mean() > 0.5
    assert naivenet.evaluate(model, test_images, mnist.y_test).accuracy == pytest.approx(matches.mean())


def test_fit_is_the_eager_loop_bit_for_bit(few: tuple[np.ndarray, np.ndarray]) -> None:
    """The notebook's loop, written out here, gives exactly the losses and weights of `fit`."""
    images, labels = few
    eager, fitted = (NOTEBOOK_NETWORK.build(784, seed=3) for _ in range(2))
    losses = []
    for _ in range(2):
        batches = BatchGenerator(images, labels, batch_size=128)
        losses += [one_training_step(eager, *batches.next()).numpy() for _ in range(batches.num_batches)]
    history = fit(fitted, images, labels, epochs=2, batch_size=128)
    np.testing.assert_array_equal(history.losses, losses)
    for ours, theirs in zip(fitted.weights, eager.weights, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_nothing_is_printed_unless_asked(
    few: tuple[np.ndarray, np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    """`fit` prints nothing by default."""
    fit(NOTEBOOK_NETWORK.build(784, seed=1), *few, epochs=1)
    assert capsys.readouterr().out == ""


def test_verbose_prints_the_notebooks_lines(
    few: tuple[np.ndarray, np.ndarray], capsys: pytest.CaptureFixture[str]
) -> None:
    """With `verbose=1`, `fit` prints each epoch and the loss of every hundredth batch."""
    history = fit(NOTEBOOK_NETWORK.build(784, seed=1), *few, epochs=2, batch_size=8, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    expected = ["Epoch", "loss at batch 0:", "loss at batch 100:"]
    assert [
        re.sub(r"Epoch \d| \d+\.\d\d$", lambda m: m[0][:5] if m[0][0] == "E" else "", line) for line in lines
    ] == expected * 2
    assert lines[0] == "Epoch 0"
    assert lines[5] == f"loss at batch 100: {history.losses[225]:.2f}"
