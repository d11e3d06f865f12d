"""The language and the theme of the page."""

import pytest
from playwright.sync_api import expect

from tests.browser.visits import Visit
from tests.servers import Json


@pytest.mark.parametrize("visit", [{"locale": "es-ES"}], indirect=True)
def test_the_page_has_the_browsers_language_until_another_is_chosen(visit: Visit) -> None:
    """A Spanish browser gets the page in Spanish; a chosen language is kept after a reload."""
    page = visit.to("train")
    expect(page.locator("h1")).to_have_text("Entrenar una red")
    page.locator("#language").select_option("en")
    expect(page.locator("h1")).to_have_text("Train a network")
    page.reload()
    expect(page.locator("h1")).to_have_text("Train a network")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_arrow_keys_choose_a_language_and_do_not_change_it(visit: Visit) -> None:
    """In the closed list the arrow keys choose; Enter or the button changes the language, and the focus stays."""
    page = visit.to("train")
    language = page.locator("#language")
    language.focus()
    language.press("ArrowDown")
    expect(language).to_have_value("es")
    expect(page.locator("h1")).to_have_text("Train a network")
    language.press("Enter")
    expect(page.locator("h1")).to_have_text("Entrenar una red")
    expect(language).to_be_focused()
    language.press("ArrowUp")
    page.get_by_role("button", name="Usarlo").click()
    expect(page.locator("h1")).to_have_text("Train a network")


def test_the_theme_is_switched_and_kept(visit: Visit, reader: Json) -> None:
    """One button switches from light to dark, charts included; a reload keeps the theme."""
    page = visit.to(f"look/{reader['id']}")
    theme = page.locator("html")
    expect(theme).to_have_attribute("data-theme", "light")
    expect(page.locator("#histograms[data-drawn] canvas")).to_be_visible()
    light = page.evaluate(PICTURE)
    page.locator("#theme").click()
    expect(theme).to_have_attribute("data-theme", "dark")
    page.wait_for_function("before => document.querySelector('#histograms canvas').toDataURL() !== before", arg=light)
    dark = page.evaluate(PICTURE)
    page.reload()
    expect(theme).to_have_attribute("data-theme", "dark")
    expect(page.locator("#histograms[data-drawn] canvas")).to_be_visible()
    assert page.evaluate(PICTURE) == dark


PICTURE = "document.querySelector('#histograms canvas').toDataURL()"
