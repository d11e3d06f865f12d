"""The network as a picture: it is edited by hand, and lights up with a real prediction."""

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import serious_violations
from tests.browser.visits import Visit
from tests.servers import Json

SPANISH_PHONE = {
    "viewport": {"width": 390, "height": 844},
    "color_scheme": "dark",
    "has_touch": True,
    "locale": "es-ES",
    "reduced_motion": "reduce",
}

#: Puts the picture of a job's network into the page; the picture and the last edited layers become `picture`, `edited`.
MOUNT = """async (job) => {
  const [{ NetworkPicture }, layout, { get }, { readNetwork }] = await Promise.all([
    import("/page/plots/network_picture.js"), import("/page/plots/network_layout.js"),
    import("/page/net/api.js"), import("/page/net/network.js"),
  ]);
  window.rowCentre = layout.rowCentre;
  const options = await get("v1/options");
  const { signal } = new AbortController();
  const onChange = (layers) => { window.edited = layers; };
  window.picture = new NetworkPicture({ layers: job.network.layers, options, onChange, signal });
  document.querySelector("main").replaceChildren(window.picture.element);
  window.picture.showWeights(await readNetwork(`jobs/${job.id}`));
}"""

#: The colour of a unit's lamp.
LAMP = """([layer, row]) => {
  const { canvas } = window.picture;
  const column = canvas.columns[layer];
  const [left, above] = [column.x, window.rowCentre(column, row)].map((place) => Math.round(place * devicePixelRatio));
  const copy = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas.element, left, above, 1, 1, 0, 0, 1, 1);
  return String(copy.getImageData(0, 0, 1, 1).data);
}"""

#: Numbers as the page writes them.
WRITTEN = """async (values) => {
  const { number } = await import("/page/ui/format.js");
  return values.map((value) => number(value, 3));
}"""


def mounted(visit: Visit, job: Json) -> Page:
    """Open a view, and put the picture into it."""
    page = visit.to("train", query="?source")
    page.evaluate(MOUNT, job)
    expect(page.locator(".network-stage > canvas")).to_be_visible()
    return page


def sizes(page: Page) -> list[int]:
    """Return the sizes of the layers that the view was given."""
    return [layer["units"] for layer in page.evaluate("window.edited")]


@pytest.mark.parametrize("visit", [{}, SPANISH_PHONE], indirect=True)
def test_a_network_is_edited_by_hand(visit: Visit, reader: Json) -> None:
    """Buttons, field, handle and the activation change a layer; layers are added and removed; the count follows."""
    page = mounted(visit, reader)
    hidden, count = page.locator(".network-column:not(.input, .output)"), page.locator(".network-count")
    expect(count).to_contain_text(f"{page.evaluate('(407050).toLocaleString(document.documentElement.lang)')} par")
    hidden.locator(".network-steps button").last.click()
    assert sizes(page) == [1024, 10]
    hidden.locator("input").fill("100")
    assert sizes(page) == [100, 10]
    expect(count).to_contain_text("784 × 100 + 100 + 100 × 10 + 10")
    hidden.locator("select").select_option("tanh")
    assert page.evaluate("window.edited[0].activation") == "tanh"
    page.locator(".network-gap button").last.click()
    assert sizes(page) == [100, 64, 10]
    expect(hidden.nth(1).locator("input")).to_be_focused()
    _drag(page, hidden.nth(1).locator(".size-handle").bounding_box(), by=24)
    assert sizes(page) == [100, 128, 10]
    hidden.first.locator(".column-head button").click()
    assert sizes(page) == [128, 10]
    expect(page.locator(".network-gap button").first).to_be_focused()
    assert serious_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_size_that_the_service_refuses_is_marked(visit: Visit, reader: Json, api: httpx2.Client) -> None:
    """The field names the largest size, which the API's options have."""
    page = mounted(visit, reader)
    most = api.get("/v1/options").json()["limits"]["max_units"]
    field = page.locator(".size input")
    for wrong in ("0", "many", str(most + 1)):
        field.fill(wrong)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator(".size .trouble")).to_have_text(f"1 to {most:,} units")
    field.fill(str(most))
    expect(field).to_have_attribute("aria-invalid", "false")


def test_the_output_stays_in_sight_when_layers_are_added(visit: Visit) -> None:
    """More columns than fit are scrolled, to the output, and a shadow shows that there are others."""
    page = visit.to("learn?preset=notebook")
    for layer in (1, 2):
        page.locator(f'[data-add="{layer}"]').click()
    places = """() => ["", " .output"].map((name) => {
      return document.querySelector(`.network-scroll${name}`).getBoundingClientRect().right;
    })"""
    window, output = page.evaluate(places)
    assert output <= window + 1
    assert page.locator(".network-scroll").evaluate("(box) => box.scrollLeft") > 0


@pytest.mark.parametrize("visit", [{}, SPANISH_PHONE], indirect=True)
def test_units_light_up_with_a_prediction(visit: Visit, reader: Json, api: httpx2.Client) -> None:
    """The lamps of the digit and of the strongest unit are lit; arrow keys choose a unit, with the API's numbers."""
    page = mounted(visit, reader)
    pixels = [[255 if 4 <= row < 24 and 12 <= column < 16 else 0 for column in range(28)] for row in range(28)]
    answer = api.post(
        f"/v1/jobs/{reader['id']}/predict", params={"explain": "activations", "trace": True}, json={"pixels": pixels}
    ).json()
    page.evaluate("(answer) => window.picture.showActivations(answer.activations, answer.trace)", answer)
    shown = api.get(f"/v1/jobs/{reader['id']}/network", params={"most": 16}).json()["layers"][0]["shown"]
    least = answer["probabilities"].index(min(answer["probabilities"]))
    strongest = max(range(16), key=[answer["activations"][0][unit] for unit in shown].__getitem__)
    are_lit = (
        f"([first, last, dark]) => {{ const of = {LAMP}; return of(first) === of(last) && of(last) !== of(dark); }}"
    )
    page.wait_for_function(are_lit, arg=[[0, strongest], [1, answer["digit"]], [1, least]])
    page.locator(".network-stage > canvas").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    unit = shown[1]
    bias = api.get(f"/v1/jobs/{reader['id']}/network/0/{unit}").json()["bias"]
    written = page.evaluate(WRITTEN, [answer["activations"][0][unit], bias])
    for text in (page.locator(".network-unit p"), page.locator("#announcer")):
        for part in (str(unit + 1), *written):
            expect(text).to_contain_text(part)
    expect(page.locator(".network-unit canvas")).to_be_visible()
    assert serious_violations(page) == []


def test_the_inside_of_a_network_reads_a_hard_image(visit: Visit, reader: Json) -> None:
    """*Look inside* shows the network with the hardest test image, and another one when it is chosen."""
    page = visit.to(f"look/{reader['id']}")
    hint = page.locator(".panel", has=page.locator(".network-picture")).locator(".hint").first
    expect(hint).to_contain_text("It reads test image")
    before = hint.text_content() or ""
    page.locator(".hardest button").nth(1).click()
    expect(hint).not_to_have_text(before)


def _drag(page: Page, box: dict[str, float] | None, *, by: int) -> None:
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + by, steps=4)
    page.mouse.up()
