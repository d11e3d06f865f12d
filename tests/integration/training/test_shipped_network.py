"""The network that ships is what the package says, and the command that trains it gives the same bytes each time."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import tensorflow as tf

import naivenet
from service import shipped_network
from service.domain.config import preset
from service.storage.blobs import digest

COMMAND = Path(__file__).parents[3] / "tools" / "shipped_network.py"

#: The digest of the network after the first 50 of its 9,380 steps. If a new NumPy gives another one, train it again.
STEPS, FIRST_STEPS = 50, "f7a47ba27d3cea53d3802403893ee806368c87bf065e3376126dd8188d1cb179"

_PROCESSOR = Path("/proc/cpuinfo")
HAS_AVX2 = _PROCESSOR.exists() and {"avx2", "fma"} <= set(_PROCESSOR.read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def command() -> ModuleType:
    """The module of the command."""
    spec = importlib.util.spec_from_file_location("shipped_network_command", COMMAND)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_the_network_that_the_package_describes() -> None:
    """Its digest, layers, size, loss and accuracy are those of the registration."""
    data = shipped_network.FILE.read_bytes()
    network, mnist = naivenet.from_safetensors(data), naivenet.datasets.load("mnist")
    found = naivenet.evaluate(network, mnist.x_test, mnist.y_test)
    assert digest(data) == shipped_network.SHA256
    assert naivenet.Network.of(network) == preset("robust").network
    assert found.accuracy == shipped_network.METRICS["test_accuracy"]
    assert found.loss == pytest.approx(shipped_network.METRICS["test_loss"], abs=1e-5)


@pytest.mark.skipif(not HAS_AVX2, reason="the bytes are those of processors with AVX2 and FMA")
@pytest.mark.parametrize("variables", [{}, {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F"}])
def test_the_first_steps_give_the_same_bytes(variables: dict[str, str]) -> None:
    """Whatever the environment says, and also with the functions of a C library on a processor without AVX2."""
    other = {"OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_NUM_THREADS": "2", **variables}
    run = [sys.executable, str(COMMAND), "--steps", str(STEPS)]
    printed = subprocess.run(run, env=os.environ | other, check=True, capture_output=True, text=True).stdout
    assert printed.strip() == FIRST_STEPS


def test_a_step_is_that_of_the_library(command: ModuleType) -> None:
    """The gradients by hand, and the update, are those of `one_training_step` with the optimizer of the preset."""
    config, rng = preset("robust"), np.random.default_rng(1)
    images = rng.random((32, 784), np.float32)
    labels = rng.integers(0, 10, 32).astype(np.int32)
    model = config.network.build(784, seed=1)
    weights = [weight.numpy() for weight in model.weights]
    velocities = [np.zeros_like(each) for each in weights]
    updater = naivenet.train(model, images, labels, epochs=1, optimizer=config.optimizer).updater
    for rate in (0.1, 0.05):
        updater.use_rate(tf.constant(rate))
        naivenet.one_training_step(model, tf.constant(images), labels, updater)
        slopes = command.gradients(weights, images, labels)
        command.move(weights, velocities, slopes, rate=rate, momentum=config.optimizer.momentum)
    for mine, theirs in zip(weights, model.weights, strict=True):
        np.testing.assert_allclose(mine, theirs.numpy(), atol=2e-6)
