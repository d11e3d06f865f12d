"""The descriptions of a network in text."""

import numpy as np
import pytest

from naivenet import NaiveDense, NaiveSequential, Network
from naivenet.network import NOTEBOOK_NETWORK
from tests.unit.naivenet.small import MODEL


def notebook(network: Network = NOTEBOOK_NETWORK) -> NaiveSequential:
    """Return the notebook's network on zeros."""
    return network.with_weights([np.zeros(shape, np.float32) for shape in network.shapes(784)])


def test_a_layer_names_its_sizes_and_activation() -> None:
    """The repr of a layer is one line."""
    assert repr(notebook().layers[0]) == "NaiveDense(784 → 512, relu)"


def test_a_network_names_its_layers_and_parameters() -> None:
    """The repr of a network is one line with all its layers."""
    assert repr(MODEL) == "NaiveSequential([NaiveDense(784 → 8, relu), NaiveDense(8 → 10, softmax)], 6,370 parameters)"


def test_an_activation_without_a_name_is_shown_by_its_function() -> None:
    """A lambda is shown as Python shows it; an object by its class."""
    W, b = np.zeros((3, 2), np.float32), np.zeros(2, np.float32)
    assert "<lambda>" in repr(NaiveDense.from_weights(W, b, lambda x: x))


def test_the_summary_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """`summary` prints a line for each layer with shapes and parameters, and the sum below."""
    notebook().summary()
    assert capsys.readouterr().out.splitlines() == [
        "   layer       activation  weights             parameters",
        "---------------------------------------------------------",
        "0  NaiveDense  relu        (784, 512), (512,)  401,920",
        "1  NaiveDense  softmax     (512, 10), (10,)    5,130",
        "",
        "407,050 parameters",
    ]
