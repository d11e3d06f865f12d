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


def bfloat16(optimizer: str) -> Run:
    """Use Keras's policy for bfloat16, without XLA, which does not use the processor's instructions for it."""
    return _run(optimizer, "mixed_bfloat16", jit_compile=False, steps_per_execution=_STEPS)


def _run(optimizer: str, policy: str = "float32", **compiling: Any) -> Run:
    images, labels = images_as_floats()
    model = keras.Sequential(
        [
            keras.Input((INPUTS,)),
            keras.layers.Dense(HIDDEN, activation="relu", dtype=policy),
            keras.layers.Dense(CLASSES, activation="softmax", dtype=policy),
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
