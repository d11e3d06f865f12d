"""Values in tooltips. Only a whole is 100 %, and only nothing is 0 %: no format of Vega can say that."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from service.messages import rounded_share

Row = Mapping[str, Any]


def with_shown(rows: Iterable[Row], *fields: str, share: bool) -> Sequence[Row]:
    """Return the rows; where the metric is a share, each of these fields also as tooltips show it."""
    if not share:
        return list(rows)
    return [{**row, **{f"{name}_shown": rounded_share(row[name], 2) for name in fields}} for row in rows]


def value_tooltip(field: str, title: str, *, share: bool) -> alt.Tooltip:
    """Return the tooltip of a field of rows from `with_shown`."""
    if share:
        return alt.Tooltip(f"{field}_shown:Q", title=title, format=".2%")
    return alt.Tooltip(f"{field}:Q", title=title, format=".4~g")
