"""Chooses the parts of the ink that are the digit: frames, underlines, bars, dust and punctuation are none."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from service.inference.pictures.strokes import pen_width

Mask = NDArray[np.uint8]

NARROW = 0.85  # width over height of a loop, which is no circle
MOST_PARTS = 40  # the largest ones; others are dust
SPECK = 0.015  # of the main part's area; what is smaller is dust
INSIDE = 0.15  # of the weight of ink at the edge, from which ink that is not at the edge is the digit
ALONG_EDGE = 0.4  # of a side of the picture, along which a part of the digit never lies
INNER_HEIGHT = 0.35  # of a frame's height: the least height of the digit in it
FLAT = 3.2  # width over height, from which a part below the digit is an underline
WIDE = 0.6  # of the digit's width, from which a flat part below it is an underline
POINT = 0.34  # of the digit's height: the largest height of punctuation
LOOSE = 0.3  # of the digit's height: how far a loose stroke may be from it
LONG_HOLE = 13.0  # of the square of its radius: the area of a hole that is the inside of an outlined stroke
THIN_OUTLINE = 1.5  # of that radius: the widest pen of an outline
RECTANGLE = 0.88  # of its bounding box, that a box covers
PARALLEL = 2.0  # how much farther apart the two sides of an outlined stroke are in some places than in others
CLOSE = 0.045  # of the digit's size: the gaps in a digit of seven segments
ICONS, ALIGNED = 3, 0.2  # icons in a row at least, and how far from a line, in their height
TALL, HEAVY = 0.5, 0.2  # of the main part's height and area, from which another part is a digit


class Part(NamedTuple):
    """A connected part of the ink: its label in the image of labels, its bounding box, and its pixels."""

    label: int
    left: int
    top: int
    right: int
    bottom: int
    area: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The digit among the parts.

    Attributes:
        mask: Its pixels; empty if there is none.
        removed: Codes of what else was found.
        others: Parts that may be further digits.
    """

    mask: Mask
    removed: frozenset[str]
    others: int


def choose(mask: Mask, strong: Mask) -> Choice:
    """Return the digit among the parts of a mask that has ink; a part without a pixel of *strong* is none."""
    labels, parts = _parts(mask, strong)
    inner = _without_edges(parts, labels)
    free = [part for part in inner if not any(_surrounds(part, other, labels) for other in inner)]
    main = max(free, key=_weight)
    kinds = {part.label: _kind(part, main) for part in free}
    kinds |= {part.label: "far" for part in _icons(free, main) if kinds[part.label] == "stroke"}
    keep = np.zeros(int(labels.max()) + 1, np.uint8)
    keep[[label for label, kind in kinds.items() if kind == "stroke"]] = 1
    removed = set(kinds.values()) - {"stroke", "digit"}
    removed |= {
        code for code, before, after in (("edge", parts, inner), ("frame", inner, free)) if len(after) < len(before)
    }
    return Choice(mask=keep[labels], removed=frozenset(removed), others=list(kinds.values()).count("digit"))


def _parts(mask: Mask, strong: Mask) -> tuple[NDArray[np.int32], list[Part]]:
    """Return the image of labels, and the largest parts, in falling order."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    firm = np.flatnonzero(np.bincount(labels[strong > 0], minlength=len(stats)))
    found = (
        Part(label, x, y, x + w, y + h, area) for label in firm.tolist() for x, y, w, h, area in [stats[label].tolist()]
    )
    return labels, sorted(found, key=lambda part: -part.area)[:MOST_PARTS]


def _without_edges(parts: list[Part], labels: NDArray[np.int32]) -> list[Part]:
    """Return the parts that may be the digit: those along the picture's edge, or at it if others are not, are none."""
    height, width = labels.shape
    inner = [part for part in parts if not _lies_along_edge(part, labels)] or parts
    inside = [part for part in inner if part.left > 0 and part.top > 0 and part.right < width and part.bottom < height]
    if inside and max(map(_weight, inside)) > INSIDE * max(map(_weight, inner)):
        return inside
    return inner


def _icons(parts: list[Part], main: Part) -> list[Part]:
    """Return small parts in a row above or below the main one, as tool bars have them."""
    apart = [part for part in parts if part.bottom < main.top or part.top > main.bottom]
    rows = ([other for other in apart if abs(_middle(other) - _middle(part)) < ALIGNED * part.height] for part in apart)
    longest = max(rows, key=len, default=[])
    return longest if len(longest) >= ICONS else []


def _middle(part: Part) -> float:
    return (part.top + part.bottom) / 2


