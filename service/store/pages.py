"""Reads a page of a list of rows, from either end: rows are found by their place, not counted (keyset pagination)."""

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.domain.listing import CREATED_AT, Listing, Period

Row = TypeVar("Row")


def read_page(
    session: Session,
    query: Select[Row],
    listing: Listing,
    *,
    row_id: InstrumentedAttribute[str],
    keys: Mapping[str, ColumnElement[Any]] | None = None,
) -> tuple[list[Row], bool]:
    """Return the rows of a page of *query*, and whether there are more.

    Args:
        session: The caller's transaction.
        query: Selects the rows of the whole list.
        listing: The order, and the page.
        row_id: The ids, which sort by the time of creation.
        keys: What other sort keys than the time of creation compare; the values are never null.

    Raises:
        InvalidInput: The list is sorted by another key, and the row of its cursor does not exist.
    """
    key = None if listing.sort == CREATED_AT else (keys or {})[listing.sort]
    if listing.cursor:
        query = query.where(_beyond(session, listing, listing.cursor, row_id, key))
    for column in (row_id,) if key is None else (key, row_id):
        query = query.order_by(column.desc() if listing.goes_down else column.asc())
    if listing.limit is not None:
        query = query.limit(listing.limit + 1)
    return listing.cut(list(session.scalars(query)))


def created_in(query: Select[Row], period: Period, created_at: InstrumentedAttribute[Any]) -> Select[Row]:
    """Return *query* for the rows that were created in the period."""
    if period.after:
        query = query.where(created_at > period.after)
    if period.before:
        query = query.where(created_at < period.before)
    return query


def _beyond(
    session: Session,
    listing: Listing,
    cursor: str,
    row_id: InstrumentedAttribute[str],
    key: ColumnElement[Any] | None,
) -> ColumnElement[bool]:
    """Return the condition for rows beyond the one of the cursor; by id alone, that row need not exist any more."""
    further = row_id < cursor if listing.goes_down else row_id > cursor
    if key is None:
        return further
    place = session.execute(select(key).where(row_id == cursor)).first()
    if place is None:
        raise listing.gone()
    return or_(key < place[0] if listing.goes_down else key > place[0], and_(key == place[0], further))
