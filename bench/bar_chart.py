"""Draws bars with the limit as a line through them, as an SVG that needs nothing else."""

from collections.abc import Sequence
from html import escape

_BAR, _GAP, _LEFT, _WIDTH, _RIGHT, _TOP = 18, 8, 320, 520, 130, 46
_OURS, _OTHERS, _LIMIT = "#d9480f", "#868e96", "#1c7ed6"
_STYLE = 'role="img" font-family="system-ui, sans-serif" font-size="13"'

Bar = tuple[str, float, bool]  # label, figure, whether it is ours


def bars(title: str, rows: Sequence[Bar], *, limit: float, line: str = "the limit", form: str = ".2f s") -> str:
    """Draw *rows* from the shortest to the longest, and *limit* as a line.

    Args:
        title: What stands above.
        rows: Labels with figures; ours are in another colour.
        limit: Where the line is.
        line: What the line is.
        form: How figures are written: a format, and after a space the unit if there is one.
    """
    form, _, unit = form.partition(" ")
    told = f"{{:{form}}} {unit}".rstrip()
    named = f"{escape(line)}: {told.format(limit)}"
    ordered = sorted(rows, key=lambda row: row[1])
    height = _TOP + len(ordered) * (_BAR + _GAP) + _GAP
    scale = _WIDTH / max(seconds for _, seconds, _ in ordered)
    x = _LEFT + limit * scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _RIGHT} {height}" {_STYLE}>',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="12" y="20" font-weight="bold">{escape(title)}</text>',
        *(_bar(row, told, top=_TOP + number * (_BAR + _GAP), scale=scale) for number, row in enumerate(ordered)),
        f'<path d="M{x:.1f} {_TOP - 8} V{height - _GAP}" stroke="{_LIMIT}" stroke-dasharray="4 3"/>',
        f'<text x="{x + 4:.1f}" y="{_TOP - 10}" fill="{_LIMIT}" font-size="11">{named}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(row: Bar, told: str, *, top: float, scale: float) -> str:
    label, seconds, ours = row
    middle, width = top + _BAR * 0.72, seconds * scale
    return (
        f'<text x="{_LEFT - 8}" y="{middle:.1f}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{_LEFT}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{_OURS if ours else _OTHERS}"/>'
        f'<text x="{_LEFT + width + 6:.1f}" y="{middle:.1f}">{told.format(seconds)}</text>'
    )
