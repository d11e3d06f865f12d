"""The page's plots and numbers: what their modules compute and write."""

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from naivenet.plots import smoothed
from service.charts.curves import marked_every
from tests.browser.visits import THREE, Visit, stroke
from tests.servers import Json

SPANISH = {"locale": "es-ES"}


def module(page: Page, path: str, body: str, argument: Any = None) -> Any:
    """Return what JavaScript computes with a module of the page as `module` and `argument`."""
    return page.evaluate(f"async (argument) => {{ const module = await import('./page/{path}'); {body} }}", argument)


def test_the_page_and_the_charts_smooth_alike(visit: Visit) -> None:
    """For each weight of the slider, the page's moving average is that of `naivenet.plots`."""
    losses = np.random.default_rng(0).uniform(0, 3, 1200)
    draw = "const series = new module.LossSeries(argument[0]); series.push(argument[1]); return [...series.smooth];"
    page = visit.to("train")
    for weight in (0, 0.9, 0.98, 0.999):
        drawn = module(page, "plots/loss_series.js", draw, [weight, losses.tolist()])
        np.testing.assert_allclose(drawn, smoothed(losses, weight), rtol=1e-5)


WRITE = """
const { number, percent, fieldText, measuredColumn, exactColumn, axisNumber } = module;
return [
  [0.99955, 1, 0, 0.00001].map((share) => percent(share)),
  [0.1, 512, 0.123456, -3.5].map((value) => number(value)),
  [0.01, 1e-7, 50000].map(fieldText),
  [2.3026, 0.1, 0.00045].map(measuredColumn([2.3026, 0.1, 0.00045])),
  [0.001, 0.1, 1].map(exactColumn([0.001, 0.1, 1])),
  [0.98, 0.985].map(axisNumber(0.005, { isShare: true })),
];
"""
ENGLISH_NUMBERS = [
    ["99.9%", "100.0%", "0.0%", "0.1%"],
    ["0.1", "512", "0.1235", "-3.5"],
    ["0.01", "1e-7", "50000"],
    ["2.30260", "0.10000", "0.00045"],
    ["0.001", "0.100", "1.000"],
    ["98.0%", "98.5%"],
]
SPANISH_NUMBERS = [
    [text.replace(".", ",").replace("%", "\N{NO-BREAK SPACE}%") for text in column] for column in ENGLISH_NUMBERS
]


@pytest.mark.parametrize(("visit", "expected"), [({}, ENGLISH_NUMBERS), (SPANISH, SPANISH_NUMBERS)], indirect=["visit"])
def test_numbers_have_equal_decimals_and_only_a_whole_is_100_percent(visit: Visit, expected: list[list[str]]) -> None:
    """A column is aligned by its point; no rounding makes a share 0 % or 100 %; Spanish has a comma."""
    assert module(visit.to("train"), "ui/format.js", WRITE) == expected


@pytest.mark.parametrize("visit", [SPANISH], indirect=True)
def test_a_spanish_reader_sees_and_types_a_decimal_comma_in_fields(visit: Visit) -> None:
    """The field of the learning rate shows 0,01 and takes 0,05, which the request then has as 0.05."""
    page = visit.to("train")
    rate = page.locator('[data-pointer="/optimizer/learning_rate"]')
    assert "," in rate.input_value()
    rate.fill("0,05")
    page.wait_for_function("document.body.textContent.includes('\"learning_rate\":0.05')")


SUMMARY = """
const optimizer = { name: "sgd", learning_rate: 0.1 };
return module.summary({ optimizer, network: { layers: [{ units: 10 }] }, epochs: 3 });
"""


@pytest.mark.parametrize("visit", [SPANISH], indirect=True)
def test_a_run_without_a_name_is_called_by_its_configuration(visit: Visit) -> None:
    """Its learning rate has the decimal comma of the Spanish page."""
    assert module(visit.to("train"), "ui/run_line.js", SUMMARY) == "sgd 0,1 · 10 · 3×"


COMPARED = """
const state = { figure: "loss", place: "step", isLogarithmic: Boolean(argument) };
const curves = new module.ComparedCurves(state, new AbortController().signal);
const empty = [curves.plot.describe().ceiling ?? null, curves.note.hidden];
const values = Array.from({ length: 200 }, (_, step) => (step ? 0.3 : 40));
curves.series = [{ label: "a", x: values.map((_, step) => step), values, raw: [], low: [], high: [] }];
return [curves.plot.describe().ceiling ?? null, curves.note.hidden, empty];
"""


def test_the_first_losses_do_not_flatten_compared_curves(visit: Visit) -> None:
    """A linear axis ends above the rest of the losses, and a line says so; a logarithmic one shows all."""
    page = visit.to("train")
    ceiling, is_silent, without_curves = module(page, "views/compare_chart.js", COMPARED, 0)
    assert 0.3 < ceiling < 1
    assert not is_silent
    assert without_curves == [None, True]
    assert module(page, "views/compare_chart.js", COMPARED, 1) == [None, True, [None, True]]


