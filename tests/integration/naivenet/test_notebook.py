"""The notebook's cells run unchanged, and their losses equal those of NumPy."""

import re

import numpy as np
import pytest
import tensorflow as tf

import naivenet
from naivenet import NOTEBOOK_NETWORK, BatchGenerator, NaiveDense, NaiveSequential, fit, one_training_step
from naivenet.datasets import Dataset

LEARNING_RATE = 0.001


class NumpyNetwork:
    """The same two layers, trained by hand in float64, independent of the tested code."""

    def __init__(self, weights: list[np.ndarray]) -> None:
        self.W1, self.b1, self.W2, self.b2 = (np.array(weight, np.float64) for weight in weights)

    def step(self, x: np.ndarray, labels: np.ndarray) -> float:
        """Run forward pass, backward pass and update on one batch; return the loss before the update."""
        # Forward
        hidden = x @ self.W1 + self.b1
        relu = np.maximum(hidden, 0)
        logits = relu @ self.W2 + self.b2
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        p = powers / powers.sum(axis=1, keepdims=True)
        clipped = np.clip(p, 1e-7, 1 - 1e-7)
        q = clipped / clipped.sum(axis=1, keepdims=True)
        wanted = np.eye(10)[labels]
        loss = -np.log((q * wanted).sum(axis=1)).mean()
        # Backward: through the logarithm of the clipped probabilities, then through the softmax
        d_p = np.where(clipped == p, (q - wanted) / clipped, 0) / len(x)
        d_logits = p * (d_p - (d_p * p).sum(axis=1, keepdims=True))
        d_hidden = (d_logits @ self.W2.T) * (hidden > 0)
        # Update
        self.W2 -= LEARNING_RATE * relu.T @ d_logits
        self.b2 -= LEARNING_RATE * d_logits.sum(axis=0)
        self.W1 -= LEARNING_RATE * x.T @ d_hidden
        self.b1 -= LEARNING_RATE * d_hidden.sum(axis=0)
        return float(loss)


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

    history = fit(model, train_images, train_labels, epochs=10, batch_size=128)

    batches = BatchGenerator(train_images, train_labels, batch_size=128)
    wanted = [by_hand.step(*batches.next()) for _ in range(200)]
    assert len(history.losses) == 4690
    np.testing.assert_allclose(history.losses[:200], wanted, rtol=1e-4)

    test_images = mnist.x_test.reshape((10000, 28 * 28)).astype("float32") / 255
    predictions = model(test_images)
    predicted_labels = np.argmax(predictions.numpy(), axis=1)
    matches = predicted_labels == mnist.y_test
    assert matches.mean() > 0.75
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
