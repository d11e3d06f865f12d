"""Pages of a list that is in memory: forwards, backwards, and by another key."""

import pytest

from service.domain.listing import Listing, page_of
from service.errors import InvalidInput

#: Ids with what another key compares: pairs, so that no two are equal.
ITEMS = {1: (0.5, 1), 2: (0.9, 2), 3: (0.5, 3), 5: (0.1, 5)}


def page(**fields: object) -> tuple[list[int], bool]:
    """Return a page of the items, and whether there are more."""
    listing = Listing(sort=str(fields.pop("sort", "id")), **fields)  # type: ignore[arg-type]  # fields
    return page_of(ITEMS, listing, id_of=lambda item: item, read_id=int, keys={"accuracy": ITEMS.__getitem__})


def test_a_list_is_read_from_both_ends() -> None:
    """`after` gives the next page and `before` the one on the other side, in the same order."""
    assert page() == ([5, 3, 2, 1], False)
    assert page(limit=2) == ([5, 3], True)
    assert page(limit=2, after="3") == ([2, 1], False)
    assert page(limit=2, before="1") == ([3, 2], True)
    assert page(limit=2, before="3") == ([5], False)
    assert page(limit=3, descending=False) == ([1, 2, 3], True)
    assert page(limit=1, descending=False, before="3") == ([2], True)


def test_an_item_that_is_gone_is_still_a_place() -> None:
    """Its id continues the list in its usual order."""
    assert page(after="4") == ([3, 2, 1], False)


def test_a_list_has_another_order() -> None:
    """Equal values are sorted by id; an item that is gone has no place in this order, which is an error."""
    assert page(sort="accuracy") == ([2, 3, 1, 5], False)
    assert page(sort="accuracy", after="3") == ([1, 5], False)
    assert page(sort="accuracy", before="5", limit=2) == ([3, 1], True)
    with pytest.raises(InvalidInput, match="'4' is not in this list"):
        page(sort="accuracy", after="4")