def test_the_page_marks_the_epochs_that_the_charts_mark(visit: Visit) -> None:
    """Marks are at least 32 pixels apart, at round numbers: 300 epochs are no barcode."""
    places = [(1, 300), (20, 640), (21, 640), (300, 1100), (300, 260), (1001, 640), (7, 0)]
    page = visit.to("train")
    for epochs, pixels in places:
        drawn = module(page, "plots/marks.js", "return module.markedEpochs(...argument);", [epochs, pixels])
        every = marked_every(epochs, pixels)
        assert drawn == list(range(every, epochs + 1, every))
        assert len(drawn) <= max(1, pixels // 32)


TICKS = """
return [
  [[1, 1], [1, 2], [1, 3], [1, 300], [1, 1407]].map(([low, high]) => module.wholeTicks({ low, high }, 6)),
  [[0, 0.41], [0.9344, 0.9831], [3, 7]].map(([low, high]) => module.roundRange({ low, high }, 5).ticks),
  [[0.02, 2.5], [0.2, 2], [1, 1]].map(([low, high]) => module.roundLogRange({ low, high })),
];
"""


def test_axes_have_whole_epochs_and_ticks_at_both_ends(visit: Visit) -> None:
    """An axis of epochs has no fractions, also for one epoch; the other axis begins and ends at a tick."""
    whole, linear, log = module(visit.to("train"), "plots/scale.js", TICKS)
    assert whole == [[1], [1, 2], [1, 2, 3], [1, 50, 100, 150, 200, 250, 300], [1, 500, 1000, 1407]]
    assert linear == [[0, 0.1, 0.2, 0.3, 0.4, 0.5], [0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99], [3, 4, 5, 6, 7]]
    assert log == [{"low": 0.02, "high": 5}, {"low": 0.2, "high": 2}, {"low": 0.5, "high": 2}]


def test_a_linear_axis_shows_the_loss_after_the_steep_start(visit: Visit) -> None:
    """It ends near what most losses reach; a loss that rises at the end stays whole."""
    high = "return module.robustHigh(argument, argument);"
    falling = [2.4 / step + 0.05 for step in range(1, 1001)]
    page = visit.to("train")
    assert 0.06 < module(page, "plots/scale.js", high, falling) < 0.3
    rising = [0.1] * 990 + [9.0] * 10
    assert module(page, "plots/scale.js", high, rising) > 9


HOVER = """
const { signal } = new AbortController();
const canvas = document.querySelector("main").appendChild(document.createElement("canvas"));
const curves = [{ values: [1, 2], paint: "curve" }];
let drawings = 0;
const describe = () => (drawings++, { x: { low: 1, high: 2 }, xTitle: "x", yTitle: "y", emptyText: "", curves });
const plot = new module.Plot(canvas, describe, signal);
const frame = () => new Promise(requestAnimationFrame);
plot.refresh();
for (let i = 0; i < 10; i++) await frame(); // its size is observed too
const [before, pixels] = [drawings, canvas.toDataURL()];
for (const key of ["ArrowRight", "ArrowRight", "ArrowRight"]) {
  canvas.dispatchEvent(new KeyboardEvent("keydown", { key }));
  await frame(), await frame();
}
return { drawings: drawings - before, isCursorShown: canvas.toDataURL() !== pixels };
"""


def test_a_cursor_that_moves_draws_no_curve_again(visit: Visit) -> None:
    """The curves are copied as they were drawn, so that sixty-four of them do not slow the cursor down."""
    assert module(visit.to("train"), "plots/plot.js", HOVER) == {"drawings": 0, "isCursorShown": True}


CHANCE = """
const { readChances, chanceFor, isByChance } = await import("./page/net/chance.js");
const job = { dataset: "tiny", dataset_version: null };
await readChances([job], new AbortController().signal);
const panel = new module.AccuracyPanel(new AbortController().signal);
panel.addEpoch({ epoch: 1, test_accuracy: 0.55 });
const levels = [null, { guess: 0.5 }].map((chance) => (panel.showChance(chance), panel.levels().map(({ y }) => y)));
return [chanceFor(job).guess, isByChance(job, 0.1), isByChance(job, 0.2), levels];
"""


def test_the_line_of_chance_is_one_of_the_classes_that_were_trained(visit: Visit) -> None:
    """Ten digits make it 10 %; a dataset with two of them makes it 50 %, which an accuracy of 55 % is near."""
    page = visit.to("train", query="?source")
    assert module(page, "views/watch_accuracy.js", CHANCE) == [0.1, True, False, [[], [0.5]]]


PANEL = """
const { signal } = new AbortController();
window.panel = new module.LossPanel(signal);
document.querySelector("main").replaceChildren(panel.element);
panel.addSteps({ first_step: 1, losses: Array.from({ length: 400 }, (_, i) => 2.4 / (i + 1) + 0.05) });
panel.addEpoch({ epoch: 1, step: 200, test_loss: 0.0625 });
panel.addEpoch({ epoch: 2, step: 400, test_loss: 0.125 });
panel.addMark({ step: 200, kind: "change", text: argument });
panel.refresh();
"""
SPANISH_PHONE = SPANISH | {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.mark.parametrize(
    ("visit", "said"),
    [
        ({}, ["400 steps", "the lowest is 0.0625, after epoch 1", "Step 200: <slower>"]),
        (SPANISH_PHONE, ["400 pasos", "la más baja es 0,0625, tras la época 1", "Paso 200: <slower>"]),
    ],
    indirect=["visit"],
)
def test_the_loss_says_what_it_shows_and_what_happened_where(visit: Visit, said: list[str]) -> None:
    """Its text alternative has the newest and the best loss and each sign; the cursor at a sign shows its text."""
    page = visit.to("train", query="?source")
    module(page, "views/watch_loss.js", PANEL, "<slower>")
    plot = page.locator("#loss")
    for part in said:
        expect(plot).to_have_attribute("aria-label", re.compile(re.escape(part)))
    expect(page.locator("#loss-note")).to_be_visible()
    page.locator("#whole-range").check()
    expect(page.locator("#loss-note")).to_be_hidden()
    box = plot.bounding_box()
    assert box
    plot.hover(position={"x": 54 + (box["width"] - 68) * 199 / 399, "y": 100})
    expect(page.locator("#readout")).to_contain_text(said[-1])
    page.mouse.move(0, 0)
    expect(page.locator("#readout")).not_to_contain_text("<slower>")


def test_the_pad_is_cleared_in_the_presentation_mode(visit: Visit) -> None:
    """A class draws one digit after the other: Escape clears too, and ends the mode only where nothing is drawn."""
    page = visit.to("learn", query="?present=yes")
    assert page.evaluate("location.search") == ""
    stroke(page, THREE)
    expect(page.locator(".reading .answer")).to_contain_text("3")
    page.locator("#clear").click()
    expect(page.locator(".reading .answer")).to_contain_text("?")
    expect(page.locator("#header")).to_be_hidden()
    reading, pad = (page.locator(name).bounding_box() for name in (".reading", "#pad"))
    assert reading
    assert pad
    assert reading["x"] > pad["x"] + pad["width"]
    stroke(page, THREE)
    page.keyboard.press("Escape")
    expect(page.locator("#undo")).to_have_count(1)
    expect(page.locator("#header")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#header")).to_be_visible()


def test_the_ticks_of_a_low_plot_do_not_overlap(visit: Visit) -> None:
    """A plot that is low for its size of text, as in the presentation mode, has fewer ticks."""
    visit.to("lessons", query="?source")
    gaps = """async (sizes) => {
      const { layoutOf } = await import(new URL("page/plots/picture.js", document.baseURI));
      const gapOf = (size) => {
        const { yTicks, toY } = layoutOf({ x: { low: 1, high: 9 }, curves: [{ values: [0.2, 2.4] }] }, size);
        return Math.abs(toY(yTicks[1]) - toY(yTicks[0])) / size.zoom;
      };
      return sizes.map(gapOf);
    }"""
    sizes = [{"width": 600, "height": height, "zoom": zoom} for height, zoom in ((176, 1), (324, 2.6), (230, 2))]
    assert all(gap > 12 for gap in visit.page.evaluate(gaps, sizes))


@pytest.mark.parametrize("visit", [{}, SPANISH_PHONE], indirect=True)
def test_the_presentation_mode_is_large_and_escape_ends_it(visit: Visit, reader: Json) -> None:
    """By a button, or by an address for a link: name, accuracy, loss and one chart, larger and without controls."""
    page = visit.to(f"watch/{reader['id']}?present=yes")
    is_phone = page.viewport_size == {"width": 390, "height": 844}
    for shown in ("h1", "[data-fact=test_accuracy]", "#loss", "#readout"):
        expect(page.locator(shown).first).to_be_visible()
    for hidden in ("#header", "#accuracy", "#log-scale", ".which"):
        expect(page.locator(hidden)).to_be_hidden()
    size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    assert page.evaluate(size) >= (22 if is_phone else 32)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    expect(page.locator("#header")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#header")).to_be_visible()
    assert page.evaluate(size) == 16
    page.locator("#present").click()
    expect(page.locator("#header")).to_be_hidden()
