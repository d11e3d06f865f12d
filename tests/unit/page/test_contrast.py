"""The theme's colours have the contrast that WCAG 2 asks for, in light and dark.

axe-core checks what is shown, but skips disabled buttons and placeholders; these use the colours that are checked here.
"""

import re

import pytest

from tests.unit.page.test_modules import PAGE

THEME = (PAGE / "styles" / "theme.css").read_text(encoding="utf-8")
THEMES = {"light": r":root \{\s*color-scheme: light;(.*?)\}", "dark": r':root\[data-theme="dark"\] \{(.*?)\}'}

#: Text on its background: also of disabled buttons and placeholders, which are faint on paper and on panels.
TEXT = [("ink", "paper"), ("ink", "panel"), ("ink", "wash"), ("faint", "paper"), ("faint", "panel"), ("bad", "panel")]
TEXT += [("bad", "bad-wash"), ("warn", "warn-wash"), ("good", "good-wash"), ("accent-ink", "accent")]

#: Borders of fields, and the focus.
SHAPES = [("edge", "paper"), ("edge", "panel"), ("accent", "paper"), ("accent", "panel")]


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return sum(share * each for share, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3)], ids=["text", "shapes"])
def test_colours_have_contrast(theme: str, pairs: list[tuple[str, str]], least: float) -> None:
    """Text has a contrast of 4.5, and borders and the focus have one of 3."""
    found = re.search(THEMES[theme], THEME, re.DOTALL)
    assert found
    tokens = dict(re.findall(r"--([\w-]+): (#\w{6});", found[1]))
    for front, back in pairs:
        low, high = sorted((_luminance(tokens[front]), _luminance(tokens[back])))
        assert (high + 0.05) / (low + 0.05) >= least, (front, back)
