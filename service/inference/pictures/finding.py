"""Finds the digit in a picture of any size: first the sheet, then the ink, then the parts of it that are the digit."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from naivenet.datasets import SIDE
from service.inference.pictures.layout import lay_out
from service.inference.pictures.paper import Ink, Pixels, find_ink, has_colours, to_grey
from service.inference.pictures.parts import Choice, Mask, choose, fill_outline
from service.inference.pictures.preprocess import LEAST_CONTRAST, LOW_CONTRAST, Box, contrast_warnings
from service.inference.pictures.report import AUTO, PreparedImage, PrepareOptions
from service.inference.pictures.rules import find_rules
from service.inference.pictures.sheet import find_note, trim
from service.inference.pictures.strokes import even_strokes
from service.inference.pictures.tracing import Steps

SLIGHTLY = 0.75  # a scale from which linear interpolation suffices
FINDING_SIDE = 256  # pixels of the longer side of the picture in which the digit is looked for
STRONGEST = 0.997  # of all pixels: a thin digit has more ink
CONTRAST_QUANTILE = 0.95  # of the stronger ink, so that outliers do not set the contrast
PALE, PALER = 0.65, 1.3  # of the contrast: lines so pale are also removed where they cross others, with what is as pale
PALE_INK = 48  # grey levels; ink with less contrast causes a warning: where paper is known, a pencil's suffices
NOISE_SIGMAS = 3.0
FAINT, FIRM = 0.2, 0.35  # of the contrast: what ink has everywhere, and somewhere
COLOURLESS = 12  # grey levels by which the channels of a grey picture may differ


@dataclass(frozen=True, kw_only=True)
class _Page:
    """The paper within a picture, and its ink.

    Attributes:
        pixels: The picture without bars at its border.
        ink: The ink on the paper.
        corner: The left and top of *pixels* in the picture.
        shape: Height and width of the picture.
        removed: What is not part of the paper: codes from `report.REMOVED`.
    """

    pixels: Pixels
    ink: Ink
    corner: tuple[int, int]
    shape: tuple[int, ...]
    removed: frozenset[str]


def find_digit(
    pixels: Pixels, size: tuple[int, int], options: PrepareOptions = AUTO, warnings: tuple[str, ...] = ()
) -> PreparedImage:
    """Prepare a picture of any size as MNIST was prepared.

    Args:
        pixels: The upright picture, possibly reduced.
        size: Its width and height before it was reduced; *crop* in the report is in these pixels.
        options: What the client chooses.
        warnings: Warnings found before.

    Shapes:
        pixels: (h, w) or (h, w, 3) -> pixels: (28, 28).
    """
    page = _find_page(_simplified(pixels))
    steps = Steps(wanted=options.trace)
    steps.add("paper", page.pixels)
    steps.add("light", 255 - page.ink.strength)
    contrast = _contrast(page.ink)
    report = PreparedImage(
        pixels=np.zeros((SIDE, SIDE), np.uint8),
        width=size[0],
        height=size[1],
        prepare=options.prepare,
        method="found",
        warnings=tuple(sorted({*warnings, *contrast_warnings(contrast, low=PALE_INK)})),
        doubts=("uneven_light",) if page.ink.is_uneven else (),
    )
    if "blank" in report.warnings:
        return replace(report, warnings=tuple(sorted((*report.warnings, *report.doubts))), steps=steps.kept)
    return _with_digit(report, page, contrast, steps)


def _with_digit(report: PreparedImage, page: _Page, contrast: float, steps: Steps) -> PreparedImage:
    """Return the report with the digit of a page that is not blank."""
    digit, strength, inked = _digit(page.ink, contrast)
    box = _box(digit.mask)
    found = {"several_digits"} if digit.others else set()
    found |= {"ink_at_edge"} if _is_at_edge(box, digit.mask.shape) else set()
    strokes = _strokes(strength, digit.mask, box)
    laid_out, shift = lay_out(strokes)
    steps.add("ink", inked, scale=255)
    steps.add("removed", inked & (1 - digit.mask), scale=255)
    steps.add("digit", strokes, scale=255)
    return replace(
        report,
        pixels=laid_out,
        inverted=page.ink.is_dark,
        crop=_in_full_size(box, page, (report.width, report.height)),
        shift=shift,
        removed=tuple(sorted(page.removed | digit.removed)),
        warnings=tuple(sorted(found.union(report.warnings))),
        steps=steps.kept,
    )


def _simplified(pixels: Pixels) -> Pixels:
    """Reduce a picture to *FINDING_SIDE*, and to grey if it has no colours."""
    height, width = pixels.shape[:2]
    scale = FINDING_SIDE / max(height, width)
    if scale < 1:
        smaller = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = cv2.resize(pixels, smaller, interpolation=cv2.INTER_LINEAR if scale > SLIGHTLY else cv2.INTER_AREA)
    if has_colours(pixels):
        some = pixels[::3, ::3].astype(np.int16)
        if np.abs(some[:, :, 1:] - some[:, :, :1]).max() <= COLOURLESS:
            return to_grey(pixels)
    return pixels


def _find_page(pixels: Pixels) -> _Page:
    """Cut off the bars at the border, and find the ink on the paper."""
    shape = pixels.shape[:2]
    left, top, right, bottom = trim(pixels)
    pixels = np.ascontiguousarray(pixels[top:bottom, left:right])
    ink, is_note = _ink_of(pixels)
    removed = {"bars"} if pixels.shape[:2] != shape else set()
    removed |= {"desk"} if is_note else set()
    return _Page(pixels=pixels, ink=ink, corner=(left, top), shape=shape, removed=frozenset(removed))


def _ink_of(pixels: Pixels) -> tuple[Ink, bool]:
    """Return the ink, and whether it is that of a note on a desk.

    A bright region without clear ink is no note: the rest of the paper is in a shadow.
    """
    note = find_note(pixels)
    if note is not None:
        level = np.median(pixels[note > 0], axis=0).astype(np.uint8)
        ink = find_ink(np.where(note[:, :, None] if has_colours(pixels) else note, pixels, level))
        ink.strength[cv2.erode(note, np.ones((5, 5), np.uint8)) == 0] = 0
        if _contrast(ink) >= LOW_CONTRAST:
            return ink, True
    return find_ink(pixels), False


def _contrast(ink: Ink) -> float:
    """Return by how many grey levels the ink differs from its paper; 0 if it does not stand out from noise."""
    some = np.ascontiguousarray(ink.strength[::2, ::2])
    strongest = float(np.quantile(some, STRONGEST))
    inked = some[some > max(LEAST_CONTRAST, strongest) / 2]
    contrast = float(np.quantile(inked, CONTRAST_QUANTILE)) if len(inked) else 0.0
    return contrast if contrast > NOISE_SIGMAS * ink.noise else 0.0


def _digit(ink: Ink, contrast: float) -> tuple[Choice, NDArray[np.float32], Mask]:
    """Return the parts of the ink that are the digit, its strength, and all ink; outlined strokes are filled."""
    noise = NOISE_SIGMAS * ink.noise
    mask: Mask = (ink.strength > max(FAINT * contrast, noise)).astype(np.uint8)
    firm = mask & (ink.strength > max(FIRM * contrast, noise))
    rest, is_ruled = _without_rules(mask, firm, ink, contrast)
    choice = choose(rest, firm & rest)
    filled = fill_outline(choice.mask)
    removed = choice.removed | ({"rules"} if is_ruled else set())
    near = cv2.dilate(choice.mask, np.ones((3, 3), np.uint8))
    strength = np.where(filled > choice.mask, np.float32(contrast), ink.strength * near)
    return Choice(mask=filled, removed=frozenset(removed), others=choice.others), strength, mask


def _without_rules(mask: Mask, firm: Mask, ink: Ink, contrast: float) -> tuple[Mask, bool]:
    """Return the ink without the lines of ruled paper, and whether there are any.

    Where no firm ink would be left, there are none: a 1 may be drawn from edge to edge.
    """
    rules = find_rules(mask)
    if rules.any():
        level = float(np.median(ink.strength[rules > 0]))
        rest = mask & ~rules & (np.uint8(level > PALE * contrast) | (ink.strength > PALER * level))
        if (firm & rest).any():
            return rest, True
    return mask, False


def _strokes(strength: NDArray[np.float32], mask: Mask, box: Box) -> NDArray[np.float32]:
    left, top, right, bottom = box
    contrast = float(np.quantile(strength[mask > 0], 0.9))
    return even_strokes(strength[top:bottom, left:right], mask[top:bottom, left:right], contrast)


def _box(mask: Mask) -> Box:
    left, top, width, height = cv2.boundingRect(mask)
    return left, top, left + width, top + height


def _is_at_edge(box: Box, shape: tuple[int, ...]) -> bool:
    return box[0] == 0 or box[1] == 0 or box[2] == shape[1] or box[3] == shape[0]


def _in_full_size(box: Box, page: _Page, size: tuple[int, int]) -> Box:
    """Return the box in the pixels of the image before it was reduced and trimmed, rounded outwards."""
    (left, top), (height, width), (full_width, full_height) = page.corner, page.shape, size
    return (
        (box[0] + left) * full_width // width,
        (box[1] + top) * full_height // height,
        -(-(box[2] + left) * full_width // width),
        -(-(box[3] + top) * full_height // height),
    )
