"""Draws a bar chart with a line for the limit, as a self-contained SVG."""

from collections.abc import Sequence
from html import escape

_BAR, _GAP, _LEFT, _WIDTH, _RIGHT, _TOP = 18, 8, 320, 520, 130, 46
_OURS, _OTHERS, _LIMIT = "#d9480f", "#868e96", "#1c7ed6"
_STYLE = 'role="img" font-family="system-ui, sans-serif" font-size="13"'

Bar = tuple[str, float, bool]  # label, value, whether it is ours


def bars(title: str, rows: Sequence[Bar], *, limit: float, line: str = "the limit", form: str = ".2f s") -> str:
    """Return an SVG with a bar for each row, the shortest first, and a line at *limit*.

    Args:
        title: The heading.
        rows: Labels and values; ours are in another colour.
        limit: The value of the line.
        line: The label of the line.
        form: The format of the values, and after a space their unit if they have one.
    """
    form, _, unit = form.partition(" ")
    template = f"{{:{form}}} {unit}".rstrip()
    named = f"{escape(line)}: {template.format(limit)}"
    ordered = sorted(rows, key=lambda row: row[1])
    height = _TOP + len(ordered) * (_BAR + _GAP) + _GAP
    scale = _WIDTH / max(seconds for _, seconds, _ in ordered)
    x = _LEFT + limit * scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + _RIGHT} {height}" {_STYLE}>',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="12" y="20" font-weight="bold">{escape(title)}</text>',
        *(_bar(row, template, top=_TOP + number * (_BAR + _GAP), scale=scale) for number, row in enumerate(ordered)),
        f'<path d="M{x:.1f} {_TOP - 8} V{height - _GAP}" stroke="{_LIMIT}" stroke-dasharray="4 3"/>',
        f'<text x="{x + 4:.1f}" y="{_TOP - 10}" fill="{_LIMIT}" font-size="11">{named}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bar(row: Bar, template: str, *, top: float, scale: float) -> str:
    label, seconds, ours = row
    middle, width = top + _BAR * 0.72, seconds * scale
    return (
        f'<text x="{_LEFT - 8}" y="{middle:.1f}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{_LEFT}" y="{top}" width="{width:.1f}" height="{_BAR}" fill="{_OURS if ours else _OTHERS}"/>'
        f'<text x="{_LEFT + width + 6:.1f}" y="{middle:.1f}">{template.format(seconds)}</text>'
    )
