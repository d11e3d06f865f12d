"""The view inside a network."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import serious_violations
from tests.browser.visits import Visit
from tests.servers import Json, Server


def test_the_inside_of_a_network_is_shown(visit: Visit, reader: Json) -> None:
    """The view has the units as images, three charts, the confusion matrix, and the hardest test images."""
    page = visit.to(f"look/{reader['id']}")
    expect(page.locator(".units button")).to_have_count(60)
    for chart in ("#histograms", "#drift", "#mistakes"):
        expect(page.locator(f"{chart}[data-drawn] canvas")).to_be_visible()
    expect(page.locator(".confusion tbody tr")).to_have_count(10)
    expect(page.locator(".hardest img")).to_have_count(20)
    page.locator("#epoch").fill("0")
    expect(page.locator(".when output")).to_contain_text("After epoch 1")
    page.locator(".units button").nth(3).click()
    expect(page.locator(".units button").nth(3)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".inside figcaption")).to_contain_text("Unit 4 of 512")


@pytest.mark.parametrize("visit", [{}, {"locale": "es-ES", "viewport": {"width": 390, "height": 844}}], indirect=True)
def test_the_network_that_answers_on_the_pad_is_shown(visit: Visit, start_server: Callable[..., Server]) -> None:
    """Without a run, the shipped network is shown with pictures and numbers, and what needs a run says so."""
    visit.base_url = start_server().base_url
    page = visit.to("look")
    expect(page.locator("#look-live")).to_contain_text("784–512–10")  # noqa: RUF001
    expect(page.locator(".units button")).to_have_count(60)
    for chart in ("#histograms", "#mistakes"):
        expect(page.locator(f"{chart}[data-drawn] canvas")).to_be_visible()
    expect(page.locator(".confusion caption")).to_contain_text(re.compile("99[.,]15"))
    expect(page.locator(".hardest img")).to_have_count(20)
    expect(page.locator("#drift, #epoch")).to_have_count(0)
    expect(page.locator("#no-history")).to_be_visible()
    assert serious_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_unit_can_be_shown(visit: Visit, reader: Json) -> None:
    """The buttons lead through all units, sixty at a time, and back."""
    page = visit.to(f"look/{reader['id']}")
    expect(page.locator("#units-before")).to_be_disabled()
    for first in range(61, 512, 60):
        page.locator("#units-after").click()
        expect(page.locator("#units-range")).to_have_text(f"{first} to {min(first + 59, 512)} of 512")
    expect(page.locator("#units-after")).to_be_disabled()
    expect(page.locator(".units button")).to_have_count(32)
    page.locator(".units button").last.click()
    expect(page.locator(".inside figcaption")).to_contain_text("Unit 512 of 512")
    page.locator("#units-before").click()
    expect(page.locator(".units button")).to_have_count(60)


@pytest.mark.parametrize(("file_format", "begins"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_a_chart_is_saved(visit: Visit, reader: Json, file_format: str, begins: bytes) -> None:
    """A chart's buttons download it as SVG and as PNG."""
    page = visit.to(f"look/{reader['id']}")
    expect(page.locator("#histograms[data-drawn] canvas")).to_be_visible()
    with page.expect_download() as download:
        page.locator("figure", has=page.locator("#histograms")).get_by_role("button", name=file_format).click()
    assert download.value.suggested_filename == f"histograms.{file_format.lower()}"
    assert Path(download.value.path()).read_bytes().startswith(begins)
