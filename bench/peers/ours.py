"""naivenet: `fit` as users call it, `train` once it runs, and the evaluation of the test set."""

import os
from itertools import count

import keras  # noqa: F401 -- imported before the measurement, as in the other peers
import tensorflow as tf  # noqa: F401 -- likewise

import naivenet
from bench.peers import INPUTS, Run, images_as_bytes
from service.settings import Settings

_ENDLESS = 10**6


def fit(optimizer: str) -> Run:
    """Call `fit` with a new network each time, including compilation."""
    images, labels = images_as_bytes()
    seeds = count()

    def run(epochs: int) -> None:
        model = naivenet.NOTEBOOK_NETWORK.build(INPUTS, seed=next(seeds))
        naivenet.fit(model, images, labels, epochs, optimizer=optimizer, verbose=0)

    return Run(first_loss=lambda: train(optimizer).first_loss(), train=run)  # its network is freed


def fit_tested(optimizer: str) -> Run:
    """Call `fit` in the same way, with an evaluation after each epoch and the niceness of a worker, as in a job.

    Without that niceness, other load on the machine would slow down the job alone.
    """
    os.nice(Settings.model_fields["worker_nice"].default)
    images, labels = images_as_bytes()
    data = naivenet.datasets.load()
    test = (data.x_test, data.y_test)

    def run(epochs: int) -> None:
        model = naivenet.NOTEBOOK_NETWORK.build(INPUTS, seed=1)
        naivenet.fit(model, images, labels, epochs, optimizer=optimizer, test=test, verbose=0)

    return Run(first_loss=lambda: train(optimizer).first_loss(), train=run)  # its network is freed


def train(optimizer: str) -> Run:
    """Run one long training, some epochs at a time."""
    return _train(optimizer, "float32")


def train_bfloat16(optimizer: str) -> Run:
    """Do the same with products in bfloat16."""
    return _train(optimizer, "bfloat16")


def _train(optimizer: str, precision: naivenet.Precision) -> Run:
    model = naivenet.NOTEBOOK_NETWORK.build(INPUTS, seed=1)
    rule = naivenet.get_optimizer(optimizer)
    events = iter(naivenet.train(model, *images_as_bytes(), epochs=_ENDLESS, optimizer=rule, precision=precision))

    def run(epochs: int) -> None:
        for _ in range(epochs):
            next(event for event in events if isinstance(event, naivenet.EpochEnd))

    return Run(first_loss=lambda: next(events), train=run)


def evaluate(optimizer: str) -> Run:  # noqa: ARG001 -- the signature of all peers
    """Evaluate the 10,000 test images once an "epoch"."""
    model = naivenet.NOTEBOOK_NETWORK.build(INPUTS, seed=1)
    data = naivenet.datasets.load()

    def run(epochs: int = 1) -> None:
        for _ in range(epochs):
            naivenet.evaluate(model, data.x_test, data.y_test)

    return Run(first_loss=run, train=run)
