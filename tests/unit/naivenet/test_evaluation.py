"""Evaluation, compared with metrics computed by hand."""

import numpy as np
import pytest

from naivenet import (
    NOTEBOOK_NETWORK,
    Layer,
    Network,
    accuracy,
    confusion_matrix,
    evaluate,
    get_activation,
    get_initializer,
    per_class_accuracy,
    predict,
    predicted_labels,
)
from naivenet.evaluation import _graph

LABELS = [0, 0, 1, 1, 1]
PREDICTED = [0, 1, 1, 1, 0]


def test_accuracy_is_the_share_of_matches() -> None:
    """The accuracy is 0.6 if three of five predictions match."""
    assert accuracy(LABELS, PREDICTED) == pytest.approx(0.6)


def test_the_predicted_label_is_the_most_probable() -> None:
    """The most probable class is predicted; of two equal classes the first one."""
    np.testing.assert_array_equal(predicted_labels([[0.1, 0.7, 0.2], [0.4, 0.2, 0.4]]), [1, 0])


def test_a_confusion_matrix_counts_each_pair() -> None:
    """Rows are labels, columns are predictions."""
    np.testing.assert_array_equal(confusion_matrix(LABELS, PREDICTED, classes=3), [[1, 1, 0], [1, 2, 0], [0, 0, 0]])


def test_accuracy_of_a_class_is_its_share_of_matches() -> None:
    """Each class has its own share; a class without samples has NaN."""
    shares = per_class_accuracy(confusion_matrix(LABELS, PREDICTED, classes=3))
    np.testing.assert_allclose(shares, [1 / 2, 2 / 3, np.nan])


def identity_model(on_numpy: bool) -> object:  # noqa: FBT001 -- a parameter of the test
    """Return a network of three classes that computes the softmax of its input."""
    network = Network(layers=(Layer(units=3, activation="softmax", initializer=get_initializer("orthogonal")),))
    model = network.build(3, seed=1)
    model.weights[0].assign(np.eye(3, dtype=np.float32))
    return model.numpy() if on_numpy else model


@pytest.mark.parametrize("on_numpy", [False, True])
def test_an_evaluation_is_what_one_works_out_by_hand(on_numpy: bool) -> None:  # noqa: FBT001 -- a parameter
    """Loss, accuracy and confusion matrix are right, on variables and on arrays."""
    images = np.log(np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.5, 0.25, 0.25]], np.float32))
    evaluation = evaluate(identity_model(on_numpy), images, [0, 1, 2])  # type: ignore[arg-type]  # either kind
    assert evaluation.loss == pytest.approx(-np.log([0.7, 0.6, 0.25]).mean(), rel=1e-5)
    assert evaluation.accuracy == pytest.approx(2 / 3)
    np.testing.assert_array_equal(evaluation.confusion, [[1, 0, 0], [0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(evaluation.per_class_accuracy, [1, 1, 0])


def test_both_kinds_of_weights_agree_on_mnist(mnist: object) -> None:
    """On all test images, which need several passes, TensorFlow and NumPy give the same metrics."""
    model = NOTEBOOK_NETWORK.build(784, seed=1)
    images, labels = mnist.x_test, mnist.y_test  # type: ignore[attr-defined]  # the dataset
    ours, theirs = evaluate(model, images, labels), evaluate(model.numpy(), images, labels)
    assert ours.loss == pytest.approx(theirs.loss, rel=1e-4)
    assert ours.accuracy == pytest.approx(theirs.accuracy, abs=2e-4)
    assert ours.confusion.sum() == 10_000


def test_evaluating_again_compiles_nothing(few: tuple[np.ndarray, np.ndarray]) -> None:
    """Networks of the same kind share one graph, traced for the first number of images and once for all others."""
    for seed in (1, 2):
        model = Network(layers=(Layer(units=13, activation="softmax"),)).build(784, seed=seed)  # of no other test
        for count in (1, 10, 100, 1000):
            assert predict(model, few[0][:count]).shape == (count, 13)
    assert _graph(((get_activation("softmax"), 784, 13),)).experimental_get_tracing_count() == 2
