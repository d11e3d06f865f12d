"""The description of a network without its weights: the layers of a job's configuration, stored in checkpoints."""

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen, MinLen

from naivenet.backend import Tensor
from naivenet.choices.activations import Activation, ActivationName, get_activation
from naivenet.choices.initial_weights import described
from naivenet.choices.initializers import Initializer, RandomUniform, get_initializer
from naivenet.choices.parameters import ByName, Parameters, WholeNumber
from naivenet.choices.seeds import generator
from naivenet.errors import ParameterError, ShapeError, UnknownName
from naivenet.layers import NaiveDense, NaiveSequential
from naivenet.own_models import dense_layers

MAX_LAYERS = 64


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layer(Parameters):
    """One layer: its number of units, its activation and its initializer."""

    units: Annotated[WholeNumber, Ge(1), Le(65536)]
    activation: ActivationName
    initializer: Annotated[Initializer, ByName()] = RandomUniform()  # noqa: RUF009 -- frozen, so all may share it


@dataclasses.dataclass(frozen=True, kw_only=True)
class Network(Parameters):
    """The layers, first to last; the last one has one unit for each class.

    Raises:
        ParameterError: There is no layer, or there are more than 64.
    """

    layers: Annotated[tuple[Layer, ...], MinLen(1), MaxLen(MAX_LAYERS)]

    def __post_init__(self) -> None:
        """Refuse a network without layers, or with too many."""
        super().__post_init__()
        if not 1 <= len(self.layers) <= MAX_LAYERS:
            raise ParameterError(f"a network has 1 to {MAX_LAYERS} layers, not {len(self.layers)}")

    @classmethod
    def of(cls, model: NaiveSequential) -> "Network":
        """Describe *model*. A layer whose initializer is a function is described with the default initializer.

        Raises:
            ParameterError: An activation is a function without a name.
            MissingPart: A layer is no `NaiveDense`.
        """
        return cls(
            layers=tuple(
                Layer(
                    units=layer.output_size,
                    activation=_name(layer, number),
                    initializer=described(getattr(layer, "initializer", None)) or RandomUniform(),
                )
                for number, layer in enumerate(dense_layers(model))
            )
        )

    def shapes(self, input_size: int) -> list[tuple[int, ...]]:
        """Return the shapes of the weights ``[W, b, W, b, ...]`` for samples of *input_size* numbers."""
        sizes = [input_size, *(layer.units for layer in self.layers)]
        return [shape for inputs, outputs in pairwise(sizes) for shape in ((inputs, outputs), (outputs,))]

    def build(self, input_size: int, *, seed: int | None) -> NaiveSequential:
        """Build the network on TensorFlow variables.

        A *seed* makes the weights repeatable. Without it they are drawn from TensorFlow's generator.
        """
        sizes = [input_size, *(layer.units for layer in self.layers)]
        return NaiveSequential(
            NaiveDense(
                inputs,
                layer.units,
                layer.activation,
                initializer=layer.initializer,
                seed=None if seed is None else generator(seed, "initial weights", number),
            )
            for number, (inputs, layer) in enumerate(zip(sizes, self.layers, strict=False))
        )

    def with_weights(self, weights: Sequence[Tensor]) -> NaiveSequential:
        """Build the network on existing weights, ``[W, b, W, b, ...]``.

        Raises:
            ShapeError: The number of weights or a shape does not fit.
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
        """Return the description as values that JSON can hold."""
        return {"layers": [dataclasses.asdict(layer) for layer in self.layers]}

    @classmethod
    def from_dict(cls, description: Mapping[str, Any]) -> "Network":
        """Read what `to_dict` returned.

        Raises:
            ParameterError: A value is missing, of the wrong type or out of range.
            UnknownName: There is no such key, activation or initializer.
        """
        _check_keys("network", description, required={"layers"}, known={"layers"})
        if not isinstance(description["layers"], list | tuple):
            raise ParameterError(f"layers must be a list, not {description['layers']!r}")
        return cls(layers=tuple(_layer(each) for each in description["layers"]))


NOTEBOOK_NETWORK = Network(
    layers=(Layer(units=512, activation="relu"), Layer(units=10, activation="softmax")),
)


def _name(layer: NaiveDense, number: int) -> ActivationName:
    activation = get_activation(layer.activation)  # the user may have assigned another one
    if isinstance(activation, Activation):
        return activation.name
    raise ParameterError(
        f"layer {number} cannot be described: its activation is a function without a name; choose one by its name"
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
