"""Finds an ``update_weights`` or a training step that the user defined anew, so that none is ignored in silence."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from naivenet.errors import warn

_RULES = ("optimizer", "learning_rate", "update_weights")


def redefined_rule(options: Mapping[str, Any], current: Callable[..., Any]) -> dict[str, Any]:
    """Return the option for *current*, today's ``naivenet.training.update_weights``, if it replaces the original.

    If the user defined a function of that name elsewhere, it is not used, and this warns of it.

    Args:
        options: The options of the run; a rule that is given there has precedence.
        current: The function that ``naivenet.training`` holds now.
    """
    if any(options.get(rule) is not None for rule in _RULES):
        return {}
    if getattr(current, "__module__", "") != "naivenet.training":
        return {"update_weights": current}
    for module in ("__main__", "naivenet"):
        if getattr(sys.modules.get(module), "update_weights", current) is not current:
            warn(
                f"the update_weights of {module} is not used, only the notebook's rule: pass it, "
                "fit(..., update_weights=update_weights)"
            )
    return {}


def check_step(fit: Callable[..., Any], current: Callable[..., Any]) -> None:
    """Warn of a ``one_training_step`` beside an imported *fit*, which calls *current*.

    A notebook that defines both, as the first one here does, means its own ``fit`` by its own step.
    """
    for module in ("__main__", "naivenet"):
        names = vars(sys.modules.get(module, object))
        step = names.get("one_training_step", current)
        if names.get("fit") is fit and step is not current and step.__module__ != fit.__module__:
            warn(
                f"the one_training_step of {module} is not used by naivenet's fit: call it in a loop of your own over "
                "naivenet.BatchGenerator"
            )
