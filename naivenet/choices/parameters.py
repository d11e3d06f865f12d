"""Parameters: checks and describes the values of frozen dataclasses by their annotations.

A range is written once, as an annotation: ``Annotated[Number, Ge(0), Le(10)]``. This module reads it to refuse wrong
values, and to describe the parameter for a form. Pydantic reads the same annotations in programs that use it; this
package does not import it. See docs/decisions/0016-parameters-without-pydantic.md.
"""

import dataclasses
import math
import types
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from naivenet.errors import ParameterError, UnknownName


class StrictNumber:
    """Makes pydantic strict: it refuses ``"0.1"`` and ``true`` as numbers, and still accepts 1 as a float."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Return pydantic's schema of *source*, made strict."""
        return {**handler(source), "strict": True}


class ByName:
    """Makes pydantic choose the member of a union by its ``name`` field."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Return pydantic's schema of the union *source*, with ``name`` as the discriminator."""
        from pydantic import Field  # noqa: PLC0415 -- pydantic calls this, so it is installed

        return handler.generate_schema(Annotated[source, Field(discriminator="name")])


Number = Annotated[float, StrictNumber()]
WholeNumber = Annotated[int, StrictNumber()]
Flag = Annotated[bool, StrictNumber()]


class Parameters:
    """Base of frozen dataclasses whose values are checked by their annotations.

    Raises:
        ParameterError: A value is of the wrong type or out of range.
        UnknownName: A name is not one of its ``Literal``.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {
        "extra": "forbid",
        "allow_inf_nan": False,
        "json_schema_serialization_defaults_required": True,
    }

    def __post_init__(self) -> None:
        """Check all values once, when the dataclass is made."""
        cls: Any = type(self)
        for field, hint in hints(cls).items():
            value = _checked(f"{cls.__name__}.{field}", getattr(self, field), hint)
            object.__setattr__(self, field, value)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ParameterDescription:
    """One parameter, described for a form: name, type, default and range. A bound that does not exist is None."""

    name: str
    type: Literal["number", "integer", "boolean"]
    default: float | bool | None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False


def describe(cls: type) -> list[ParameterDescription]:
    """Describe the parameters of an initializer, optimizer or schedule, in order, without its ``name``."""
    defaults = {field.name: field.default for field in dataclasses.fields(cls)}
    return [_description(name, hint, defaults[name]) for name, hint in hints(cls).items() if name != "name"]


def values(description: Any) -> dict[str, Any]:
    """Return the parameters of an initializer, optimizer or schedule and their values, without its ``name``."""
    cls: Any = type(description)
    return {name: getattr(description, name) for name in hints(cls) if name != "name"}


@lru_cache
def hints(cls: Any) -> Mapping[str, Any]:
    """Return the annotation of each field of a dataclass, with the ranges."""
    every = get_type_hints(cls, include_extras=True)
    return {field.name: every[field.name] for field in dataclasses.fields(cls)}


def known_name(name: Any, known: Iterable[str]) -> Any:
    """Return the name that *name* means in any case, with or without underscores; *name* itself if there is none."""
    names = {each.replace("_", ""): each for each in known}
    return names.get(name.replace("_", "").lower(), name) if isinstance(name, str) else name


def make(kind: str, known: Mapping[str, type], name: str, parameters: Mapping[str, Any]) -> Any:
    """Make the dataclass *name* of the table *known*.

    Raises:
        UnknownName: *name* is not in the table, or the dataclass has no such parameter.
        ParameterError: A parameter is of the wrong type or out of range.
    """
    name = known_name(name, known)
    if not isinstance(name, str) or name not in known:
        raise UnknownName(kind, name, known)
    fields = hints(known[name]).keys() - {"name"}
    for parameter in parameters:
        if parameter not in fields:
            raise UnknownName(f"parameter of {name}", parameter, fields)
    return known[name](**parameters)


def _description(name: str, hint: Any, default: Any) -> ParameterDescription:
    kind, limits = _parts(hint)
    types_by_kind: dict[Any, Literal["number", "integer", "boolean"]] = {
        float: "number",
        int: "integer",
        bool: "boolean",
    }
    bounds: dict[str, Any] = {}
    for limit in limits:
        match limit:
            case Ge(minimum):
                bounds["minimum"] = minimum
            case Gt(minimum):
                bounds |= {"minimum": minimum, "exclusive_minimum": True}
            case Le(maximum):
                bounds["maximum"] = maximum
            case Lt(maximum):
                bounds |= {"maximum": maximum, "exclusive_maximum": True}
    known_default = None if default is dataclasses.MISSING else default
    return ParameterDescription(name=name, type=types_by_kind[kind], default=known_default, **bounds)


def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is Annotated:
        kind, *metadata = get_args(hint)
        return kind, tuple(metadata)
    return hint, ()


def _checked(field: str, value: Any, hint: Any) -> Any:
    kind, limits = _parts(hint)
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise UnknownName(field, value, get_args(kind))
        return value
    value = _of_kind(field, value, kind)
    for limit in limits:
        _check_limit(field, value, limit)
    return value


def _of_kind(field: str, value: Any, kind: Any) -> Any:
    """Refuse a value of the wrong type, and turn a whole number for a float into a float."""
    value = value.item() if isinstance(value, np.number) else value
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(field, value)
    if get_origin(kind) is tuple:
        member = get_args(kind)[0]
        if isinstance(value, list | tuple) and all(isinstance(each, member) for each in value):
            return tuple(value)
        raise ParameterError(f"{field} must be a tuple of {member.__name__}, not {value!r}")
    members = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    if not isinstance(value, members) or (isinstance(value, bool) and bool not in members):
        names = " or ".join(member.__name__ for member in members)
        hint = in_place_of_rate(value) if field.endswith(".learning_rate") else ""
        raise ParameterError(f"{field} must be {names}, not {value!r}{hint}")
    return value


def in_place_of_rate(value: Any) -> str:
    """Return what to write in place of a learning rate that is no number, if *value* shows what was meant."""
    if getattr(value, "shape", None) == ():
        return ": write float(rate), and set run.updater.learning_rate between two events of run = naivenet.train(...)"
    if callable(value) or hasattr(value, "rate"):
        return (
            "; pass a schedule of naivenet as schedule=, and one of Keras in its optimizer: "
            "keras.optimizers.SGD(learning_rate=...)"
        )
    return ""


def _finite(field: str, value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ParameterError(f"{field} must be a finite number, not {value!r}")
    return number


def _check_limit(field: str, value: Any, limit: Any) -> None:
    match limit:
        case Ge(bound):
            fits, wanted = value >= bound, f"at least {bound}"
        case Gt(bound):
            fits, wanted = value > bound, f"greater than {bound}"
        case Le(bound):
            fits, wanted = value <= bound, f"at most {bound}"
        case Lt(bound):
            fits, wanted = value < bound, f"less than {bound}"
        case _:
            return
    if not fits:
        raise ParameterError(f"{field} must be {wanted}, not {value!r}")
