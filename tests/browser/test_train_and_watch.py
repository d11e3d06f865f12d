"""Train from the form, and watch it learn."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visits import FRAMES_A_SECOND, LONG, PATIENCE_MS, Visit
from tests.servers import OVERFLOWING, Json, Server, finished, job_where, start_job, training

expect.set_options(timeout=PATIENCE_MS)


def start_from_form(page: Page, **fields: Any) -> str:
    """Fill the form, by the fields' pointers, and start; the job's id."""
    page.locator('[data-pointer="/dataset"]').select_option("mnist")
    for name, value in fields.items():
        page.locator(f'[data-pointer="/{name}"]').fill(str(value))
    page.locator("#start").click()
    page.wait_for_url(re.compile(r"#/watch/job_"))
    return page.url.rpartition("/")[2]


def test_a_job_from_the_form_trains_to_its_end_and_its_loss_falls(visit: Visit, served: Server) -> None:
    """Whoever fills the form sees each epoch come, and the loss fall."""
    page = visit.to("train")
    page.locator("#add-layer").click()
    job_id = start_from_form(page, epochs=3, name="from the form")

    expect(page.locator("#state [data-status=succeeded]")).to_be_visible()
    expect(page.locator("#epochs tbody tr")).to_have_count(3)
    with served.client() as client:
        job = client.get(f"/v1/jobs/{job_id}").json()
        epochs = client.get(f"/v1/jobs/{job_id}/history?granularity=epoch").json()["data"]
    assert [layer["units"] for layer in job["network"]["layers"]] == [512, 64, 10]
    assert epochs[-1]["loss"] < epochs[0]["loss"]
    expect(page.locator("#loss")).to_have_attribute("aria-label", re.compile(rf"{job['progress']['step']:,} steps"))


def test_the_curl_line_asks_for_what_the_form_shows(visit: Visit, served: Server) -> None:
    """The line to copy has every change that was made in the form, and no more."""
    page = visit.to("train")
    page.locator('[data-pointer="/optimizer"]').select_option("adam")
    page.locator('[data-pointer="/optimizer/learning_rate"]').fill("0.002")
    shown = page.locator("#curl").inner_text()
    assert served.base_url + "/v1/jobs" in shown
    assert "Authorization" not in shown
    assert '"preset":"accurate"' in shown
    assert '"name":"adam"' in shown
    assert '"learning_rate":0.002' in shown
    assert '"epochs"' not in shown


@pytest.mark.parametrize("written", ["1,000", "1.000", "1 000", "1000"])
def test_thousands_are_read_as_the_page_writes_them(visit: Visit, written: str) -> None:
    """A whole number may have its thousands parted, in any language; a rate has a point or a comma."""
    page = visit.to("train")
    page.locator('[data-pointer="/epochs"]').fill(written)
    page.locator('[data-pointer="/optimizer/learning_rate"]').fill("0,125")
    shown = page.locator("#curl").inner_text()
    assert '"epochs":1000' in shown
    assert '"learning_rate":0.125' in shown


def test_an_error_is_told_beside_its_field(visit: Visit) -> None:
    """What the service refuses is said beside the field it is about, which is marked and has the focus."""
    page = visit.to("train")
    rate = page.locator('[data-pointer="/optimizer/learning_rate"]')
    rate.fill("-1")
    page.locator("#start").click()

    expect(rate).to_have_attribute("aria-invalid", "true")
    expect(rate.locator("xpath=..").locator(".error")).to_contain_text("greater than or equal to 0")
    expect(rate).to_be_focused()
    visit.overlook("the server responded with a status of 422")


@pytest.mark.parametrize("visit", [{"locale": "es-ES"}], indirect=True)
def test_an_error_is_told_in_the_readers_language(visit: Visit) -> None:
    """With the numbers that it has in it, as that language writes them."""
    page = visit.to("train")
    epochs, rate = (page.locator(f'[data-pointer="/{name}"]') for name in ("epochs", "optimizer/learning_rate"))
    epochs.fill("2,5")
    rate.fill("-1")
    page.locator("#start").click()
    expect(epochs.locator("xpath=..").locator(".error")).to_have_text("Debe ser un número entero.")
    expect(rate.locator("xpath=..").locator(".error")).to_have_text("Debe ser 0 o más.")
    visit.overlook("the server responded with a status of 422")


@pytest.mark.parametrize("visit", [{"locale": "es-ES"}], indirect=True)
def test_why_a_run_failed_is_told_in_the_readers_language(visit: Visit, served: Server) -> None:
    """By the code of what went wrong."""
    with served.client() as client:
        job_id = start_job(client, **OVERFLOWING)
        assert finished(client, job_id)["error"]["code"] == "diverged"
    page = visit.to(f"watch/{job_id}")
    expect(page.locator(".failure")).to_contain_text("el entrenamiento divergió")


def test_an_error_about_a_list_is_told_where_the_list_ends(visit: Visit) -> None:
    """What is said of all the layers stands beneath them; it goes when the form is sent again."""
    page = visit.to("train")
    for _ in range(15):
        page.locator("#add-layer").click()
    page.locator("#start").click()
    expect(page.locator(".network > .error")).to_contain_text("At most 16 layers")
    page.locator(".layer .remove").first.click()
    expect(page.locator(".network > .error")).to_have_count(0)
    visit.overlook("the server responded with a status of 422")


def test_a_run_is_paused_goes_on_with_another_rate_and_is_cancelled(visit: Visit, served: Server) -> None:
    """Pause, go on, change the rate, cancel: the badge and the log say each."""
    with served.client() as client:
        job_id = start_job(client, **LONG)
        training(client, job_id)
        page = visit.to(f"watch/{job_id}")
        page.locator("#control-pause").press("Enter")
        expect(page.locator("#state [data-status=paused]")).to_be_visible()
        expect(page.locator("#control-resume")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#state [data-status=running]")).to_be_visible()
        page.locator('[data-pointer="/optimizer/learning_rate"]').fill("0.02")
        page.locator("#change-rate").click()
        expect(page.locator("#diagnostics .change")).to_contain_text("Learning rate 0.02")
        expect(page.locator("#diagnostics .change")).not_to_contain_text("Momentum")
        page.locator("#control-cancel").click()
        expect(page.locator("#state [data-status=cancelled]")).to_be_visible()
        assert client.get(f"/v1/jobs/{job_id}").json()["optimizer"]["learning_rate"] == pytest.approx(0.02)


def test_a_page_that_was_closed_comes_back_complete(visit: Visit, served: Server) -> None:
    """Reload in the middle of a run: every step from the first on is there, once."""
    with served.client() as client:
        job_id = start_job(client, **LONG)
        training(client, job_id)
        page = visit.to(f"watch/{job_id}")
        page.reload()
        job_where(client, job_id, lambda job: job["progress"]["epoch"] > 1)
        client.post(f"/v1/jobs/{job_id}/cancel")
        expect(page.locator("#state [data-status=cancelled]")).to_be_visible()
        history = client.get(f"/v1/jobs/{job_id}/history").json()
    expect(page.locator("#loss")).to_have_attribute("aria-label", re.compile(rf" {history['total_points']:,} steps"))


def test_a_page_that_lost_its_service_comes_back_complete(visit: Visit, start_server: Callable[..., Server]) -> None:
    """A service that was killed and started again is watched on, and nothing is missed or seen twice."""
    server = start_server()
    visit.base_url = server.base_url
    with server.client() as client:
        job_id = start_job(client, **LONG)
        training(client, job_id)
    page = visit.to(f"watch/{job_id}")
    server.kill()
    expect(page.locator(".link")).to_be_visible()
    server.start()
    expect(page.locator(".link")).to_be_hidden()
    with server.client() as client:
        client.post(f"/v1/jobs/{job_id}/cancel")
        expect(page.locator("#state [data-status=cancelled]")).to_be_visible()
        total = client.get(f"/v1/jobs/{job_id}/history").json()["total_points"]
    expect(page.locator("#loss")).to_have_attribute("aria-label", re.compile(rf" {total:,} steps"))
    visit.overlook("net::ERR_")


@pytest.mark.parametrize(("epochs", "marked"), [(1, [1]), (60, [*range(1, 61)]), (61, [*range(2, 62, 2)])])
def test_of_many_epochs_the_page_marks_those_that_the_charts_do(visit: Visit, epochs: int, marked: list[int]) -> None:
    """At most sixty, and those of round numbers; beyond some hundreds every tenth, twentieth, fiftieth."""
    count = "async (epochs) => (await import('./page/plots/plot.js')).marked(epochs)"
    page = visit.to("train")
    assert page.evaluate(count, epochs) == marked
    assert page.evaluate(count, 1001) == [*range(20, 1001, 20)]


def test_fifty_thousand_points_are_drawn_without_a_hitch(visit: Visit, served: Server, record_property: Any) -> None:
    """A curve of 50,000 points follows the pointer; how many frames a second is noted."""
    with served.client() as client:
        body = {"batch_size": 1, "epochs": 25, "network": {"layers": [{"units": 10, "activation": "softmax"}]}}
        job_id = start_job(client, **body)
        job: Json = job_where(client, job_id, lambda one: one["status"] == "succeeded")
    assert job["progress"]["step"] == 50_000
    page = visit.to(f"watch/{job_id}")
    expect(page.locator("#loss")).to_have_attribute("aria-label", re.compile("50,000 steps"))
    frames = page.evaluate(FRAMES_A_SECOND)
    record_property("frames_a_second", frames)
    print(f"\n{frames:.0f} frames a second at 50,000 points")  # noqa: T201
    assert frames > 0
