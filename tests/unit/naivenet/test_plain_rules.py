"""The plain formulas of Adam and RMSprop, and the updaters that run them."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from naivenet import get_optimizer, make_updater
from naivenet.engine.updaters.adam import plain_adam_step
from naivenet.engine.updaters.rmsprop import plain_rmsprop_step

START = np.random.default_rng(0).normal(size=(4, 3))
GRADIENTS = [np.random.default_rng([1, step]).normal(size=(4, 3)) for step in range(20)]


def updated(name: str, parameters: dict[str, Any]) -> np.ndarray:
    """Return the weight after 20 steps of an updater."""
    weight = tf.Variable(START.astype(np.float32))
    update = make_updater(get_optimizer(name, **parameters), [weight])
    for gradient in GRADIENTS:
        update([tf.constant(gradient.astype(np.float32))], [weight])
    result: np.ndarray = weight.numpy()
    return result


@pytest.mark.parametrize("parameters", [{}, {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}])
def test_adam_is_its_formula(parameters: dict[str, float]) -> None:
    """The kernel moves a weight as the four plain lines do, within rounding."""
    optimizer = vars(get_optimizer("adam", **parameters))
    rule = {name: optimizer[name] for name in ("beta_1", "beta_2", "epsilon")}
    w, m, v = START, np.zeros_like(START), np.zeros_like(START)
    for t, g in enumerate(GRADIENTS, start=1):
        w, m, v = plain_adam_step(w, g, m, v, t, rate=optimizer["learning_rate"], **rule)
    np.testing.assert_allclose(updated("adam", parameters), w, rtol=0, atol=2e-6)


@pytest.mark.parametrize("parameters", [{}, {"learning_rate": 0.05, "rho": 0.5, "epsilon": 1e-3}])
def test_rmsprop_is_its_formula(parameters: dict[str, float]) -> None:
    """The updater moves a weight as the two plain lines do, within rounding."""
    optimizer = vars(get_optimizer("rmsprop", **parameters))
    rule = {name: optimizer[name] for name in ("rho", "epsilon")}
    w, s = START, np.zeros_like(START)
    for g in GRADIENTS:
        w, s = plain_rmsprop_step(w, g, s, rate=optimizer["learning_rate"], **rule)
    np.testing.assert_allclose(updated("rmsprop", parameters), w, rtol=0, atol=5e-6)
