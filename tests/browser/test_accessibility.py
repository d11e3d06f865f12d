"""Every view is accessible, in both themes and languages, on a desktop and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import headings_out_of_order, serious_violations, small_targets
from tests.browser.visits import Visit
from tests.servers import Json

VIEWS = ("learn", "lessons", "train", "watch", "runs", "compare", "experiment", "look", "step", "draw")
PHONE_WIDTH = 390
DARK_PHONE = {"viewport": {"width": PHONE_WIDTH, "height": 844}, "color_scheme": "dark", "has_touch": True}


@pytest.mark.parametrize("visit", [{}, DARK_PHONE, {**DARK_PHONE, "locale": "es-ES"}], indirect=True)
def test_every_view_is_accessible(visit: Visit, reader: Json) -> None:
    """No view has a serious violation by axe-core, scrolls sideways, or skips a level of headings.

    On a phone, all that one can press is at least 44 pixels wide and high.
    """
    for view in VIEWS:
        shows_a_run = view in {"watch", "look"}  # the newest one may be another test's
        page = visit.to(f"{view}/{reader['id']}" if shows_a_run else view)
        if view == "look":
            expect(page.locator(".hardest img")).to_have_count(20)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        assert serious_violations(page) == [], view
        assert headings_out_of_order(page) == [], view
        if page.evaluate("innerWidth") == PHONE_WIDTH:
            assert small_targets(page) == [], view


@pytest.mark.parametrize("visit", [{"forced_colors": "active", "reduced_motion": "reduce"}], indirect=True)
def test_high_contrast_shows_what_only_a_background_showed(visit: Visit, reader: Json) -> None:
    """With forced colours the answer's bars, the current view and the chosen pen are visible, and nothing moves."""
    page = visit.to("draw")
    page.locator("#test-digit").click()
    expect(page.locator(".bars .top")).to_have_count(1)
    style = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"
    paper = page.evaluate(style, ["body", "backgroundColor"])
    for fill in (".top .fill", ".bars li:not(.top) .fill", ".tip"):
        assert page.evaluate(style, [fill, "backgroundColor"]) != paper, fill
    for marked in ("nav [aria-current]", ".pen:has(:checked)"):
        assert page.evaluate(style, [marked, "outlineStyle"]) == "solid", marked
    assert page.evaluate(style, [".top .fill", "transitionDuration"]) == "0s"


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


def test_the_focus_stays_in_a_list_whose_last_item_is_removed(visit: Visit) -> None:
    """The same control of the item before receives the focus, and where the list is empty, nothing fails."""
    page = visit.to("experiment")
    assert page.evaluate(REMOVE_THE_LAST) == ["1", "0", ""]


REMOVE_THE_LAST = """async () => {
  const { refill, h } = await import(document.baseURI.replace(/#.*/, "") + "page/ui/dom.js");
  const items = (count) => Array.from({ length: count }, (_, value) => h("li", {}, h("button", { value })));
  const list = h("ul", {}, items(3));
  document.body.append(list);
  list.lastChild.firstChild.focus();
  return [2, 1, 0].map((count) => (refill(list, items(count)), document.activeElement.value ?? ""));
}"""
