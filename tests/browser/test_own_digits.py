"""A visitor's own digits on the page: collected, and taught to the network that answers."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.accessibility import serious_violations, small_targets
from tests.browser.visits import THREE, Visit, stroke
from tests.servers import Json

DARK_PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True, "locale": "es-ES"}

ONE = [(0.5, 0.2), (0.5, 0.8)]


@pytest.fixture(autouse=True)
def own_digits(api: httpx2.Client, reader: Json) -> Iterator[None]:
    """There are no own digits, and `live` stays at one version until the test sets it."""
    version = {"version": reader["result"]["model_version"]}
    api.put("/v1/models/digits/aliases/live", json=version).raise_for_status()
    yield
    api.delete("/v1/datasets/mine")
    api.delete("/v1/models/digits/aliases/live")


def _draw_three(page: Page) -> None:
    stroke(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")


def test_the_visitors_digits_are_taught(visit: Visit, api: httpx2.Client) -> None:
    """By keyboard: a drawing gets its label, the network learns it, answers while it learns, and becomes `live`.

    The view shows its loss, and both datasets before and after, also where the visitor comes back to it.
    """
    page = visit.to("draw")
    _draw_three(page)
    page.locator('.labels [data-label="3"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tray li")).to_have_count(1)
    page.locator("#teach").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#who")).to_contain_text("step")
    expect(page.locator("canvas.teaching")).to_have_attribute("aria-label", re.compile(r"Loss over [1-9].* from \d"))
    for dataset in ("mnist", "mine"):
        row = page.locator(f'#teaching-sets [data-set="{dataset}"] td')
        expect(row).to_have_text([re.compile(r"^\d"), re.compile(r"^\d")])
    assert serious_violations(page) == []
    page.locator("#use").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".teaching-result [role=status]")).to_contain_text("Later versions do not replace it")
    expect(page.locator('#source option[value="digits@live"]')).to_have_text(re.compile("^live"))
    expect(page.locator("#who")).to_contain_text("of digits")
    expect(page.locator("#digit")).to_have_text("3")
    aliases = {each["alias"]: each["version"] for each in api.get("/v1/models/digits").json()["aliases"]}
    newest = api.get("/v1/jobs?limit=1").json()["data"][0]
    assert aliases["live"] == newest["result"]["model_version"]
    visit.to("train")
    visit.to("draw")
    expect(page.locator("#teaching-sets tbody tr")).to_have_count(2)


def test_a_label_stays_with_its_drawing(visit: Visit, api: httpx2.Client) -> None:
    """A drawing that is still on its way to the server when the visitor begins the next one keeps its label."""
    page = visit.to("draw")
    _draw_three(page)
    held: list[Route] = []
    # Playwright sets an attribute of the handler, which a built-in function does not allow
    page.route("**/samples", lambda route: held.append(route), times=1)  # noqa: PLW0108
    with page.expect_request("**/samples"):
        page.locator('.labels [data-label="3"]').click()
    page.locator("#clear").click()
    stroke(page, ONE)
    page.locator('.labels [data-label="1"]').click()
    held[0].continue_()
    expect(page.locator(".tray li")).to_have_count(2)
    samples = api.get("/v1/datasets/mine/samples").json()["data"]
    assert [each["label"] for each in samples] == [1, 3]
    assert samples[0]["png"] != samples[1]["png"]


@pytest.mark.parametrize("visit", [DARK_PHONE], indirect=True)
def test_the_tray_is_kept_on_the_server(visit: Visit, api: httpx2.Client) -> None:
    """On a phone, in Spanish: a digit is added, corrected and removed, and a reload shows the same tray."""
    page = visit.to("draw")
    _draw_three(page)
    for label in (7, 5):
        page.locator(f'.labels [data-label="{label}"]').click()
    expect(page.locator("#label-status")).to_contain_text("5")
    page.reload()
    digit = page.locator(".tray li")
    expect(digit).to_have_count(1)
    digit.locator("select").press("3")
    expect(digit.locator("img")).to_have_attribute("alt", re.compile("5"))
    digit.locator("select").press("Enter")
    expect(digit.locator("img")).to_have_attribute("alt", re.compile("3"))
    (sample,) = api.get("/v1/datasets/mine/samples").json()["data"]
    assert sample["label"] == 3
    assert small_targets(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_violations(page) == []
    digit.locator("button.round").click()
    expect(digit).to_have_count(0)
    expect(page.locator("#tray-summary")).not_to_contain_text("mine")
    expect(page.locator("#tray-summary")).to_be_focused()
    assert api.get("/v1/datasets/mine/samples").json()["data"] == []
