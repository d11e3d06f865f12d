"""Every view is accessible, in both themes and languages, on a desktop and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import serious_violations
from tests.browser.visits import Visit
from tests.servers import Json

VIEWS = ("lessons", "train", "watch", "runs", "compare", "experiment", "look", "draw")
DARK_PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}


@pytest.mark.parametrize("visit", [{}, DARK_PHONE, {**DARK_PHONE, "locale": "es-ES"}], indirect=True)
def test_every_view_is_accessible(visit: Visit, reader: Json) -> None:
    """No view has a serious violation by axe-core, or scrolls sideways."""
    for view in VIEWS:
        page = visit.to(view)
        if view == "look":
            expect(page.locator(".hardest img")).to_have_count(20)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        assert serious_violations(page) == [], view


@pytest.mark.parametrize("visit", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_forms_with_errors_and_forms_that_open_are_accessible(visit: Visit, reader: Json) -> None:
    """Neither a form with errors nor the form to fork a job has a serious violation."""
    page = visit.to("train")
    page.locator('[data-pointer="/epochs"]').fill("-1")
    page.locator("#start").click()
    expect(page.locator(".error")).to_be_visible()
    assert serious_violations(page) == []
    visit.expect_status(422)
    page = visit.to(f"compare/{reader['id']}")
    page.locator("#differences tbody button").first.click()
    expect(page.locator(".fork")).to_be_visible()
    assert serious_violations(page) == []
