"""The query parameters of lists: the size and place of a page, the order, and when the items were created."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import AfterValidator, BeforeValidator

from service.api.http.query import cursor
from service.domain.listing import CREATED_AT, Listing, Period
from service.errors import InvalidInput

Order = Literal["asc", "desc"]

#: The largest page, and the usual one.
MAX_LIMIT, LIMIT = 100, 20

_NUMBER = re.compile(r"\s*[+-]?[\d.]+([eE][+-]?\d+)?\s*", re.ASCII)

#: The end of a time whose ``+`` a client did not encode: a query string has it for a blank.
_UNENCODED_PLUS = re.compile(r" (?=\d\d:?\d\d$)")


def listing_of(
    check: str | Callable[[str | None], str | None],
    *sorts: str,
    limit: int | None = LIMIT,
    order: Order = "desc",
) -> Any:
    """Return the dependency that reads which page of a list a request asks for.

    Args:
        check: The prefix of the list's ids, or the validator of its cursors.
        sorts: The keys by which the list can be sorted; the first is the default.
        limit: The default size of a page; None for the whole list.
        order: The default order.
    """
    known = sorts or (CREATED_AT,)
    place = AfterValidator(cursor(check) if isinstance(check, str) else check)
    by = Query(description="The key that the list is sorted by.", json_schema_extra={"enum": list(known)})

    async def read(
        limit: Annotated[
            int | None, Query(ge=1, le=MAX_LIMIT, description="The largest number of results to return.")
        ] = limit,
        after: Annotated[str | None, place, Query(description="The `next_after` of the previous page.")] = None,
        before: Annotated[
            str | None, place, Query(description="The page before this id: the way back. Not together with `after`.")
        ] = None,
        sort: Annotated[str, AfterValidator(_one_of(known)), by] = known[0],
        order: Annotated[Order, Query(description="`desc`: the largest first, such as the newest.")] = order,
    ) -> Listing:
        if after and before:
            raise InvalidInput.at("query/before", "Send `after` or `before`, not both.", "both_ends")
        return Listing(limit=limit, after=after, before=before, sort=sort, descending=order == "desc")

    return Depends(read)


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"{name!r} is no key of this list; sort it by {', '.join(known)}.")
        return name

    return check


def _with_plus(text: Any) -> Any:
    """Repair a time zone, and refuse a number: pydantic would take it for the seconds or milliseconds since 1970."""
    if isinstance(text, str) and _NUMBER.fullmatch(text):
        raise ValueError(f"{text} is a number; send a time as in RFC 3339, such as 2026-11-27T09:00:00Z.")
    return _UNENCODED_PLUS.sub("+", text) if isinstance(text, str) else text


def _in_utc(moment: datetime | None) -> datetime | None:
    """Return a time in UTC; one without a time zone is UTC."""
    return moment and (moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))


Moment = Annotated[datetime | None, BeforeValidator(_with_plus), AfterValidator(_in_utc)]


async def _period(
    created_after: Annotated[
        Moment, Query(description="Only what was created after this time (RFC 3339; without a time zone, UTC).")
    ] = None,
    created_before: Annotated[Moment, Query(description="Only what was created before this time.")] = None,
) -> Period:
    return Period(after=created_after, before=created_before)


PeriodDep = Annotated[Period, Depends(_period)]