def fill_outline(mask: Mask) -> Mask:
    """Fill the strokes of a digit of which only the outline is drawn; return any other digit as it is.

    Between the two sides of an outlined stroke lies a long hole of even width. A loop, as of a 0, is a round hole.
    """
    contours, tree = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    outer = max(
        (number for number, node in enumerate(tree[0]) if node[3] < 0), key=lambda number: len(contours[number])
    )
    holes = [number for number, node in enumerate(tree[0]) if node[3] == outer]
    if not holes:
        return mask
    largest = max(holes, key=lambda number: cv2.contourArea(contours[number]))
    hole = cv2.drawContours(np.zeros_like(mask), contours, largest, 1, cv2.FILLED) & (1 - mask)
    for child, node in enumerate(tree[0]):
        if node[3] == largest:  # what lies in the hole: the inner side of a loop's outline
            cv2.drawContours(hole, contours, child, 0, cv2.FILLED)
    radius = float(cv2.distanceTransform(hole, cv2.DIST_L2, 3).max())
    if hole.sum() < LONG_HOLE * radius**2 or pen_width(mask) > THIN_OUTLINE * radius:
        return mask
    filled: Mask = mask | hole
    return filled


def _weight(part: Part) -> float:
    """Return how much a part looks like the main one: tall, and with much ink; not flat as an underline."""
    weight: float = part.area**0.5 * part.height
    return 0.2 * weight if part.width > FLAT * part.height else weight


def _lies_along_edge(part: Part, labels: NDArray[np.int32]) -> bool:
    """Return whether a part covers a long piece of the picture's edge, as bars and frames do."""
    sides = labels[0], labels[-1], labels[:, 0], labels[:, -1]
    return any(np.count_nonzero(side == part.label) > ALONG_EDGE * len(side) for side in sides)


def _surrounds(part: Part, other: Part, labels: NDArray[np.int32]) -> bool:
    """Return whether *part* is a box or circle around *other*."""
    if other is part or other.height < INNER_HEIGHT * part.height or other.area < SPECK * part.area:
        return False
    is_inside = (
        part.left < other.left and part.top < other.top and other.right < part.right and other.bottom < part.bottom
    )
    if not is_inside or (labels[other.top : other.bottom, other.left : other.right] == part.label).any():
        return False
    return not _is_outline(part, other, labels)


def _is_outline(part: Part, other: Part, labels: NDArray[np.int32]) -> bool:
    """Return whether *other* is the inner side of the outlined loop *part*: a loop too, everywhere as far inside."""
    window = labels[part.top : part.bottom, part.left : part.right]
    outer, inner = (_filled(window == each.label) for each in (part, other))
    if part.width > NARROW * part.height or outer.mean() > RECTANGLE or inner.sum() < 2 * other.area:
        return False
    contours, _ = cv2.findContours(inner, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    away = cv2.distanceTransform((window != part.label).astype(np.uint8), cv2.DIST_L2, 3)
    x, y = np.concatenate(contours).reshape(-1, 2).T
    least, most = np.quantile(away[y, x], (0.1, 0.9))
    return bool(most < PARALLEL * least)


def _filled(mask: NDArray[np.bool_]) -> Mask:
    """Return a part with its holes."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled: Mask = cv2.drawContours(np.zeros(mask.shape, np.uint8), contours, -1, 1, cv2.FILLED)
    return filled


def _kind(part: Part, main: Part) -> str:
    """Return what a part is beside the main one: a ``stroke`` of it, another ``digit``, or what to remove."""
    gap_x = max(part.left - main.right, main.left - part.right, 0)
    gap_y = max(part.top - main.bottom, main.top - part.bottom, 0)
    gap, size = max(gap_x, gap_y), max(main.height, main.width)
    if part.area < SPECK * main.area:
        return "dust"
    if _is_below(part, main) and part.width > max(FLAT * part.height, WIDE * main.width):
        return "underline"
    if part.height >= TALL * main.height and part.area >= HEAVY * main.area and gap > CLOSE * size:
        return "digit"
    if _is_point(part, main):
        return "point"
    return "far" if gap > LOOSE * size else "stroke"


def _is_below(part: Part, main: Part) -> bool:
    return part.top >= main.bottom - 0.15 * main.height


def _is_point(part: Part, main: Part) -> bool:
    """Return whether a part is a comma or full stop: small, and at the digit's foot, to the right or below."""
    is_low = max(part.height, part.width) < POINT * main.height and part.top > main.top + 0.6 * main.height
    return is_low and (part.left > main.right - 0.15 * max(main.height, main.width) or part.top >= main.bottom)
