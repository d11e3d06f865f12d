"""Training on a GPU, where TensorFlow finds one."""

import numpy as np
import pytest
import tensorflow as tf

from naivenet import NOTEBOOK_NETWORK, Precision, fit
from service.training.worker.environment import this_environment

GPUS = tf.config.list_physical_devices("GPU")


def test_the_environment_names_the_device() -> None:
    """It is a GPU where TensorFlow finds one, and then the card's name stands behind the processor's."""
    environment = this_environment()
    assert environment.device == ("gpu" if GPUS else "cpu")
    assert environment.processor.count(", ") >= len(GPUS)


@pytest.mark.skipif(not GPUS, reason="TensorFlow finds no GPU here; docs/how-to/gpu.md says how to install its build")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_network_trains_on_the_gpu(few: tuple[np.ndarray, np.ndarray], precision: Precision) -> None:
    """The variables are on the card, and the loss falls."""
    model = NOTEBOOK_NETWORK.build(784, seed=1)
    history = fit(model, *few, epochs=5, learning_rate=0.1, precision=precision)
    assert all("GPU" in weight.device for weight in model.weights)
    assert history.losses[-1] < history.losses[0]
