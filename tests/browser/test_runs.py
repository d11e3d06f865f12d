"""The view of all runs: a table to find, name, star, compare and delete them."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import serious_violations
from tests.browser.jobs import LONG, long_job
from tests.browser.visits import Visit
from tests.servers import finished, start_job

SPANISH_PHONE = {"locale": "es-ES", "viewport": {"width": 390, "height": 844}, "has_touch": True}
QUICK = {"batch_size": 2000}


@pytest.fixture(scope="module")
def two(api: httpx2.Client) -> list[str]:
    """Two finished jobs with names that no other test uses."""
    ids = [start_job(api, **QUICK, name=f"found {name}") for name in ("first", "second")]
    for job_id in ids:
        finished(api, job_id)
    return ids


@pytest.fixture
def extra(api: httpx2.Client) -> Iterator[str]:
    """A finished job that the test may change or delete."""
    job_id = start_job(api, **QUICK, name="to be changed")
    finished(api, job_id)
    yield job_id
    api.delete(f"/v1/jobs/{job_id}")


def _row(page: Page, job_id: str) -> Locator:
    return page.locator(f'#runs tr[data-run="{job_id}"]')


@pytest.mark.parametrize("visit", [{}, SPANISH_PHONE], indirect=True)
def test_runs_are_found_and_chosen_to_compare(visit: Visit, two: list[str]) -> None:
    """The search leaves the runs that match; two chosen ones lead to their comparison. The view is accessible."""
    page = visit.to("runs")
    row = _row(page, two[0])
    expect(row).to_contain_text("tiny")
    expect(row).to_contain_text("1 / 1")
    page.locator("#runs-search").fill("found sgd")
    expect(page.locator("#runs tr.run")).to_have_count(2)
    for box in page.locator("#runs tbody input[type=checkbox]").all():
        box.check()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_violations(page) == []
    page.locator("#runs-compare").click()
    page.wait_for_url("**/#/compare/*")
    assert set(page.url.rpartition("/")[2].split(",")) == set(two)


def test_a_run_is_renamed_noted_and_starred(visit: Visit, api: httpx2.Client, extra: str) -> None:
    """Name, note and star are changed in the row, are kept by the service, and the focus stays in the row."""
    page = visit.to("runs")
    row = _row(page, extra)
    row.locator(".edit").click()
    fields = row.locator("form input")
    fields.nth(0).fill("the new name")
    fields.nth(1).fill("with more momentum")
    fields.nth(1).press("Enter")
    expect(row.locator(".name a")).to_have_text("the new name")
    expect(row.locator(".note")).to_have_text("with more momentum")
    expect(row.locator(".edit")).to_be_focused()
    row.locator(".star").click()
    expect(row.locator(".star")).to_have_attribute("aria-pressed", "true")
    job = api.get(f"/v1/jobs/{extra}").json()
    assert (job["name"], job["metadata"]) == ("the new name", {"note": "with more momentum", "starred": "yes"})
    page.get_by_label("Only with a star").check()
    expect(page.locator("#runs tr.run")).to_have_count(1)
    assert page.url.endswith("starred=yes")


def test_a_run_is_deleted_after_its_name_was_shown(visit: Visit, api: httpx2.Client, extra: str) -> None:
    """The confirmation names the run; nothing is deleted without it."""
    page = visit.to("runs")
    _row(page, extra).locator("input").check()
    page.locator("#runs-delete").click()
    expect(page.locator("dialog h2")).to_have_text("Delete “to be changed”?")
    page.keyboard.press("Escape")
    expect(_row(page, extra)).to_be_visible()
    page.locator("#runs-delete").click()
    page.locator("dialog .danger").click()
    expect(_row(page, extra)).to_have_count(0)
    assert api.get(f"/v1/jobs/{extra}").status_code == httpx2.codes.NOT_FOUND


def test_a_refused_deletion_says_why(visit: Visit, api: httpx2.Client) -> None:
    """A run that trains is not deleted; the dialog stays open with the reason."""
    with long_job(api) as job_id:
        page = visit.to("runs")
        _row(page, job_id).locator("input").check()
        page.locator("#runs-delete").click()
        page.locator("dialog .danger").click()
        expect(page.locator("dialog .trouble li")).to_contain_text("sgd")
        visit.expect_status(409)


def test_the_table_stays_fresh_but_not_while_a_run_is_renamed(visit: Visit, api: httpx2.Client, extra: str) -> None:
    """A new run appears by itself; while a name is edited the table waits, and the focused field keeps its text."""
    page = visit.to("runs")
    _row(page, extra).locator(".edit").click()
    field = _row(page, extra).locator("form input").first
    field.fill("half a na")
    job_id = start_job(api, **LONG, name="arrived")
    try:
        with page.expect_response(re.compile(r"/v1/jobs\?")):
            pass
        page.wait_for_timeout(300)
        expect(field).to_have_value("half a na")
        expect(field).to_be_focused()
        assert _row(page, job_id).count() == 0
        field.press("Escape")
        expect(_row(page, job_id)).to_contain_text("arrived")
    finally:
        api.post(f"/v1/jobs/{job_id}/cancel")
    expect(_row(page, job_id).locator("[data-status=cancelled]")).to_be_visible()


def test_the_runs_of_an_experiment_are_folded(visit: Visit, api: httpx2.Client) -> None:
    """An experiment is one row with its name; a button shows its runs."""
    arms = [
        {"name": name, "config": {"dataset": "tiny", "epochs": epochs, **QUICK}}
        for name, epochs in (("a", 1), ("b", 2))
    ]
    answer = api.post("/v1/experiments", json={"name": "folded", "arms": arms, "seeds": 2, "baseline": "a"})
    assert answer.status_code == httpx2.codes.ACCEPTED, answer.text
    page = visit.to("runs")
    row = page.locator("#runs tr.experiment", has_text="folded")
    expect(row).to_contain_text("Runs: 4")
    before = page.locator("#runs tr.inside").count()
    row.locator("button").click()
    expect(row.locator("button")).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#runs tr.inside")).to_have_count(before + 4)
    api.post(f"/v1/experiments/{answer.json()['id']}/cancel")


def test_arrow_keys_choose_a_run_and_do_not_open_it(visit: Visit, two: list[str]) -> None:
    """In the closed list of runs the arrow keys choose; Enter or the button opens. The list has date and dataset."""
    page = visit.to(f"watch/{two[0]}")
    address = page.url
    runs = page.locator(".which select")
    expect(runs.locator("option").first).to_have_text(re.compile(r" — .* · \d+/\d+/\d+, .* · (tiny|mnist)$"))
    runs.focus()
    runs.press("ArrowUp")
    expect(page.locator(".which button")).to_be_visible()
    assert page.url == address
    chosen = runs.input_value()
    runs.press("Enter")
    page.wait_for_url(f"**/#/watch/{chosen}")


def test_the_list_of_runs_beside_a_run_stays_fresh(visit: Visit, api: httpx2.Client, two: list[str]) -> None:
    """A run that starts while another one is watched can be chosen without a reload."""
    page = visit.to(f"watch/{two[0]}")
    job_id = start_job(api, **QUICK, name="started elsewhere")
    expect(page.locator(f'.which option[value="{job_id}"]')).to_contain_text("started elsewhere")
    expect(page.locator(".which select")).to_have_value(two[0])
    finished(api, job_id)
