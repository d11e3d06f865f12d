"""Runs a function of the user's, such as the notebook's ``update_weights``."""

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from naivenet.backend import Tensor
from naivenet.engine.updaters.base import Updater
from naivenet.errors import ParameterError

UpdateFunction = Callable[[Sequence[Tensor], Sequence[Tensor]], Any]


class FunctionUpdater(Updater):
    """A function of gradients and weights, which changes the weights. Its state is its own: there are no slots.

    Args:
        function: The function.
    """

    shareable: ClassVar[bool] = False
    sets_its_rate: ClassVar[bool] = True
    is_own_code = True

    def __init__(self, function: UpdateFunction) -> None:
        self.function = function
        self.state = {}

    def __call__(self, gradients: Sequence[Tensor], weights: Sequence[Tensor]) -> None:
        """Call the function.

        Raises:
            ParameterError: It uses an optimizer of Keras that belongs to other weights.
        """
        try:
            self.function(gradients, weights)
        except ValueError as error:
            if not str(error).startswith("Unknown variable"):
                raise
            raise ParameterError(
                "the optimizer in update_weights was used with other weights: make a new one for each model"
            ) from error

    @property
    def learning_rate(self) -> float:
        """NaN: only the function knows its learning rate.

        Raises:
            ParameterError: A value is set.
        """
        return math.nan

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        raise ParameterError(f"the learning rate is set in the function; cannot set it to {learning_rate}")

    def use_rate(self, rate: Tensor) -> None:
        """Leave the learning rate to the function."""
