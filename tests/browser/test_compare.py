"""The view that compares jobs."""

import csv
import re

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browser.jobs import long_job
from tests.browser.visits import Visit
from tests.servers import Json, finished, start_job

PHONE = {"locale": "es-ES", "viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.fixture(scope="module")
def seven_jobs(api: httpx2.Client) -> list[str]:
    """Finished jobs with different learning rates: one more than the chart has colours."""
    rates = (0.1, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06)
    ids = [start_job(api, batch_size=2000, name=f"rate {rate}", optimizer={"learning_rate": rate}) for rate in rates]
    for job_id in ids:
        finished(api, job_id)
    return ids


def test_two_jobs_are_compared_sorted_and_forked(visit: Visit, seven_jobs: list[str]) -> None:
    """The table shows what differs and sorts by it; a fork continues one job with a change."""
    page = visit.to(f"compare/{','.join(seven_jobs[:2])}")
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


@pytest.fixture(scope="module")
def two_optimizers(api: httpx2.Client) -> list[str]:
    """Finished jobs with another optimizer, other layers and other batch sizes; both have two epochs."""
    layer = {"units": 8, "activation": "relu", "initializer": {"name": "he_normal"}}
    output = {"units": 10, "activation": "softmax", "initializer": {"name": "he_normal"}}
    configs: list[Json] = [
        {
            "name": "Ädam, fast",
            "optimizer": {"name": "adam"},
            "batch_size": 200,
            "network": {"layers": [layer, output]},
        },
        {"name": "sgd", "batch_size": 500, "network": {"layers": [layer, layer, output]}},
    ]
    ids = [start_job(api, epochs=2, **config) for config in configs]
    for job_id in ids:
        finished(api, job_id)
    return ids


@pytest.mark.parametrize("visit", [{}, PHONE], indirect=True)
def test_results_are_first_and_names_stay_in_sight(visit: Visit, two_optimizers: list[str]) -> None:
    """The table with the marked best results is above the chart; its names stay when it scrolls sideways."""
    page = visit.to(f"compare/{','.join(two_optimizers)}")
    table = page.locator("#differences")
    expect(page.locator("#overlay[data-drawn]")).to_be_visible()
    top = table.bounding_box()
    assert top
    assert top["y"] < page.locator("#overlay").bounding_box()["y"]  # type: ignore[index]  # it is visible
    assert top["y"] < page.viewport_size["height"] / 2  # type: ignore[index]  # the visit has a size
    for column in ("test_accuracy", "test_loss"):
        expect(table.locator(f'td.best[data-column="{column}"]')).not_to_have_count(0)
    name = table.locator("tbody th").first
    before = name.bounding_box()
    page.locator(".results .scroll").evaluate("place => place.scrollLeft = 200")
    assert name.bounding_box()["x"] == before["x"]  # type: ignore[index]  # it is visible
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_parameters_of_another_optimizer_are_one_cell(visit: Visit, two_optimizers: list[str]) -> None:
    """Adam's parameters and the layers are folded; the learning rate, which both have, is a column."""
    page = visit.to(f"compare/{','.join(two_optimizers)}")
    heads = page.locator("#differences thead th")
    expect(heads.filter(has_text="Optimizer")).to_have_count(1)
    expect(heads.filter(has_text="Layers")).to_have_count(1)
    cells = page.locator("#differences tbody tr", has_text="Ädam").locator("td")
    expect(cells.filter(has_text="adam: β₁ 0.9, β₂ 0.999, ε")).to_have_count(1)
    heights = "rows => new Set(rows.map((row) => Math.round(row.getBoundingClientRect().height))).size"
    assert page.locator("#differences tbody tr").evaluate_all(heights) == 1
    expect(page.locator("#differences td").filter(has_text=re.compile("8 relu . 8 relu . 10 softmax"))).to_have_count(1)


def test_all_runs_are_compared_at_the_pointed_place(visit: Visit, two_optimizers: list[str]) -> None:
    """A table has the values of all runs at the cursor, the best first, by pointer and by keyboard; runs are hidden."""
    page = visit.to(f"compare/{','.join(two_optimizers)}?figure=test_accuracy")
    expect(page.locator("#overlay[data-drawn]")).to_be_visible()
    canvas, values = page.locator("#overlay canvas"), page.locator(".pointed")
    canvas.hover()
    expect(values.locator("tbody tr")).to_have_count(2)
    canvas.focus()
    page.mouse.move(0, 0)
    canvas.press("ArrowLeft")
    expect(values.locator("caption")).to_have_text("Epoch 2")
    shown = [float(text.rstrip("%")) for text in values.locator("td").all_inner_texts()]
    assert shown == sorted(shown, reverse=True)
    expect(page.locator("#announcer")).to_contain_text("Epoch 2")
    canvas.press("Escape")
    expect(values).to_be_hidden()
    page.locator(".runs-legend button", has_text="sgd").click()
    canvas.hover()
    expect(values.locator("tbody tr")).to_have_count(1)


def test_runs_are_filtered_and_pinned(visit: Visit, two_optimizers: list[str]) -> None:
    """A pinned run stays in the filtered list, first and chosen; the address keeps it and what the chart shows."""
    adam, sgd = two_optimizers
    page = visit.to(f"compare/{adam},{sgd}")
    page.get_by_label("Pin sgd", exact=True).click()
    expect(page.locator("#differences tbody tr").first).to_contain_text("sgd")
    page.locator("#compare-filter").fill("Ädam")
    expect(page.locator(".runs li")).to_have_count(2)
    expect(page.locator(f'.runs input[value="{sgd}"]')).to_be_disabled()
    page.locator("#x-axis").select_option("images")
    expect(page.locator("#overlay[data-drawn*='x=images']")).to_be_visible()
    page.reload()
    expect(page.locator("#differences tbody tr").first).to_contain_text("sgd")
    expect(page.locator("#x-axis")).to_have_value("images")


def test_exports_have_names_of_their_own(visit: Visit, two_optimizers: list[str]) -> None:
    """The table is saved as CSV, and the chart as a picture, under the names of the runs and the date."""
    page = visit.to(f"compare/{','.join(two_optimizers)}")
    expect(page.locator("#overlay[data-drawn]")).to_be_visible()
    with page.expect_download() as saved:
        page.locator("#compare-csv").click()
    assert re.fullmatch(r"compare-sgd-vs-adam-fast-\d{4}-\d\d-\d\d\.csv", saved.value.suggested_filename)
    rows = list(csv.DictReader(saved.value.path().read_text(encoding="utf-8").splitlines()))
    assert {row["run"]: row["/batch_size"] for row in rows} == {"Ädam, fast": "200", "sgd": "500"}
    assert all(0 <= float(row["test_accuracy"]) <= 1 for row in rows)
    with page.expect_download() as saved:
        page.locator(".saves button", has_text="SVG").click()
    assert saved.value.suggested_filename.endswith(".svg")
    assert saved.value.path().read_text(encoding="utf-8").startswith("<svg")


def test_a_run_is_repeated_with_eight_seeds(visit: Visit, api: httpx2.Client) -> None:
    """Eight runs that differ in the seed only are one group, whose curve has a band; the visitor can take it apart."""
    page = visit.to("train")
    page.locator('[data-pointer="/dataset"]').select_option("tiny")
    page.locator('[data-pointer="/epochs"]').fill("1")
    page.locator('[data-pointer="/name"]').fill("repeated")
    page.locator("#repeat").click()
    page.wait_for_url("**/#/compare/job_*")
    ids = page.url.rpartition("/")[2].split(",")
    assert [api.get(f"/v1/jobs/{job_id}").json()["seed"] for job_id in ids] == [1, 2, 3, 4, 5, 6, 7, 8]
    for job_id in ids:
        finished(api, job_id)
    row = page.locator("#groups tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("repeated")
    expect(row).to_contain_text(re.compile(r"\d% ± \d"))
    expect(page.locator("#overlay[data-drawn*='group=config'] canvas")).to_be_visible()
    page.locator("#grouped").uncheck()
    expect(page.locator("#overlay[data-drawn]:not([data-drawn*='group=config']) canvas")).to_be_visible()
    expect(page.locator("#groups")).to_be_hidden()


def test_an_error_that_is_sent_twice_is_shown_once(visit: Visit, reader: Json) -> None:
    """Sending a form again removes the errors of the first time."""
    page = visit.to(f"compare/{reader['id']}")
    page.locator("#differences tbody button").first.click()
    epochs = page.locator('.fork [data-pointer="/epochs"]')
    for _ in range(2):
        epochs.fill("-1")
        with page.expect_response("**/fork"):
            page.locator(".fork button.main").click()
        expect(page.locator(".fork .error")).to_have_count(1)
    visit.expect_status(422)


def test_the_seventh_job_has_a_dashed_curve(visit: Visit, api: httpx2.Client, seven_jobs: list[str]) -> None:
    """The seventh job has the first one's colour and a dash, in the chart and in the table."""
    ids = ",".join(seven_jobs)
    chart = api.get(f"/v1/compare/curve.json?jobs={ids}").json()
    dashes = chart["layer"][0]["encoding"]["strokeDash"]["scale"]["range"]
    assert dashes[:6] == [[1, 0]] * 6
    assert dashes[6] != [1, 0]
    page = visit.to(f"compare/{ids}")
    expect(page.locator("#differences .key")).to_have_count(7)
    expect(page.locator("#differences .key.curve")).to_have_count(2)
    expect(page.locator("#differences .key.curve.dashed")).to_have_count(1)


def test_an_updated_table_keeps_the_focus(visit: Visit, api: httpx2.Client) -> None:
    """A keyboard user keeps the focused button while a job's metrics are updated."""
    with long_job(api) as job_id:
        page = visit.to(f"compare/{job_id}")
        button = page.locator("#differences tbody button")
        button.focus()
        heads = page.locator("#differences thead :is(th, td)").all_inner_texts()
        seconds = page.locator("#differences tbody td").nth(heads.index("Seconds") - 1)
        expect(seconds).not_to_have_text(seconds.inner_text())
        expect(button).to_be_focused()


def test_a_deleted_run_is_named_and_the_others_are_compared(
    visit: Visit, api: httpx2.Client, two_optimizers: list[str]
) -> None:
    """Also where it is deleted while it is compared; an id that never was is named too."""
    extra = finished(api, start_job(api, batch_size=2000, name="deleted soon"))["id"]
    page = visit.to(f"compare/job_never,{','.join(two_optimizers)},{extra}?pinned=job_never")
    expect(page.locator("#differences tbody tr")).to_have_count(3)
    expect(page.locator("#overlay[data-drawn]")).to_be_visible()
    expect(page.locator("#gone")).to_contain_text("job_never")
    assert not [
        url for url in visit.requests if "/v1/jobs/job_" in url
    ]  # one request of the list reads all that it lacks
    api.delete(f"/v1/jobs/{extra}").raise_for_status()
    page.locator("#x-axis").select_option("images")
    expect(page.locator("#differences tbody tr")).to_have_count(2)
    expect(page.locator("#gone")).to_contain_text(extra)
    expect(page.locator("#overlay[data-drawn*='x=images']")).to_be_visible()
    visit.expect_status(404)


@pytest.fixture(scope="module")
def at_chance(api: httpx2.Client) -> str:
    """A finished run whose learning rate of nearly nothing taught it nothing."""
    zeros = {"units": 10, "activation": "softmax", "initializer": {"name": "constant", "value": 0}}
    config = {"optimizer": {"learning_rate": 1e-9}, "network": {"layers": [zeros]}, "batch_size": 500}
    return str(finished(api, start_job(api, name="learned nothing", **config))["id"])


@pytest.mark.parametrize("view", ["compare/{}", "runs"])
def test_a_run_that_learned_nothing_is_no_success(visit: Visit, at_chance: str, view: str) -> None:
    """Compare and Runs say so, as Watch does."""
    page = visit.to(view.format(at_chance))
    badge = page.locator("tr", has_text="learned nothing").locator("[data-status=succeeded]").first
    expect(badge).to_have_text("finished, but it learned nothing")
    expect(badge).to_have_class("badge nothing")


def test_a_run_that_never_trained_says_so(visit: Visit, api: httpx2.Client, reader: Json) -> None:
    """A run that was cancelled in the queue took no step."""
    with long_job(api), long_job(api):
        queued = start_job(api, name="never trained")
        api.post(f"/v1/jobs/{queued}/cancel").raise_for_status()
    page = visit.to(f"compare/{queued},{reader['id']}")
    expect(page.locator(f'tr:has(a[href="#/watch/{queued}"]) .badge')).to_have_text("cancelled before the first step")
