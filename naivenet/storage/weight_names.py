"""Finds the weights of a network in a file whose arrays have the names and the layout of another library."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from naivenet.errors import CheckpointError
from naivenet.storage.names import check_names

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]

_ARRAY = re.compile(r"arr_(\d+)")
_NAME = re.compile(r"(?P<layer>.*?)[._/]?(?P<kind>weight|kernel|W|bias|b)[._]?(?P<number>\d*)")

#: The numbers in names, and the endings that Keras adds from the second layer on: dense, dense_1, ...
_DIGITS, _SUFFIX = re.compile(r"\d+"), re.compile(r"_\d+")

_MATRICES = ("weight", "kernel", "W")
_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an array of the network is in a file.

    Attributes:
        name: Its name there.
        is_transposed: Whether it is (outputs, inputs) there, as PyTorch keeps matrices.
    """

    name: str
    is_transposed: bool = False


@dataclass(frozen=True, kw_only=True)
class _Layer:
    matrix: str
    bias: str


def find_weights(given: Shapes, wanted: Shapes, *, aliases: Sequence[str]) -> dict[str, Place]:
    """Return where each wanted array is.

    Arrays may have the wanted names or the *aliases*; ``arr_0``, ``arr_1``, ... of `numpy.savez`; or names that end in
    ``weight``, ``kernel`` or ``W`` and in ``bias`` or ``b``. A matrix called ``weight`` or ``arr_0`` may be transposed.

    Args:
        given: The shapes of the file's arrays.
        wanted: The shapes that the network needs: W and b of the first layer, of the second, ...
        aliases: The names of the same arrays in an npz file.

    Raises:
        CheckpointError: Arrays are missing, unexpected or of another shape, or the order of the layers is not known;
            the message names them.
    """
    for own in (list(wanted), list(aliases)):
        if given.keys() == set(own):
            return _checked(given, dict(zip(wanted, own, strict=True)), wanted)
    layers, orientations = _numbered(given) or _named(given)
    if 2 * len(layers) != len(wanted):
        check_names(given, list(aliases) if any(name in aliases for name in given) else list(wanted))
    for is_transposed in orientations:
        if places := _chained(layers, given, wanted, is_transposed=is_transposed):
            return places
    raise CheckpointError(_misfit(given, wanted))


def _checked(given: Shapes, names: Mapping[str, str], wanted: Shapes) -> dict[str, Place]:
    for name, shape in wanted.items():
        if given[names[name]] != shape:
            raise CheckpointError(f"{names[name]} has shape {given[names[name]]}, but the network needs {shape}")
    return {name: Place(name=names[name]) for name in wanted}


def _numbered(given: Shapes) -> tuple[list[_Layer], tuple[bool, ...]] | None:
    """Return the layers of arrays that `numpy.savez` numbered; a list of weights alternates W and b."""
    if not given or not all(map(_ARRAY.fullmatch, given)):
        return None
    names = sorted(given, key=_natural)
    return [_Layer(matrix=W, bias=b) for W, b in zip(names[::2], names[1::2], strict=False)], (False, True)


def _named(given: Shapes) -> tuple[list[_Layer], tuple[bool, ...]]:
    """Return the layers whose matrix and bias have one name but for its end, and in which layouts they may be."""
    found: dict[tuple[str, str], dict[bool, str]] = {}
    kinds = set[str]()
    for name in sorted(given, key=_natural):
        if not (match := _NAME.fullmatch(name)):
            return [], ()
        kinds.add(match["kind"])
        found.setdefault((match["layer"], match["number"]), {})[match["kind"] in _MATRICES] = name
    layers = [_Layer(matrix=pair[True], bias=pair[False]) for pair in found.values() if len(pair) == 2]  # noqa: PLR2004  # a pair
    is_whole = 2 * len(layers) == len(given)
    return layers if is_whole else [], (True, False) if "weight" in kinds else (False,)


def _chained(
    layers: Sequence[_Layer], given: Shapes, wanted: Shapes, *, is_transposed: bool
) -> dict[str, Place] | None:
    """Return the places if each layer of the network has one of its shapes, the first in order; else None."""
    left, places = list(layers), dict[str, Place]()
    for (W, shape), (b, bias_shape) in _pairs(wanted):
        matrix = shape[::-1] if is_transposed else shape
        fitting = [each for each in left if given[each.matrix] == matrix and given[each.bias] == bias_shape]
        if not fitting:
            return None
        _check_order([each.matrix for each in fitting])
        layer = fitting[0]
        left.remove(layer)
        places |= {W: Place(name=layer.matrix, is_transposed=is_transposed), b: Place(name=layer.bias)}
    return places


def _check_order(names: Sequence[str]) -> None:
    """Refuse matrices of one shape whose names differ by more than numbers: their order would be a guess."""
    if len({_DIGITS.sub("#", _SUFFIX.sub("", name)) for name in names}) > 1:
        listed = ", ".join(name[:40] for name in names[:_SHOWN])
        raise CheckpointError(
            f"{listed} have one shape, and their names do not say which comes first; number them: layers.0.weight, ..."
        )


def _pairs(wanted: Shapes) -> Iterator[tuple[tuple[str, Shape], tuple[str, Shape]]]:
    items = list(wanted.items())
    return zip(items[::2], items[1::2], strict=True)


def _misfit(given: Shapes, wanted: Shapes) -> str:
    listed = ", ".join(f"{name[:40]} {shape}" for name, shape in list(given.items())[:_SHOWN])
    needed = ", ".join(map(str, list(wanted.values())[:_SHOWN]))
    return f"the network needs arrays of the shapes {needed} (matrices of PyTorch: turned), but the file has {listed}"


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts names by the numbers in them, such as fc2 before fc10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
