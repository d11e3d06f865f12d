"""What to try after a diagnostic, as changes to the job's body: each JSON pointer's new value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from service.domain.config import JobConfig
from service.domain.optimizer_advice import ADVICE
from service.training.worker.diagnostic import Diagnostic

Changes = dict[str, Any]

_RATE = "/optimizer/learning_rate"

#: Diagnostics that name a cause. Beside one of them, a symptom has no advice of its own, which would be a guess.
CAUSES = frozenset(
    {"zero_learning_rate", "dead_layer", "saturated_softmax", "vanishing_gradients", "learning_rate_too_small"}
)
_SYMPTOMS = frozenset({"one_class", "chance_level"})


@dataclass(frozen=True, kw_only=True)
class Adviser:
    """Advises on the diagnostics of one job.

    Attributes:
        config: The job's configuration at its start.
        base_rate: The learning rate in force, which a schedule multiplies.
        is_explained: Whether a report names the cause of the job's symptoms.
    """

    config: JobConfig
    base_rate: float
    is_explained: bool = False

    def advised(self, diagnostic: Diagnostic) -> Diagnostic:
        """Return *diagnostic* with its advice; without any if no change of the body is likely to help."""
        if self.is_explained and diagnostic.code in _SYMPTOMS:
            return diagnostic
        changes = _CHANGES.get(diagnostic.code)
        return replace(diagnostic, advice=changes(self, diagnostic.layer or 0)) if changes else diagnostic

    def suggested_rate(self, _layer: int) -> Changes:
        """Start from the learning rate that suits the optimizer; nothing if the job already does."""
        rate = ADVICE[self.config.optimizer.name].learning_rate
        return {_RATE: rate} if rate != self.base_rate else {}

    def higher_rate(self, _layer: int) -> Changes:
        """Learn ten times faster."""
        return {_RATE: _short(self.base_rate * 10)}

    def lower_rate(self, _layer: int) -> Changes:
        """Learn ten times more slowly."""
        return {_RATE: _short(self.base_rate / 10)}

    def softmax(self, layer: int) -> Changes:
        """Give the layer the activation softmax."""
        return {f"/network/layers/{layer}/activation": "softmax"}

    def leaky(self, layer: int) -> Changes:
        """Give the layer an activation whose gradient is never 0; if it has it, learn more slowly."""
        if self.config.network.layers[layer].activation != "relu":
            return self.lower_rate(layer)
        return {f"/network/layers/{layer}/activation": "leaky_relu"}

    def random_weights(self, layer: int) -> Changes:
        """Start from random weights that suit the layer's activation."""
        name = "he_normal" if "relu" in self.config.network.layers[layer].activation else "glorot_uniform"
        return {f"/network/layers/{layer}/initializer": {"name": name}}

    def relu_everywhere(self, _layer: int) -> Changes:
        """Give every hidden layer relu, and the initial weights that suit it."""
        hidden = range(len(self.config.network.layers) - 1)
        activations: Changes = {f"/network/layers/{i}/activation": "relu" for i in hidden}
        return activations | {f"/network/layers/{i}/initializer": {"name": "he_normal"} for i in hidden}

    def shuffled(self, layer: int) -> Changes:
        """Shuffle the images; if the job does, start from the learning rate that suits the optimizer."""
        return self.suggested_rate(layer) if self.config.shuffle else {"/shuffle": True}


def _short(rate: float) -> float:
    """Return *rate* without the digits that a multiplication adds."""
    return float(f"{rate:.6g}")


_CHANGES: Mapping[str, Callable[[Adviser, int], Changes]] = MappingProxyType(
    {
        "chance_level": Adviser.suggested_rate,
        "dead_layer": Adviser.leaky,
        "divergence": Adviser.lower_rate,
        "equal_initial_weights": Adviser.random_weights,
        "forgotten": Adviser.lower_rate,
        "learning_rate_too_small": Adviser.higher_rate,
        "missing_softmax": Adviser.softmax,
        "one_class": Adviser.shuffled,
        "saturated_softmax": Adviser.lower_rate,
        "vanishing_gradients": Adviser.relu_everywhere,
        "zero_learning_rate": Adviser.suggested_rate,
    }
)
