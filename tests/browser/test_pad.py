"""The drawing pad: what it draws, what it keeps, and when the page asks for an answer."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.visits import THREE, Visit, stroke

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SMALL_PHONE = {**PHONE, "viewport": {"width": 360, "height": 560}}  # 360x640 with the browser's bars
ZOOMED = {"viewport": {"width": 640, "height": 400}}  # a window of 1280x800 at 200 %
SEVEN = Path(__file__).parents[2] / "docs" / "seven.png"
ONE = [(0.85, 0.1), (0.85, 0.9)]


def _canvas(page: Page) -> bytes:
    """Return what is on the pad, as a PNG."""
    url: str = page.evaluate("document.querySelector('#pad').toDataURL('image/png')")
    return base64.b64decode(url.partition(",")[2])


@pytest.mark.parametrize("visit", [PHONE, SMALL_PHONE, ZOOMED, {**ZOOMED, "locale": "es-ES"}], indirect=True)
def test_the_answer_is_in_sight_while_one_draws(visit: Visit) -> None:
    """On a phone and at 200 % zoom, the pad and the whole answer are in sight without scrolling."""
    page = visit.to("draw")
    expect(page.locator(".invitation")).to_be_in_viewport()
    stroke(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    for part in ("#pad", "#digit", ".sure", ".bars"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    expect(page.locator(".invitation")).to_be_hidden()
    assert page.evaluate("scrollY") == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_strokes_and_clearing_can_be_undone(visit: Visit) -> None:
    """Undo, by its button or by Ctrl+Z, takes back one stroke, of the keyboard too, or a clearing."""
    page = visit.to("draw")
    blank = _canvas(page)
    stroke(page, THREE)
    three = _canvas(page)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert _canvas(page) != three
    page.keyboard.press("Control+z")
    assert _canvas(page) == three
    page.locator("#clear").click()
    assert _canvas(page) == blank
    page.locator("#undo").click()
    assert _canvas(page) == three
    expect(page.locator("#digit")).to_have_text("3")
    page.keyboard.press("Control+z")
    assert _canvas(page) == blank
    expect(page.locator("#digit")).to_have_text("?")
    expect(page.locator("#undo")).to_have_attribute("aria-disabled", "true")


@pytest.mark.parametrize("focused", ["#start", "input[type=checkbox]", "#language", ".pens input"])
def test_undo_works_wherever_no_text_is_typed(visit: Visit, focused: str) -> None:
    """Ctrl+Z takes a stroke back while a button, a checkbox or a list has the focus."""
    page = visit.to("learn")
    blank = _canvas(page)
    page.evaluate("main.append(Object.assign(document.createElement('input'), { type: 'checkbox' }))")
    stroke(page, THREE)
    page.locator(focused).first.focus()
    page.keyboard.press("Control+z")
    assert _canvas(page) == blank


def test_undo_in_a_field_for_text_is_the_fields_own(visit: Visit) -> None:
    """Ctrl+Z in a field takes back what was typed there, and leaves the drawing."""
    page = visit.to("learn")
    stroke(page, THREE)
    drawn = _canvas(page)
    epochs = page.locator('[data-pointer="/epochs"]')
    before = epochs.input_value()
    epochs.press("End")
    epochs.press("7")
    epochs.press("Control+z")
    expect(epochs).to_have_value(before)
    assert _canvas(page) == drawn


def test_a_drawing_and_the_pen_survive(visit: Visit) -> None:
    """The drawing and the width of the pen are still there in another view, in another language and after a reload."""
    page = visit.to("draw")
    page.get_by_label("Thick pen").check()
    stroke(page, THREE)
    drawn = _canvas(page)
    page.goto(f"{visit.base_url}/#/watch")
    expect(page.locator("main[data-view=watch][data-ready=yes]")).to_be_attached()
    visit.to("draw")
    assert _canvas(page) == drawn
    page.locator("#language").select_option("es")
    expect(page.get_by_label("Lápiz grueso")).to_be_checked()
    assert _canvas(page) == drawn
    page.reload()
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.get_by_label("Lápiz grueso")).to_be_checked()
    assert _canvas(page) == drawn


def test_a_test_digit_shows_its_label_after_the_answer(visit: Visit) -> None:
    """A random picture of the test set is read, and then its label is revealed."""
    page = visit.to("draw")
    page.locator("#test-digit").click()
    expect(page.locator("#truth")).to_have_text(re.compile(r"(Right|Wrong)\. The label of this test picture is \d\."))
    answer = page.locator("#digit").inner_text()
    text = page.locator("#truth").inner_text()
    assert text.startswith("Right") == (f"is {answer}." in text)
    stroke(page, THREE)
    expect(page.locator("#truth")).to_be_empty()


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_a_file_opens_twice_and_a_phone_offers_its_camera(visit: Visit) -> None:
    """The same file opens again after clearing; a second button opens the camera, not the gallery."""
    page = visit.to("draw")
    gallery, camera = page.locator("input[type=file]").all()
    assert [gallery.get_attribute("capture"), camera.get_attribute("capture")] == [None, "environment"]
    expect(page.get_by_text("Take a photo")).to_be_visible()
    for _ in range(2):
        gallery.set_input_files({"name": "7.png", "mimeType": "image/png", "buffer": SEVEN.read_bytes()})
        expect(page.locator("#digit")).to_have_text("7")
        page.locator("#clear").click()
        expect(page.locator("#digit")).to_have_text("?")


def test_a_digit_drawn_during_an_outage_is_read_after_it(visit: Visit) -> None:
    """Where the service cannot be reached, an error takes the place of the answer; afterwards the drawing is read."""
    page = visit.to("draw")
    stroke(page, [(0.5, 0.15), (0.5, 0.85)])
    expect(page.locator("#digit")).to_have_text("1")
    page.route("**/v1/predict**", lambda route: route.abort())
    page.locator("#clear").click()
    stroke(page, THREE)
    expect(page.locator(".answer .state")).to_contain_text("does not respond")
    expect(page.locator("#digit")).to_have_text("?")
    expect(page.locator(".bars .top")).to_have_count(0)
    page.unroute("**/v1/predict**")
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator(".answer .state")).to_be_empty()
    visit.expect_failed_requests("net::ERR_FAILED")


def test_a_slow_answer_is_announced(visit: Visit) -> None:
    """While an answer is on its way for long, the page says so, and shows no earlier answer."""
    page = visit.to("draw")
    held: list[Route] = []
    # Playwright sets an attribute of the handler, which a built-in function does not allow
    page.route("**/v1/predict**", lambda route: held.append(route))  # noqa: PLW0108
    stroke(page, THREE)
    expect(page.locator(".answer .state")).to_have_text("Reading…")
    expect(page.locator("#digit")).to_have_text("?")
    page.unroute("**/v1/predict**")  # lets the held requests go on
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator(".answer .state")).to_be_empty()


def test_a_digit_takes_twenty_requests_at_most(visit: Visit) -> None:
    """However long one draws, the page asks twenty times at most, and lastly for the finished drawing."""
    visit.page.add_init_script(KEEP_PICTURES)
    page = visit.to("draw")
    stroke(page, THREE)
    for row in range(8):
        at = 0.1 + row / 10
        stroke(page, [(0.1, at), (0.9, at), (0.1, at)])
        page.wait_for_timeout(400)
    final = _canvas(page)
    page.wait_for_timeout(2500)
    assert 5 <= page.evaluate("pictures.length") <= 20
    assert page.evaluate("pictures.at(-1).arrayBuffer().then((bytes) => [...new Uint8Array(bytes)])") == list(final)


#: Keeps the pictures that the page sends.
KEEP_PICTURES = """
  window.pictures = [];
  const send = window.fetch;
  window.fetch = (path, options) => {
    if (String(path).includes("predict")) pictures.push(options.body);
    return send(path, options);
  };
