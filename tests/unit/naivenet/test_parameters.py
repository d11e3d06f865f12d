"""Parameters: refused out of range, described for a form, and read by pydantic with the same rules."""

import json
from dataclasses import make_dataclass
from typing import Annotated, Any

import pytest
from annotated_types import Ge, Gt, Le, Lt
from pydantic import Field, TypeAdapter, ValidationError

from naivenet import (
    INITIALIZERS,
    OPTIMIZERS,
    Initializer,
    Layer,
    Network,
    Optimizer,
    ParameterError,
    UnknownName,
    describe,
    get_initializer,
    get_optimizer,
)
from naivenet.choices.parameters import Number, WholeNumber

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "initializer": TypeAdapter(Annotated[Initializer, Field(discriminator="name")]),
    "optimizer": TypeAdapter(Annotated[Optimizer, Field(discriminator="name")]),
}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"learning_rate": -1.0}, "SGD.learning_rate must be at least 0, not -1.0"),
        ({"learning_rate": 1e9}, "SGD.learning_rate must be at most 100, not 1000000000.0"),
        ({"learning_rate": float("nan")}, "SGD.learning_rate must be a finite number, not nan"),
        ({"learning_rate": 10**400}, "SGD.learning_rate must be a finite number"),
        ({"learning_rate": "0.1"}, "SGD.learning_rate must be float, not '0.1'"),
        ({"learning_rate": True}, "SGD.learning_rate must be float, not True"),
        ({"momentum": 1.0}, "SGD.momentum must be less than 1, not 1.0"),
        ({"nesterov": 1}, "SGD.nesterov must be bool, not 1"),
    ],
)
def test_a_parameter_out_of_range_is_refused(parameters: dict[str, Any], message: str) -> None:
    """The error names the parameter, the given value and the right ones."""
    with pytest.raises(ParameterError, match=message.replace(".", r"\.")):
        get_optimizer("sgd", **parameters)


def test_a_bound_can_be_exclusive() -> None:
    """Adam's epsilon must be greater than 0."""
    with pytest.raises(ParameterError, match=r"Adam.epsilon must be greater than 0, not 0.0"):
        get_optimizer("adam", epsilon=0)


def test_a_whole_number_is_accepted_for_a_float() -> None:
    """1 is read as 1.0, so that equal descriptions give equal bytes."""
    optimizer = get_optimizer("sgd", learning_rate=1)
    assert repr(optimizer) == repr(get_optimizer("sgd", learning_rate=1.0))


@pytest.mark.parametrize("name", [["sgd"], None, 3, "SGD "])
def test_a_name_of_the_wrong_kind_is_unknown(name: Any) -> None:
    """A name of any type that does not exist is refused as unknown."""
    with pytest.raises(UnknownName, match="unknown optimizer"):
        get_optimizer(name)


def test_a_description_has_types_defaults_and_ranges() -> None:
    """`describe` returns type, default and range of each parameter."""
    rate, momentum, nesterov = describe(OPTIMIZERS["sgd"])
    assert (rate.name, rate.type, rate.default, rate.minimum, rate.maximum) == (
        "learning_rate",
        "number",
        0.001,
        0,
        100,
    )
    assert (momentum.maximum, momentum.exclusive_maximum) == (1, True)
    assert (nesterov.type, nesterov.default, nesterov.minimum) == ("boolean", False, None)


def test_a_description_knows_all_bounds() -> None:
    """All kinds of bounds, whole numbers, and parameters without a default are described."""
    fields = [("count", Annotated[WholeNumber, Gt(0), Lt(9)]), ("part", Annotated[Number, Ge(0), Le(1)])]
    first, second = describe(make_dataclass("Sample", fields))
    assert (first.type, first.default) == ("integer", None)
    assert (first.minimum, first.exclusive_minimum, first.maximum, first.exclusive_maximum) == (0, True, 9, True)
    assert (second.minimum, second.exclusive_minimum, second.maximum, second.exclusive_maximum) == (0, False, 1, False)


