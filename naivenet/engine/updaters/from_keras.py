"""Runs an optimizer of Keras."""

from collections.abc import Sequence
from typing import Any, ClassVar

from naivenet.backend import Tensor, keras, tf
from naivenet.choices.optimizers import Optimizer
from naivenet.choices.parameters import values
from naivenet.engine.updaters.base import State, Updater
from naivenet.errors import ParameterError


class KerasUpdater(Updater):
    """An optimizer of Keras, made from a description. It can only update the weights that it was built for.

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


class KerasObjectUpdater(KerasUpdater):
    """An optimizer object of Keras as it is, with its own learning rate or schedule, clipping, decay and averages.

    Args:
        optimizer: A new object, or one that was used with these weights before and goes on.
        weights: The weights to update.

    Raises:
        ParameterError: The object was used with other weights, or it cannot train TensorFlow variables.
    """

    sets_its_rate: ClassVar[bool] = True

    def __init__(self, optimizer: Any, weights: Sequence[Tensor]) -> None:
        self._keras = optimizer
        if optimizer.built:
            _check_weights(optimizer, weights)
        else:
            _build(optimizer, weights)
        Updater.__init__(self, optimizer, _state(optimizer))
        self.is_own_code = not type(optimizer).__module__.startswith("keras.")

    def __call__(self, gradients: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
        """Apply the gradients; an optimizer that scales the loss divides them again."""
        one = 1.0
        scale = self._keras.scale_loss(one)
        super().__call__(gradients if scale is one else [gradient * scale for gradient in gradients], weights)

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step. A new value holds from the next step, in graphs too.

        Raises:
            ParameterError: A value is set, but the optimizer follows a schedule.
        """
        return float(self._keras.learning_rate)

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        try:
            self._keras.learning_rate = learning_rate
        except TypeError as error:
            raise ParameterError("this optimizer follows a schedule; its learning rate cannot be set") from error

    def use_rate(self, rate: Tensor) -> None:
        """Leave the learning rate to the optimizer."""

    def finish(self, weights: Sequence[Tensor]) -> None:
        """Replace the weights by their moving averages if the optimizer keeps them, as Keras's ``fit`` does."""
        self._keras.finalize_variable_values(list(weights))


def _state(optimizer: Any) -> State:
    rate = optimizer.learning_rate
    return {"rate": [rate], "keras": [each for each in optimizer.variables if each is not rate]}


def _build(optimizer: Any, weights: Sequence[Tensor]) -> None:
    try:
        optimizer.build(list(weights))
    except AttributeError as error:
        name = type(optimizer).__name__
        raise ParameterError(f"{name} trains only variables of Keras, not tf.Variable: choose another") from error


def _check_weights(optimizer: Any, weights: Sequence[Tensor]) -> None:
    """Refuse an optimizer that knows other weights: Keras finds them while the call is traced, and nothing runs."""
    zeros = [tf.zeros_like(weight) for weight in weights]
    try:
        tf.function(
            lambda: optimizer.apply_gradients(zip(zeros, weights, strict=True)), autograph=False
        ).get_concrete_function()
    except ValueError as error:
        name = type(optimizer).__name__
        raise ParameterError(
            f"this optimizer was used with other weights: make a new one for each model, keras.optimizers.{name}(...)"
        ) from error
