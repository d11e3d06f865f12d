"""Two networks with the same seed share what chance decides: the weights of equal layers, and the order of samples."""

import numpy as np
import pytest

from naivenet import Layer, Network
from naivenet.choices.initializers import GlorotUniform, HeNormal, RandomUniform
from naivenet.engine.order import epoch_order

OUTPUT = Layer(units=10, activation="softmax", initializer=GlorotUniform())


def hidden(units: int, **fields: object) -> Layer:
    """Return a hidden layer."""
    return Layer(**{"units": units, "activation": "relu", "initializer": HeNormal(), **fields})  # type: ignore[arg-type]  # fields


#: By case: two networks, and the numbers of the layers that they share.
NETWORKS: dict[str, tuple[list[Layer], list[Layer], list[int]]] = {
    "another activation": ([hidden(16), OUTPUT], [hidden(16, activation="tanh"), OUTPUT], [0, 1]),
    "another initializer before": ([hidden(16), OUTPUT], [hidden(16, initializer=RandomUniform()), OUTPUT], [1]),
    "one more layer": ([hidden(16), OUTPUT], [hidden(16), hidden(16), OUTPUT], [0]),
    "another width before": ([hidden(16), hidden(8), hidden(8)], [hidden(32), hidden(8), hidden(8)], [2]),
}


@pytest.mark.parametrize("what", NETWORKS)
def test_layers_that_two_networks_share_start_with_the_same_weights(what: str) -> None:
    """A layer's first weights depend on the seed, its place, its shape and its initializer: not on other layers."""
    *pair, shared = NETWORKS[what]
    first, second = (Network(layers=tuple(layers)).build(20, seed=7) for layers in pair)
    for number in shared:
        np.testing.assert_array_equal(first.layers[number].W.numpy(), second.layers[number].W.numpy())


def test_another_scale_of_an_initializer_keeps_its_draws() -> None:
    """Twice the range gives twice the numbers: both arms have the same luck."""
    narrow, wide = (
        Network(layers=(hidden(16, initializer=RandomUniform(maxval=most)), OUTPUT)).build(20, seed=7).layers[0].W
        for most in (0.1, 0.2)
    )
    np.testing.assert_allclose(2 * narrow.numpy(), wide.numpy(), rtol=1e-6)


def test_the_order_of_the_samples_depends_on_seed_and_epoch_alone() -> None:
    """All arms with a seed see the samples in the same order; another seed or epoch has another order."""
    order = epoch_order(50, epoch=2, seed=7, shuffle=True)
    np.testing.assert_array_equal(order, epoch_order(50, epoch=2, seed=7, shuffle=True))
    assert not np.array_equal(order, epoch_order(50, epoch=2, seed=8, shuffle=True))
    assert not np.array_equal(order, epoch_order(50, epoch=3, seed=7, shuffle=True))
