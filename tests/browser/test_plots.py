"""The page's plots and numbers: what their modules compute and write."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from naivenet.plots import smoothed
from tests.browser.visits import Visit

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
const { percent, fieldText, measuredColumn, exactColumn, axisNumber } = module;
return [
  [0.99955, 1, 0, 0.00001].map((share) => percent(share)),
  [0.01, 1e-7, 50000].map(fieldText),
  [2.3026, 0.1, 0.00045].map(measuredColumn([2.3026, 0.1, 0.00045])),
  [0.001, 0.1, 1].map(exactColumn([0.001, 0.1, 1])),
  [0.98, 0.985].map(axisNumber(0.005, { isShare: true })),
];
"""
ENGLISH_NUMBERS = [
    ["99.9%", "100.0%", "0.0%", "0.1%"],
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
