"""The first view: a pad that a network reads, one button that trains another, and both in one view."""

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.heap import heap_of
from tests.browser.jobs import long_job, without_rate
from tests.browser.visits import THREE, Visit, stroke
from tests.servers import finished, start_job

PHONE = {"width": 390, "height": 844}
#: What is left of a window of 1280 x 800 that is enlarged to 200 %.
ZOOMED = {"width": 640, "height": 400}

#: Trains until it is stopped.
LONG = "learn?preset=accurate&dataset=tiny&epochs=1000&batch_size=8&/optimizer/learning_rate=0.01"


def step_that_answers(page: Page) -> int:
    """Return the step whose weights have read the drawing."""
    expect(page.locator("#who")).to_contain_text("step")
    return int(re.sub(r"\D", "", page.locator("#who").inner_text()))


def test_a_digit_is_read_before_anything_is_trained(visit: Visit) -> None:
    """`/` opens on the pad; the network that ships with the service reads a drawing, and lights up."""
    page = visit.page
    page.goto(visit.base_url)
    page.wait_for_selector('main[data-view="learn"][data-ready="yes"]')
    stroke(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator("#who")).to_contain_text("version")
    expect(page.locator("#start")).to_have_text("Train your own")
    expect(page.locator("#plan-line")).to_contain_text("512")
    expect(page.locator("#plan-time")).to_contain_text("about")
    expect(page.locator("#look-inside")).to_have_attribute("href", "#/look")


@pytest.mark.parametrize("visit", [{}, {"viewport": PHONE, "locale": "es-ES"}], indirect=True)
def test_the_first_answer_moves_nothing(visit: Visit) -> None:
    """The sentence of who read the digit, and the link to teach it, have a place before there is an answer."""
    page = visit.to("learn")
    places = """() => ["#pad", ".settings", ".network-stage"].map((name) => {
      const { top, height } = document.querySelector(name).getBoundingClientRect();
      return [top + scrollY, height];
    })"""
    expect(page.locator(".network-column")).to_have_count(3)
    before = page.evaluate(places)
    stroke(page, THREE)
    expect(page.locator("#teach-it")).to_be_visible()
    expect(page.locator(".reading .notes")).to_be_empty()  # of the unfinished drawing it can have some
    assert page.evaluate(places) == before


def test_arrow_keys_only_choose_a_preset(visit: Visit) -> None:
    """A preset replaces what is in the fields, so that it waits for Enter."""
    page = visit.to("learn?preset=notebook")
    page.locator('[data-pointer="/epochs"]').fill("4")
    page.locator('[data-pointer="/preset"]').press("ArrowDown")
    expect(page.locator("#plan-line")).to_contain_text("4 epochs")
    page.locator('[data-pointer="/preset"]').press("Enter")
    expect(page.locator("#plan-line")).not_to_contain_text("4 epochs")
    expect(page.locator('[data-pointer="/preset"]')).to_be_focused()


def test_a_digit_that_is_read_wrongly_can_be_taught(visit: Visit) -> None:
    """Beside the answer a link leads to Draw, which has the drawing, and asks what it was."""
    page = visit.to("learn")
    expect(page.locator("#teach-it")).to_be_hidden()
    stroke(page, THREE)
    page.locator("#teach-it").click()
    page.wait_for_selector('main[data-view="draw"][data-ready="yes"]')
    expect(page.locator("#digit")).to_have_text("3")


def test_the_drawing_is_read_again_while_a_network_trains(visit: Visit, api: httpx2.Client) -> None:
    """The curve grows and newer weights read the drawing; after a reload too; stopped, the result is a sentence."""
    page = visit.to(LONG)
    stroke(page, THREE)
    page.locator("#start").click()
    first = step_that_answers(page)
    steps = page.locator("#loss").get_attribute("aria-label")
    page.wait_for_function("(first) => !document.querySelector('#who').textContent.includes(first)", arg=f"{first:,}")
    expect(page.locator("#loss")).not_to_have_attribute("aria-label", steps or "")
    expect(page.locator("#accuracy")).to_have_attribute("aria-label", re.compile(r"\d epochs.*%"))
    expect(page.locator("#digit")).not_to_have_text("?")

    page.reload()
    assert step_that_answers(page) > first
    page.locator("#stop").click()
    expect(page.locator(".verdict")).to_contain_text("You stopped it")
    expect(page.locator("#start")).to_be_visible()
    job_id = re.search(r"job_\w+", page.url)
    assert job_id
    assert api.get(f"/v1/jobs/{job_id[0]}").json()["status"] == "cancelled"


def test_the_pad_stays_beside_the_curves(visit: Visit, api: httpx2.Client) -> None:
    """While a network trains, the pad, the answer and the curves of loss and accuracy are in sight at once."""
    page = visit.to(LONG)
    stroke(page, THREE)
    page.locator("#start").evaluate("(start) => start.click()")
    step_that_answers(page)
    boxes = [page.locator(name).bounding_box() for name in ("#pad", "#digit", "#loss", "#accuracy")]
    assert all(box and box["y"] >= 0 and box["y"] + box["height"] <= 800 for box in boxes)
    page.locator("#stop").evaluate("(stop) => stop.click()")
    expect(page.locator(".verdict")).to_be_visible()


