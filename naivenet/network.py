"""Describes a network without its weights: what a person chooses, and what a checkpoint carries."""

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen, MinLen

from naivenet.choices.activations import ActivationName
from naivenet.choices.initializers import Initializer, RandomUniform, get_initializer
from naivenet.choices.parameters import ByName, Parameters, WholeNumber
from naivenet.choices.seeds import generator
from naivenet.errors import ParameterError, ShapeError, UnknownName
from naivenet.layers import NaiveDense, NaiveSequential

MAX_LAYERS = 64


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layer(Parameters):
    """One layer: how many units, which activation, and where its weights start."""

    units: Annotated[WholeNumber, Ge(1), Le(65536)]
    activation: ActivationName
    initializer: Annotated[Initializer, ByName()] = RandomUniform()  # noqa: RUF009 -- frozen, so all may share it


@dataclasses.dataclass(frozen=True, kw_only=True)
class Network(Parameters):
    """Layers from the input to the answer; the last one has a unit for each class.

    Raises:
        ParameterError: There is no layer, or more than 64.
    """

    layers: Annotated[tuple[Layer, ...], MinLen(1), MaxLen(MAX_LAYERS)]

    def __post_init__(self) -> None:
        """Refuse a network of no layers, or of very many."""
        super().__post_init__()
        if not 1 <= len(self.layers) <= MAX_LAYERS:
            raise ParameterError(f"a network has 1 to {MAX_LAYERS} layers, not {len(self.layers)}")

    def shapes(self, input_size: int) -> list[tuple[int, ...]]:
        """Shapes of the weights in their order, for samples of *input_size* numbers: W, b, W, b, ..."""
        sizes = [input_size, *(layer.units for layer in self.layers)]
        return [shape for inputs, outputs in pairwise(sizes) for shape in ((inputs, outputs), (outputs,))]

    def build(self, input_size: int, *, seed: int | None) -> NaiveSequential:
        """Build the network on TensorFlow variables: with one *seed* always the same, with None never."""
        sizes = [input_size, *(layer.units for layer in self.layers)]
        return NaiveSequential(
            NaiveDense(
                inputs,
                layer.units,
                layer.activation,
                initializer=layer.initializer,
                seed=generator(seed, "initial weights", number),
            )
            for number, (inputs, layer) in enumerate(zip(sizes, self.layers, strict=False))
        )

    def with_weights(self, weights: Sequence[Any]) -> NaiveSequential:
        """Put the network on weights that exist, ``[W, b, W, b, ...]``.

        Raises:
            ShapeError: They are not the weights of this network.
        """
        if len(weights) != 2 * len(self.layers):
            raise ShapeError(f"{len(self.layers)} layers have {2 * len(self.layers)} weights, not {len(weights)}")
        model = NaiveSequential(
            NaiveDense.from_weights(W, b, layer.activation, initializer=layer.initializer)
            for W, b, layer in zip(weights[::2], weights[1::2], self.layers, strict=True)
        )
        for number, (built, layer) in enumerate(zip(model.layers, self.layers, strict=True)):
            if built.output_size != layer.units:
                raise ShapeError(f"layer {number} has {layer.units} units, but weights for {built.output_size}")
        return model

    def to_dict(self) -> dict[str, Any]:
        """Describe the network in what JSON can hold."""
        return {"layers": [dataclasses.asdict(layer) for layer in self.layers]}

    @classmethod
    def from_dict(cls, description: Mapping[str, Any]) -> "Network":
        """Read what `to_dict` wrote.

        Raises:
            ParameterError: A value is missing, of the wrong kind, or out of its range.
            UnknownName: A key, an activation or an initializer is none that there is.
        """
        _check_keys("network", description, required={"layers"}, known={"layers"})
        if not isinstance(description["layers"], list | tuple):
            raise ParameterError(f"layers must be a list, not {description['layers']!r}")
        return cls(layers=tuple(_layer(each) for each in description["layers"]))


NOTEBOOK_NETWORK = Network(
    layers=(Layer(units=512, activation="relu"), Layer(units=10, activation="softmax")),
)


def _layer(description: Any) -> Layer:
    known = {"units", "activation", "initializer"}
    _check_keys("layer", description, required={"units", "activation"}, known=known)
    values = dict(description)
    if "initializer" in values:
        initializer = values["initializer"]
        _check_keys("initializer", initializer, required={"name"}, known=None)
        values["initializer"] = get_initializer(**initializer)
    return Layer(**values)


def _check_keys(kind: str, description: Any, *, required: set[str], known: set[str] | None) -> None:
    if not isinstance(description, Mapping):
        raise ParameterError(f"a {kind} is described by a mapping, not {description!r}")
    if missing := required - description.keys():
        raise ParameterError(f"the {kind} lacks {', '.join(sorted(missing))}")
    for key in description:
        if not isinstance(key, str) or (known is not None and key not in known):
            raise UnknownName(f"key of the {kind}", key, known or required)