"""


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_a_second_finger_draws_nothing(visit: Visit) -> None:
    """A second finger on the pad does not draw a line across the digit."""
    page = visit.to("draw")
    box = page.locator("#pad").bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *places: tuple[float, float]) -> None:
        points = [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": number}
            for number, (x, y) in enumerate(places)
        ]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", (0.2, 0.2))
    fingers("touchMove", (0.2, 0.5))
    alone = _canvas(page)
    fingers("touchStart", (0.2, 0.5), (0.8, 0.5))
    fingers("touchMove", (0.2, 0.5), (0.8, 0.8))
    assert _canvas(page) == alone
    fingers("touchEnd")


def test_a_stroke_begins_beside_the_pad_and_the_right_button_draws_nothing(visit: Visit) -> None:
    """A mouse pressed beside the pad draws from the border on; the right button draws nothing and opens no menu."""
    page = visit.to("draw")
    blank = _canvas(page)
    box = page.locator("#pad").bounding_box()
    assert box
    page.mouse.click(box["x"] + 50, box["y"] + 50, button="right")
    page.mouse.move(box["x"] + 90, box["y"] + 90)
    assert _canvas(page) == blank
    page.mouse.move(box["x"] - 15, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 100, steps=5)
    page.mouse.up()
    page.mouse.move(box["x"] + 150, box["y"] + 20, steps=3)
    drawn = _canvas(page)
    assert drawn != blank
    page.locator("#undo").click()
    assert _canvas(page) == blank