def test_a_reload_after_the_training_reads_by_the_trained_network(visit: Visit, api: httpx2.Client) -> None:
    """The drawing is read by the job of the address, even where an earlier network has not yet answered."""
    job = finished(api, start_job(api, dataset="tiny", epochs=1))
    page = visit.to("learn")
    stroke(page, THREE)
    expect(page.locator("#who")).to_contain_text("version")
    page.route("**/v1/predict?*", lambda _: None)  # never answers
    page.goto("about:blank")
    visit.to(f"learn/{job['id']}")
    assert step_that_answers(page) == job["progress"]["step"]


def test_a_network_that_learned_nothing_says_so_and_its_advice_is_one_click(visit: Visit, api: httpx2.Client) -> None:
    """As on Watch: no success, the reason, and a button of the diagnostic that fills the form of this view."""
    page = visit.to(f"learn/{without_rate(api)['id']}")
    expect(page.locator(".learn-state .badge")).to_have_text("finished, but it learned nothing")
    expect(page.locator("#verdict")).to_contain_text("The learning rate is 0")
    expect(page.locator(".learn-result .verdict")).to_have_count(0)
    page.locator("[data-code=zero_learning_rate] .advice").click()
    expect(page.locator('main[data-view=learn] [data-pointer="/optimizer/learning_rate"]')).to_have_value("1")
    expect(page.locator("#plan-line")).to_contain_text("of tiny")


def test_all_settings_have_the_same_configuration(visit: Visit) -> None:
    """Train has what was changed in Learn, and Learn what was changed in Train."""
    page = visit.to("learn")
    page.locator('[data-pointer="/epochs"]').fill("4")
    page.locator("#all-settings").click()
    page.wait_for_selector('main[data-view="train"][data-ready="yes"]')
    expect(page.locator('[data-pointer="/epochs"]')).to_have_value("4")
    page.locator('[data-pointer="/network/layers/0/units"]').fill("64")
    page.locator('nav [data-view="learn"]').click()
    expect(page.locator("#plan-line")).to_have_text(re.compile("64.*4 epochs of mnist"))


@pytest.mark.parametrize("view", ["learn", "train"])
def test_enter_in_a_field_starts_nothing(visit: Visit, api: httpx2.Client, view: str) -> None:
    """Enter confirms what was typed: a layer's size, the rate, the epochs. Only the button starts a training."""
    page = visit.to(f"{view}?preset=accurate&dataset=tiny&epochs=1")
    before = api.get("/v1/jobs?limit=1").json()["data"]
    for pointer, typed in (("/network/layers/0/units", "30"), ("/optimizer/learning_rate", "0.2"), ("/epochs", "2")):
        page.locator(f'[data-pointer="{pointer}"]').fill(typed)
        page.locator(f'[data-pointer="{pointer}"]').press("Enter")
    expect(page.locator("#plan-line")).to_have_text(re.compile("784.30.10.*0.2, 2 epochs"))
    expect(page.locator("#start")).to_be_enabled()
    assert api.get("/v1/jobs?limit=1").json()["data"] == before


def test_an_error_is_shown_beside_its_field(visit: Visit) -> None:
    """What the service refuses is written beside the field."""
    page = visit.to("learn?preset=accurate&epochs=0x10")
    page.locator("#start").click()
    expect(page.locator('[data-pointer="/epochs"]')).to_have_attribute("aria-invalid", "true")
    visit.expect_status(422)


@pytest.mark.parametrize("visit", [{"viewport": PHONE}, {"viewport": ZOOMED}], indirect=True)
def test_start_and_the_pad_are_in_sight(visit: Visit) -> None:
    """On a phone and at 200 % the pad and the button are in sight at once."""
    page = visit.to("learn")
    expect(page.locator("#start")).to_be_in_viewport(ratio=1)
    expect(page.locator("#pad")).to_be_in_viewport(ratio=0.5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_grows_while_a_long_job_trains(visit: Visit, api: httpx2.Client) -> None:
    """Neither seconds of training nor going to Train and back leave nodes and listeners behind."""
    with long_job(api) as job_id:
        page = visit.to(f"learn/{job_id}")
        stroke(page, THREE)
        step_that_answers(page)
        go_to(page, "train")
        go_to(page, "learn")
        step_that_answers(page)
        before = heap_of(page)
        for _ in range(2):
            go_to(page, "train")
            go_to(page, "learn")
            step_that_answers(page)
        after = heap_of(page)
    assert after.listeners < before.listeners * 1.3, (before, after)
    assert after.nodes < before.nodes * 1.3, (before, after)
    assert after.megabytes < before.megabytes + 3, (before, after)


def go_to(page: Page, view: str) -> None:
    """Follow a link of the header, and wait until the view is ready."""
    page.locator(f'nav [data-view="{view}"]').first.click()
    page.wait_for_selector(f'main[data-view="{view}"][data-ready="yes"]')


@pytest.mark.parametrize("visit", [{"viewport": PHONE}], indirect=True)
def test_the_answer_covers_nothing_that_the_page_scrolls_to(visit: Visit) -> None:
    """On a phone the answer stays at the top while the page scrolls; what is scrolled to comes to stand below it."""
    page = visit.to("learn")
    stroke(page, THREE)
    expect(page.locator("#teach-it")).to_be_visible()
    page.locator("#teach-it").evaluate("(link) => link.scrollIntoView({ block: 'start' })")
    top, answer_bottom = page.evaluate("""() => [
      document.querySelector("#teach-it").getBoundingClientRect().top,
      document.querySelector(".reading .answer").getBoundingClientRect().bottom,
    ]""")
    assert top >= answer_bottom > 0
