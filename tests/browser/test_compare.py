"""The view that compares jobs."""

import re

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browser.jobs import long_job
from tests.browser.visits import Visit
from tests.servers import Json, finished, start_job


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
        seconds = page.locator("#differences tbody td").nth(-2)
        expect(seconds).not_to_have_text(seconds.inner_text())
        expect(button).to_be_focused()
