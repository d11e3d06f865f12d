"""The view to draw a digit."""

import base64
import re
from io import BytesIO
from pathlib import Path

import httpx2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from naivenet import datasets
from tests.browser.jobs import long_job
from tests.browser.visits import THREE, Visit, stroke
from tests.pictures.drawn import SIDE, png
from tests.pictures.phone import phone_photo
from tests.servers import Json

DARK_PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True}
SEVEN = Path(__file__).parents[2] / "docs" / "seven.png"


def test_a_three_drawn_with_the_mouse_is_read(visit: Visit) -> None:
    """A drawn 3 is read as 3, with ten bars and the network's input; clearing removes the answer."""
    page = visit.to("draw")
    stroke(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    expect(page.locator(".bars li")).to_have_count(10)
    expect(page.locator(".bars li.top")).to_have_attribute("data-digit", "3")
    expect(page.locator(".seen img")).to_have_attribute("src", re.compile("^data:image/png"))
    page.locator("#clear").click()
    expect(page.locator("#digit")).to_have_text("?")


@pytest.mark.parametrize("visit", [DARK_PHONE], indirect=True)
def test_a_digit_is_drawn_with_a_finger(visit: Visit) -> None:
    """A finger draws on the pad and does not scroll the page."""
    page = visit.to("draw")
    page.locator("#pad").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")
    places = _pad_points(visit)
    devtools = page.context.new_cdp_session(page)
    for number, place in enumerate(places):
        kind = "touchMove" if number else "touchStart"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("#digit")).to_have_text("3")
    assert page.evaluate("scrollY") == 0


def test_a_digit_is_drawn_with_a_pen(visit: Visit) -> None:
    """A pen draws like the mouse, and the saliency appears beside the answer."""
    page = visit.to("draw")
    places = _pad_points(visit)
    devtools = page.context.new_cdp_session(page)
    pen = {"button": "left", "buttons": 1, "pointerType": "pen", "clickCount": 1}
    for number, place in enumerate(places):
        kind = "mouseMoved" if number else "mousePressed"
        devtools.send("Input.dispatchMouseEvent", {"type": kind, **place, **pen})
    devtools.send("Input.dispatchMouseEvent", {"type": "mouseReleased", **places[-1], **pen, "buttons": 0})
    expect(page.locator("#digit")).to_have_text("3")
    page.wait_for_function(HAS_SALIENCY)


def _pad_points(visit: Visit) -> list[dict[str, float]]:
    """Return the points of the three, in pixels of the window."""
    box = visit.page.locator("#pad").bounding_box()
    assert box
    return [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in THREE]


HAS_SALIENCY = """() => {
  const canvas = document.querySelector('.seen canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, i) => i % 4 === 3 && value > 100);
}"""


def test_a_digit_is_drawn_with_the_keyboard(visit: Visit) -> None:
    """Arrow keys and space draw a one."""
    page = visit.to("draw")
    page.locator("#pad").focus()
    page.keyboard.press("Space")
    for _ in range(18):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#digit")).to_have_text("1")


def test_an_opened_image_gets_the_answer_of_the_api(visit: Visit, api: httpx2.Client) -> None:
    """For an image file, the page shows the digit and the confidence that the API returns."""
    image = SEVEN.read_bytes()
    answer = api.post("/v1/predict", content=image, headers={"Content-Type": "image/png"}).json()
    page = visit.to("draw")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "seven.png", "mimeType": "image/png", "buffer": image}
    )
    expect(page.locator("#digit")).to_have_text(str(answer["digit"]))
    assert f"{min(answer['confidence'], 0.999):.1%}" in page.locator(".sure").inner_text()


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_an_image_can_be_dropped_or_pasted(visit: Visit, event: str) -> None:
    """An image that is dropped on the page or pasted into it is read."""
    page = visit.to("draw")
    page.evaluate(GIVE, [event, list(SEVEN.read_bytes())])
    expect(page.locator("#digit")).to_have_text("7")


def test_a_file_that_is_no_image_shows_an_error(visit: Visit) -> None:
    """The service's error about a broken image is shown, on an empty pad too."""
    page = visit.to("draw")
    page.evaluate(GIVE, ["drop", list(b"no picture")])
    expect(page.locator(".answer .state")).not_to_be_empty()
    expect(page.locator("#digit")).to_have_text("?")
    visit.expect_status(422)


