"""Runs an optimizer of Keras."""

from collections.abc import Sequence
from typing import ClassVar

from naivenet.backend import Tensor, keras
from naivenet.choices.optimizers import Optimizer
from naivenet.choices.parameters import values
from naivenet.engine.updaters.base import State, Updater


class KerasUpdater(Updater):
    """An optimizer of Keras. It can only update the weights that it was built for.

    Args:
        optimizer: The description; its parameters are those of the Keras class.
        class_name: The name of the class in ``keras.optimizers``.
        weights: The weights to update.
    """

    shareable: ClassVar[bool] = False
    slot_names: ClassVar[tuple[str, ...]] = ("keras",)

    def __init__(self, optimizer: Optimizer, class_name: str, weights: Sequence[Tensor]) -> None:
        self._keras = getattr(keras.optimizers, class_name)(**values(optimizer))
        self._keras.build(list(weights))
        super().__init__(optimizer, _state(self._keras))

    def __call__(self, gradients: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
        """Apply the gradients."""
        self._keras.apply_gradients(zip(gradients, weights, strict=True))


def _state(optimizer: Tensor) -> State:
    rate = optimizer.learning_rate
    return {"rate": [rate], "keras": [each for each in optimizer.variables if each is not rate]}
