"""Draw a digit, compare runs, look inside; in both languages, at every width, for everybody."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.faults import serious_faults
from tests.browser.visits import LONG, PATIENCE_MS, THREE, Visit, stroke
from tests.servers import Json, Server, finished, start_job, training

expect.set_options(timeout=PATIENCE_MS)

VIEWS = ("train", "watch", "compare", "look", "draw")
DARK_PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}


def test_a_three_drawn_with_the_mouse_is_read(visit: Visit, reader: Json) -> None:
    """Draw a 3 and read 3, with ten bars, what the network saw, and what the answer hangs on."""
    page = visit.to("draw")
    stroke(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator(".bars li")).to_have_count(10)
    expect(page.locator(".bars li.top")).to_have_attribute("data-digit", "3")
    expect(page.locator(".seen img")).to_have_attribute("src", re.compile("^data:image/png"))
    page.locator("#clear").click()
    expect(page.locator("#digit")).to_have_text("?")


@pytest.mark.parametrize("visit", [DARK_PHONE], indirect=True)
def test_a_digit_is_drawn_with_a_finger(visit: Visit, reader: Json) -> None:
    """On a phone a finger draws, and the page does not scroll under it."""
    page = visit.to("draw")
    page.locator("#pad").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")
    box = page.locator("#pad").bounding_box()
    assert box
    places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in THREE]
    speaking = page.context.new_cdp_session(page)
    for number, place in enumerate(places):
        kind = "touchMove" if number else "touchStart"
        speaking.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    speaking.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("#digit")).to_have_text("3")
    assert page.evaluate("scrollY") == 0


def test_a_picture_that_is_opened_gets_the_answer_of_the_api(visit: Visit, served: Server, reader: Json) -> None:
    """A real MNIST digit as a file: the page says what the API says."""
    picture = (Path(__file__).parents[2] / "docs" / "seven.png").read_bytes()
    with served.client() as client:
        told = client.post("/v1/predict", content=picture, headers={"Content-Type": "image/png"}).json()
    page = visit.to("draw")
    page.locator("input[type=file]").set_input_files(
        {"name": "seven.png", "mimeType": "image/png", "buffer": picture},
    )
    expect(page.locator("#digit")).to_have_text(str(told["digit"]))
    assert f"{told['confidence']:.1%}" in page.locator(".sure").inner_text()


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_picture_can_be_dropped_or_pasted(visit: Visit, reader: Json, event: str) -> None:
    """A picture that is dropped on the page or pasted into it is read."""
    picture = (Path(__file__).parents[2] / "docs" / "seven.png").read_bytes()
    page = visit.to("draw")
    page.evaluate(GIVE, [event, list(picture)])
    expect(page.locator("#digit")).to_have_text("7")


def test_a_picture_that_is_none_is_said_to_be_none(visit: Visit, reader: Json) -> None:
    """Also on a pad on which nothing was drawn: the service says what is wrong with it."""
    page = visit.to("draw")
    page.evaluate(GIVE, ["drop", list(b"no picture")])
    expect(page.locator(".notes")).to_contain_text("no picture that we read")
    visit.overlook("the server responded with a status of 422")


GIVE = """([name, bytes]) => {
  const given = new DataTransfer();
  given.items.add(new File([new Uint8Array(bytes)], "seven.png", { type: "image/png" }));
  const made = name === "drop"
    ? new DragEvent(name, { dataTransfer: given, bubbles: true, cancelable: true })
    : new ClipboardEvent(name, { clipboardData: given, bubbles: true });
  document.body.dispatchEvent(made);
}"""


def test_a_digit_is_drawn_with_the_keyboard(visit: Visit, reader: Json) -> None:
    """Arrow keys and space draw a one."""
    page = visit.to("draw")
    page.locator("#pad").focus()
    page.keyboard.press("Space")
    for _ in range(18):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#digit")).to_have_text("1")


def test_a_run_chosen_answers(visit: Visit, reader: Json) -> None:
    """A job can be asked instead of the best model, and the page says whose weights answered."""
    page = visit.to(f"draw/job:{reader['id']}")
    stroke(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")


def test_any_model_version_and_alias_can_be_chosen(visit: Visit, served: Server, reader: Json) -> None:
    """The list has every model, what came after the page too; the page says which version of which one answered."""
    with served.client() as client:
        page = visit.to("draw")
        stroke(page, THREE)
        expect(page.locator("#who")).to_contain_text("of digits")
        checkpoint = {"checkpoint_id": reader["result"]["checkpoint_id"]}
        for _ in range(2):
            client.post("/v1/models/others/versions", json=checkpoint).raise_for_status()
        client.put("/v1/models/others/aliases/mine", json={"version": 2}).raise_for_status()
        for chosen, told in (("others@1", "Version 1 of others"), ("others@mine", "Version 2 of others")):
            expect(page.locator(f'#source option[value="{chosen}"]')).to_be_attached()
            page.locator("#source").select_option(chosen)
            expect(page.locator("#who")).to_have_text(told)
            expect(page.locator("#digit")).to_have_text("3")


def test_a_run_that_trains_reads_the_digit_anew(visit: Visit, served: Server) -> None:
    """A digit that was drawn once is read again and again by the weights of later and later steps."""
    with served.client() as client:
        job_id = start_job(client, **LONG)
        training(client, job_id)
        page = visit.to(f"draw/job:{job_id}")
        stroke(page, THREE)
        expect(page.locator("#who")).to_contain_text("step")
        first = page.locator("#who").inner_text()
        expect(page.locator("#who")).not_to_have_text(first)
        client.post(f"/v1/jobs/{job_id}/cancel")


def test_two_runs_are_compared_sorted_and_forked(visit: Visit, served: Server) -> None:
    """Runs side by side show what differs, sort by it, and one goes on with a change."""
    with served.client() as client:
        body = {"dataset": "mnist"}
        ids = [start_job(client, **body, name=f"rate {r}", optimizer={"learning_rate": r}) for r in (0.1, 0.01)]
        for job_id in ids:
            finished(client, job_id)
    page = visit.to(f"compare/{','.join(ids)}")
    table = page.locator("#differences")
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(page.locator("#overlay[data-drawn] canvas")).to_be_visible()
    heads = table.locator("thead th")
    assert "Optimizer · Learning rate" in heads.all_inner_texts()
    rate = heads.filter(has_text="learning rate")
    rate.locator("button").click()
    expect(rate).to_have_attribute("aria-sort", "ascending")
    expect(table.locator("tbody tr").first).to_contain_text("rate 0.01")
    rate.locator("button").click()
    expect(table.locator("tbody tr").first).to_contain_text("rate 0.1")

    table.locator("tbody tr button").first.click()
    page.locator('.fork [data-pointer="/optimizer/learning_rate"]').fill("0.05")
    page.locator(".fork button.main").click()
    page.wait_for_url("**/#/watch/**")
    expect(page.locator("#state [data-status=succeeded]")).to_be_visible()


def test_a_fork_that_is_refused_twice_is_told_once(visit: Visit, reader: Json) -> None:
    """What was wrong before goes when the form is sent again."""
    page = visit.to(f"compare/{reader['id']}")
    page.locator("#differences tbody button").first.click()
    epochs = page.locator('.fork [data-pointer="/epochs"]')
    for _ in range(2):
        epochs.fill("-1")
        with page.expect_response("**/fork"):
            page.locator(".fork button.main").click()
        expect(page.locator(".fork .error")).to_have_count(1)
    visit.overlook("the server responded with a status of 422")


def test_more_runs_than_colours_are_told_apart(visit: Visit, served: Server) -> None:
    """The seventh has the first's colour, and a dash of its own, in the curve and in the table."""
    with served.client() as client:
        ids = [start_job(client, name=f"run {number}") for number in range(7)]
        for job_id in ids:
            finished(client, job_id)
        chart = client.get(f"/v1/compare/curve.json?jobs={','.join(ids)}").json()
    dashes = chart["layer"][0]["encoding"]["strokeDash"]["scale"]["range"]
    assert dashes[:6] == [[1, 0]] * 6
    assert dashes[6] != [1, 0]
    page = visit.to(f"compare/{','.join(ids)}")
    expect(page.locator("#differences .key")).to_have_count(7)
    expect(page.locator("#differences .key.curve")).to_have_count(2)
    expect(page.locator("#differences .key.curve.dashed")).to_have_count(1)


