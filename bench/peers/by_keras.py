"""Keras's `fit`: with its defaults, and tuned."""

from typing import Any

import keras

from bench.peers import BATCH, CLASSES, HIDDEN, INPUTS, RATES, Run, images_as_floats

_STEPS = 469


def default(optimizer: str) -> Run:
    """Use the defaults."""
    return _run(optimizer)


def tuned(optimizer: str) -> Run:
    """Use XLA, and all steps of an epoch in one execution."""
    return _run(optimizer, jit_compile=True, steps_per_execution=_STEPS)


def _run(optimizer: str, **compiling: Any) -> Run:
    images, labels = images_as_floats()
    model = keras.Sequential(
        [
            keras.Input((INPUTS,)),
            keras.layers.Dense(HIDDEN, activation="relu"),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    rule = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[optimizer](learning_rate=RATES[optimizer])
    model.compile(optimizer=rule, loss="sparse_categorical_crossentropy", metrics=["accuracy"], **compiling)

    def train(epochs: int) -> None:
        model.fit(images, labels, epochs=epochs, batch_size=BATCH, verbose=0)

    def first_loss() -> None:
        steps = compiling.get("steps_per_execution", 1)
        model.fit(images[: steps * BATCH], labels[: steps * BATCH], batch_size=BATCH, verbose=0)

    return Run(first_loss=first_loss, train=train)
