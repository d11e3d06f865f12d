"""A sentence for each term: by hover, keyboard and touch, and for screen readers."""

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import serious_violations
from tests.browser.visits import Visit

SPANISH_PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "locale": "es-ES"}


def test_a_term_explains_itself_by_mouse_and_keyboard(visit: Visit) -> None:
    """Hovering or focusing the mark beside a field shows its sentence; Escape and leaving it close the box."""
    page = visit.to("train")
    box = page.locator(".term-box")
    mark = page.locator('[data-term="learning_rate"]').first
    mark.hover()
    expect(box).to_contain_text("How far one step moves the weights")
    expect(box).to_contain_text("Notebook 1, “4. Other optimizers")
    page.mouse.move(0, 0)
    expect(box).to_be_hidden()
    page.locator('[data-pointer="/batch_size"]').focus()
    page.keyboard.press("Shift+Tab")
    expect(box).to_contain_text("How many images one step learns from")
    assert serious_violations(page) == []
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.keyboard.press("Enter")
    expect(box).to_be_visible()
    page.keyboard.press("Tab")
    expect(box).to_be_hidden()


@pytest.mark.parametrize("visit", [SPANISH_PHONE], indirect=True)
def test_a_term_explains_itself_by_touch(visit: Visit) -> None:
    """On a phone a tap shows the sentence inside the window, and a tap elsewhere closes it; targets have 44 px."""
    page = visit.to("train")
    box = page.locator(".term-box")
    mark = page.locator('[data-term="batch_size"]').first
    size = mark.bounding_box()
    assert size
    assert min(size["width"], size["height"]) >= 44
    mark.tap()
    expect(box).to_contain_text("De cuántas imágenes a la vez aprende un paso")
    place = box.bounding_box()
    assert place
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 390
    expect(mark).to_have_accessible_description(
        "De cuántas imágenes a la vez aprende un paso. Con lotes pequeños hay más pasos por época, y más ruidosos."
    )
    page.locator("h1").tap()
    expect(box).to_be_hidden()
