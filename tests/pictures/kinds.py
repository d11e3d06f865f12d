"""Pictures that people send, sorted into kinds: each makes one from a test digit, its label and a seeded generator."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from tests.pictures import lights, marks, small
from tests.pictures.inks import dark, pen_colour, written
from tests.pictures.pens import ink, outlined, seven_segments, thin
from tests.pictures.sheets import exported, photographed, room, sheet

Digit = NDArray[np.uint8]
Kind = Callable[[Digit, int, np.random.Generator], bytes]
"""Returns a picture file of a digit. Shapes: digit: (28, 28)."""


def clean(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit on a canvas, as a program saves it."""
    return exported(written(digit, rng))


def thin_pen(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit by a thin pen: its stroke is a twentieth of its height, or less."""
    page = sheet(rng)
    height = rng.uniform(0.35, 0.75) * min(page.size)
    alpha = thin(digit, height, height * rng.uniform(0.015, 0.05))
    page.lay(alpha, room(page, alpha, rng), dark(rng))
    return exported(page)


def thick_pen(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit by a felt pen."""
    return exported(written(digit, rng, width=rng.uniform(0.7, 1.6)))


def pencil(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A photo of a pale grey pencil stroke with grain."""
    page = sheet(rng, paper=lights.paper(rng))
    alpha = ink(digit, rng.uniform(0.35, 0.7) * min(page.size), width=rng.uniform(-1.0, -0.2))
    alpha *= rng.uniform(0.55, 1.0, alpha.shape).astype(np.float32)
    grey = rng.uniform(95, 150)
    page.lay(alpha, room(page, alpha, rng), (grey, grey, grey))
    return photographed(page, rng)


def coloured(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """Coloured ink on coloured paper, of different brightness."""
    page = sheet(rng, paper=tuple(rng.uniform(170, 255, 3)))
    alpha = ink(digit, rng.uniform(0.35, 0.75) * min(page.size))
    page.lay(alpha, room(page, alpha, rng), pen_colour(rng))
    return photographed(page, rng)


def equal_brightness(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """Ink and paper of different colours and one brightness."""
    paper, colour = lights.equally_bright(rng)
    page = sheet(rng, paper=paper)
    alpha = ink(digit, rng.uniform(0.35, 0.75) * min(page.size))
    page.lay(alpha, room(page, alpha, rng), colour)
    return photographed(page, rng, noise=1.5) if rng.random() < 0.5 else exported(page)


def strong_jpeg(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A photo that was compressed and scaled down by a messenger."""
    return lights.compressed(written(digit, rng, photo=True), rng)


def slanted(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit that leans by up to 20 degrees more than it was written."""
    return exported(written(digit, rng, slant=np.tan(np.radians(rng.uniform(-20, 20)))))


def rotated(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit on a sheet that lies askew by up to 20 degrees."""
    return exported(written(lights.turned(digit, rng.uniform(-20, 20)), rng))


def stretched(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit that is stretched sideways, or squeezed."""
    return exported(written(digit, rng, aspect=float(rng.choice([rng.uniform(0.5, 0.75), rng.uniform(1.35, 2.0)]))))


def outline(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit of which only the outline is drawn."""
    page = sheet(rng)
    height = rng.uniform(0.45, 0.8) * min(page.size)
    alpha = outlined(digit, height, pen=height * rng.uniform(0.012, 0.025), width=rng.uniform(0.3, 1.2))
    page.lay(alpha, room(page, alpha, rng), dark(rng))
    return exported(page)


def display(digit: Digit, label: int, rng: np.random.Generator) -> bytes:
    """A digit of seven segments, lit or printed."""
    lit = rng.random() < 0.5
    page = sheet(rng, paper=(20, 24, 20) if lit else (196, 206, 188))
    alpha = seven_segments(label, rng.uniform(0.4, 0.75) * page.size[1], rng)
    page.lay(alpha, room(page, alpha, rng), (90, 250, 120) if lit else (35, 40, 35))
    return photographed(page, rng)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "clean canvas": clean,
        "thin pen": thin_pen,
        "thick pen": thick_pen,
        "pencil": pencil,
        "coloured ink and paper": coloured,
        "equal brightness": equal_brightness,
        "strong JPEG": strong_jpeg,
        "soft shadow": lights.soft_shadow,
        "hard shadow": lights.hard_shadow,
        "gradient of light": lights.gradient,
        "glare": lights.glare,
        "photo on a desk": lights.on_a_desk,
        "lined paper": marks.lined,
        "lined paper, dark lines": marks.lined_dark,
        "squared paper": marks.squared,
        "frame at the border": marks.framed,
        "box": marks.boxed,
        "circle": marks.circled,
        "underline": marks.underlined,
        "comma or full stop": marks.punctuated,
        "dust": marks.dusty,
        "black bars": marks.barred,
        "tool bar": marks.under_a_tool_bar,
        "slanted": slanted,
        "rotated": rotated,
        "stretched": stretched,
        "outlined": outline,
        "seven segments": display,
        "28x28, not centred": small.not_centred,
        "28x28, small": small.shrunk,
        "28x28, large": small.enlarged,
        "28x28, dark on light": small.dark_on_light,
    }
)
"""Every kind with one digit, by its name in the docs."""

SHADOWED = frozenset({"soft shadow", "hard shadow", "gradient of light", "glare", "photo on a desk"})
"""The kinds with uneven light."""