def test_a_table_that_is_renewed_keeps_the_focus(visit: Visit, served: Server) -> None:
    """Who goes through it by keyboard stays where they are, while figures of a run that trains come in."""
    with served.client() as client:
        job_id = start_job(client, **LONG)
        training(client, job_id)
        page = visit.to(f"compare/{job_id}")
        button = page.locator("#differences tbody button")
        button.focus()
        seconds = page.locator("#differences tbody td").nth(-2)
        expect(seconds).not_to_have_text(seconds.inner_text())
        expect(button).to_be_focused()
        client.post(f"/v1/jobs/{job_id}/cancel")


def test_the_inside_of_a_network_is_shown(visit: Visit, reader: Json) -> None:
    """Units as pictures, the spread of each layer's weights, the confusion, and the hardest digits."""
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


def test_every_unit_can_be_looked_at(visit: Visit, reader: Json) -> None:
    """Sixty at a time, to the last, and back."""
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


@pytest.mark.parametrize("visit", [{"locale": "es-ES"}], indirect=True)
def test_the_page_speaks_the_browsers_language_and_switches(visit: Visit) -> None:
    """A Spanish browser is greeted in Spanish; the switch is kept."""
    page = visit.to("train")
    expect(page.locator("h1")).to_have_text("Entrenar una red")
    page.locator("#language").select_option("en")
    expect(page.locator("h1")).to_have_text("Train a network")
    page.reload()
    expect(page.locator("h1")).to_have_text("Train a network")
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("visit", [{}, DARK_PHONE, {**DARK_PHONE, "locale": "es-ES"}], indirect=True)
def test_every_view_is_usable_by_everybody(visit: Visit, reader: Json) -> None:
    """No view has a serious fault by axe, or scrolls sideways."""
    for view in VIEWS:
        page = visit.to(view)
        if view == "look":
            expect(page.locator(".hardest img")).to_have_count(20)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        assert serious_faults(page) == [], view


def test_the_pads_picture_reaches_the_network_as_a_digit(visit: Visit, reader: Json) -> None:
    """What the network saw of a drawn three has ink in its middle and none at its edge."""
    page = visit.to("draw")
    stroke(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    pixels = np.array(page.evaluate(READ_SEEN)).reshape(28, 28)
    assert pixels[4:24, 4:24].max() > 200
    assert pixels[0].max() == pixels[:, 0].max() == 0


READ_SEEN = """async () => {
  const image = document.querySelector(".seen img");
  await image.decode();
  const canvas = new OffscreenCanvas(28, 28);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return [...context.getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0);
}"""
