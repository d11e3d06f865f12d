"""The small things of the page: presets, parameters, the line to copy, knobs, themes, saves, pens."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.faults import serious_faults
from tests.browser.visits import LONG, PATIENCE_MS, THREE, Visit
from tests.servers import Json, Server, start_job, training

expect.set_options(timeout=PATIENCE_MS)


def test_a_preset_fills_the_form(visit: Visit) -> None:
    """The notebook's own hyperparameters are one click away, and so is the way back."""
    page = visit.to("train")
    epochs, optimizer = page.locator('[data-pointer="/epochs"]'), page.locator('[data-pointer="/optimizer"]')
    accurate = epochs.input_value(), optimizer.input_value()
    page.locator('[data-pointer="/preset/notebook"]').check()
    expect(epochs).to_have_value("10")
    expect(page.locator("#curl")).to_contain_text("-d '{}'")  # it is what the service takes by itself
    page.locator('[data-pointer="/preset/accurate"]').check()
    assert (epochs.input_value(), optimizer.input_value()) == accurate


def test_the_line_that_is_copied_starts_the_job_that_the_form_shows(visit: Visit, served: Server) -> None:
    """Pasted into a shell as it is, it queues a job with that seed, and with that parameter of a layer's weights."""
    page = visit.to("train")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator('[data-pointer="/dataset"]').select_option("tiny")
    page.locator('[data-pointer="/seed"]').fill("7")
    page.locator('[data-pointer="/network/layers/0/initializer"]').select_option("constant")
    page.locator('[data-pointer="/network/layers/0/initializer/value"]').fill("0.25")
    page.locator('[data-pointer="/name"]').fill("it's copied")
    page.locator(".curl button").click()
    expect(page.locator("#announcer")).not_to_be_empty()
    line = page.evaluate("navigator.clipboard.readText()")
    ran = subprocess.run(["/bin/bash", "-c", line], capture_output=True, text=True, check=True)
    with served.client() as client:
        job = client.get(f"/v1/jobs/{json.loads(ran.stdout)['id']}").json()
    assert (job["seed"], job["name"], job["dataset"]) == (7, "it's copied", "tiny")
    assert job["network"]["layers"][0]["initializer"] == {"name": "constant", "value": 0.25}


def test_the_curve_grows_while_the_job_trains(visit: Visit, served: Server) -> None:
    """Without a reload: the number of steps that are drawn rises, and the job is not over."""
    with served.client() as client:
        job_id = start_job(client, **LONG)
        training(client, job_id)
        page = visit.to(f"watch/{job_id}")
        drawn = page.locator("#loss")
        expect(drawn).to_have_attribute("aria-label", re.compile(r"[1-9][\d,]* steps"))
        before = drawn.get_attribute("aria-label") or ""
        expect(drawn).not_to_have_attribute("aria-label", before)
        assert _steps(drawn.get_attribute("aria-label") or "") > _steps(before)
        expect(page.locator("#state [data-status=running]")).to_be_visible()
        client.post(f"/v1/jobs/{job_id}/cancel")


def _steps(label: str) -> int:
    found = re.search(r"([\d,]+) steps", label)
    assert found, label
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize("knob", ["input[type=range]", "input[type=checkbox]"])
def test_smoothing_and_the_logarithm_redraw_the_curve(visit: Visit, reader: Json, knob: str) -> None:
    """The picture is another one after each."""
    page = visit.to(f"watch/{reader['id']}")
    expect(page.locator("#loss")).to_have_attribute("aria-label", re.compile(f"{reader['progress']['step']:,} steps"))
    before = _still(page)
    page.locator(f".knobs {knob}").focus()
    page.keyboard.press("Home" if "range" in knob else "Space")
    page.wait_for_function("before => document.querySelector('#loss').toDataURL() !== before", arg=before)


def _still(page: Page) -> str:
    """The curve as it is drawn, once two looks at it are alike."""
    look = "document.querySelector('#loss').toDataURL()"
    before = ""
    while (now := page.evaluate(look)) != before:
        before = now
        page.wait_for_timeout(300)
    return before


def test_the_theme_is_turned_and_kept(visit: Visit, reader: Json) -> None:
    """Light to dark by one button, for the charts too, and still so after a reload."""
    page = visit.to(f"look/{reader['id']}")
    theme = page.locator("html")
    expect(theme).to_have_attribute("data-theme", "light")
    expect(page.locator("#histograms[data-drawn] canvas")).to_be_visible()
    by_day = page.evaluate(PICTURE)
    page.locator("#theme").click()
    expect(theme).to_have_attribute("data-theme", "dark")
    page.wait_for_function("before => document.querySelector('#histograms canvas').toDataURL() !== before", arg=by_day)
    by_night = page.evaluate(PICTURE)
    page.reload()
    expect(theme).to_have_attribute("data-theme", "dark")
    expect(page.locator("#histograms[data-drawn] canvas")).to_be_visible()
    assert page.evaluate(PICTURE) == by_night


PICTURE = "document.querySelector('#histograms canvas').toDataURL()"


@pytest.mark.parametrize(("form", "begins"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_a_chart_is_saved(visit: Visit, reader: Json, form: str, begins: bytes) -> None:
    """As the file that its button names."""
    page = visit.to(f"look/{reader['id']}")
    expect(page.locator("#histograms[data-drawn] canvas")).to_be_visible()
    with page.expect_download() as saving:
        page.locator("figure", has=page.locator("#histograms")).get_by_role("button", name=form).click()
    assert saving.value.suggested_filename == f"histograms.{form.lower()}"
    assert Path(saving.value.path()).read_bytes().startswith(begins)


def test_a_digit_is_drawn_with_a_pen(visit: Visit, reader: Json) -> None:
    """As with the mouse; and what the answer hangs on is shown beside it."""
    page = visit.to("draw")
    box = page.locator("#pad").bounding_box()
    assert box
    speaking = page.context.new_cdp_session(page)
    for number, (x, y) in enumerate(THREE):
        place = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "mouseMoved" if number else "mousePressed"
        pen = {"button": "left", "buttons": 1, "pointerType": "pen", "clickCount": 1}
        speaking.send("Input.dispatchMouseEvent", {"type": kind, **place, **pen})
    speaking.send("Input.dispatchMouseEvent", {"type": "mouseReleased", **place, **pen, "buttons": 0})
    expect(page.locator("#digit")).to_have_text("3")
    page.wait_for_function(COLOURED)


COLOURED = """() => {
  const canvas = document.querySelector('.seen canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, i) => i % 4 === 3 && value > 100);
}"""


@pytest.mark.parametrize("visit", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_what_opens_and_what_is_wrong_is_usable_by_everybody(visit: Visit, reader: Json) -> None:
    """A form with errors, one to fork a run have no serious fault by axe either."""
    page = visit.to("train")
    page.locator('[data-pointer="/epochs"]').fill("-1")
    page.locator("#start").click()
    expect(page.locator(".error")).to_be_visible()
    assert serious_faults(page) == []
    visit.overlook("the server responded with a status of 422")
    page = visit.to(f"compare/{reader['id']}")
    page.locator("#differences tbody button").first.click()
    expect(page.locator(".fork")).to_be_visible()
    assert serious_faults(page) == []