@pytest.mark.parametrize("cls", [*INITIALIZERS.values(), *OPTIMIZERS.values()], ids=lambda cls: cls.name)
def test_every_default_is_within_its_range(cls: Any) -> None:
    """Each can be made without parameters, and its values are the described defaults."""
    made = cls()
    assert all(getattr(made, each.name) == each.default for each in describe(cls))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        *[("initializer", {"name": name}) for name in INITIALIZERS],
        *[("optimizer", {"name": name}) for name in OPTIMIZERS],
        ("optimizer", {"name": "sgd", "learning_rate": 1, "momentum": 0.5, "nesterov": True}),
    ],
    ids=str,
)
def test_pydantic_reads_right_values(kind: str, given: dict[str, Any]) -> None:
    """Pydantic makes the same dataclass from JSON text and from parsed values."""
    make = get_initializer if kind == "initializer" else get_optimizer
    assert ADAPTERS[kind].validate_python(given) == make(**given)
    assert ADAPTERS[kind].validate_json(json.dumps(given)) == make(**given)


@pytest.mark.parametrize(
    ("kind", "given", "where"),
    [
        ("optimizer", {"name": "sgd", "learning_rate": "0.1"}, ("sgd", "learning_rate")),
        ("optimizer", {"name": "sgd", "learning_rate": True}, ("sgd", "learning_rate")),
        ("optimizer", {"name": "sgd", "learning_rate": -1}, ("sgd", "learning_rate")),
        ("optimizer", {"name": "sgd", "learning_rate": float("nan")}, ("sgd", "learning_rate")),
        ("optimizer", {"name": "sgd", "nesterov": "yes"}, ("sgd", "nesterov")),
        ("optimizer", {"name": "sgd", "beta_1": 0.5}, ("sgd", "beta_1")),
        ("optimizer", {"name": "sdg"}, ()),
        ("optimizer", {}, ()),
        ("initializer", {"name": "random_uniform", "minval": 1, "maxval": 0}, ("random_uniform",)),
    ],
    ids=str,
)
def test_pydantic_refuses_wrong_values(kind: str, given: dict[str, Any], where: tuple[str, ...]) -> None:
    """Unknown fields, numbers as strings and values out of range are refused with their location."""
    for read in (ADAPTERS[kind].validate_python, lambda value: ADAPTERS[kind].validate_json(json.dumps(value))):
        with pytest.raises(ValidationError) as caught:
            read(given)
        assert caught.value.errors()[0]["loc"] == where


def test_pydantic_reads_a_network() -> None:
    """Pydantic reads a network with an initializer by its name."""
    given = {"layers": [{"units": 10, "activation": "softmax", "initializer": {"name": "constant", "value": 1}}]}
    network = TypeAdapter(Network).validate_python(given)
    assert network == Network.from_dict(given)


@pytest.mark.parametrize(
    "layer",
    [
        {"units": 0, "activation": "relu"},
        {"units": "10", "activation": "relu"},
        {"units": 10.5, "activation": "relu"},
        {"units": 10, "activation": "rellu"},
        {"units": 10, "activation": "relu", "initializer": {"name": "constant", "value": "1"}},
        {"units": 10, "activation": "relu", "bias": False},
    ],
    ids=str,
)
def test_pydantic_refuses_a_wrong_layer(layer: dict[str, Any]) -> None:
    """A network with a wrong layer is refused, and one without layers too."""
    adapter = TypeAdapter(Network)
    with pytest.raises(ValidationError):
        adapter.validate_python({"layers": [layer]})
    with pytest.raises(ValidationError):
        adapter.validate_python({"layers": []})


def test_the_schema_has_a_discriminator_for_initializers() -> None:
    """The JSON schema of a layer has `name` as the discriminator of its initializers."""
    schema = TypeAdapter(Layer).json_schema()
    assert schema["properties"]["initializer"]["discriminator"]["propertyName"] == "name"