@pytest.mark.parametrize("visit", [{"locale": "es-ES"}], indirect=True)
def test_the_notes_of_the_service_are_shown(visit: Visit) -> None:
    """What is doubtful about a drawing is shown in the visitor's language."""
    page = visit.to("draw")
    stroke(page, [(0.5, 0), (0.5, 0.9)])
    expect(page.locator(".notes")).to_contain_text("Deja espacio a su alrededor.")


GIVE = """([name, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([new Uint8Array(bytes)], "seven.png", { type: "image/png" }));
  const event = name === "drop"
    ? new DragEvent(name, { dataTransfer: transfer, bubbles: true, cancelable: true })
    : new ClipboardEvent(name, { clipboardData: transfer, bubbles: true });
  document.body.dispatchEvent(event);
}"""


def test_the_drawing_reaches_the_network_as_an_mnist_image(visit: Visit) -> None:
    """The network's input has ink in its middle and none at its edges."""
    page = visit.to("draw")
    stroke(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")
    pixels = np.array(page.evaluate(READ_INPUT)).reshape(28, 28)
    assert pixels[4:24, 4:24].max() > 200
    assert pixels[0].max() == pixels[:, 0].max() == 0


READ_INPUT = """async () => {
  const image = document.querySelector(".seen img");
  await image.decode();
  const canvas = new OffscreenCanvas(28, 28);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return [...context.getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0);
}"""


def test_a_job_can_answer(visit: Visit, reader: Json) -> None:
    """A job can answer instead of a model."""
    page = visit.to(f"draw/job:{reader['id']}")
    stroke(page, THREE)
    expect(page.locator("#digit")).to_have_text("3")


def test_any_model_version_and_alias_can_answer(visit: Visit, api: httpx2.Client, reader: Json) -> None:
    """The list has every model, even one that is newer than the page; the page shows which version answered."""
    page = visit.to("draw")
    stroke(page, THREE)
    expect(page.locator("#who")).to_contain_text("of digits")
    checkpoint = {"checkpoint_id": reader["result"]["checkpoint_id"]}
    for _ in range(2):
        api.post("/v1/models/others/versions", json=checkpoint).raise_for_status()
    api.put("/v1/models/others/aliases/mine", json={"version": 2}).raise_for_status()
    for source, text in (("others@1", "Version 1 of others"), ("others@mine", "Version 2 of others")):
        expect(page.locator(f'#source option[value="{source}"]')).to_be_attached()
        page.locator("#source").select_option(source)
        expect(page.locator("#who")).to_have_text(text)
        expect(page.locator("#digit")).to_have_text("3")


def test_a_training_job_reads_the_digit_again(visit: Visit, api: httpx2.Client) -> None:
    """While a job trains, it reads the same drawing again with newer weights."""
    with long_job(api) as job_id:
        page = visit.to(f"draw/job:{job_id}")
        stroke(page, THREE)
        expect(page.locator("#who")).to_contain_text("step")
        first = page.locator("#who").inner_text()
        expect(page.locator("#who")).not_to_have_text(first)


def test_drawn_digits_of_the_tests_are_what_the_pad_draws(visit: Visit) -> None:
    """The pictures of `tests/pictures/drawn.py` are the canvas of the pad, but for the smoothing of edges."""
    page = visit.to("draw")
    stroke(page, THREE)
    canvas = page.evaluate("document.querySelector('#pad').toDataURL('image/png')")
    on_the_pad = Image.open(BytesIO(base64.b64decode(canvas.partition(",")[2])))
    drawn = Image.open(BytesIO(png([np.array(THREE) * SIDE])))
    assert (on_the_pad.mode, on_the_pad.size) == (drawn.mode, drawn.size)
    off = np.abs(np.asarray(on_the_pad, np.float64) - np.asarray(drawn)).mean()
    assert off < 3, f"{off:.1f} of 255 levels"


@pytest.mark.parametrize("visit", [DARK_PHONE], indirect=True)
def test_a_photo_is_read_on_a_phone(visit: Visit) -> None:
    """A photo of 12 megapixels with a shadow, turned by its EXIF data, is read; the answer is in sight."""
    photo = phone_photo(datasets.load().x_test[0], np.random.default_rng(0))
    page = visit.to("draw")
    page.locator("input[type=file]").first.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.locator("#digit")).to_be_in_viewport(ratio=1)
    expect(page.locator(".sure")).to_be_in_viewport(ratio=1)
