"""The view of a job while it trains."""

import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.jobs import LONG, long_job, without_rate
from tests.browser.visits import FRAMES_A_SECOND, PATIENCE_MS, Visit
from tests.servers import OVERFLOWING, Json, Server, finished, job_where, start_job, training, until

SPANISH = {"locale": "es-ES"}


def expect_steps(page: Page, steps: int) -> None:
    """Wait until the loss curve has *steps* steps."""
    expect(page.locator("#loss")).to_have_attribute("aria-label", re.compile(rf" {steps:,} steps"))


def test_the_curve_grows_while_the_job_trains(visit: Visit, api: httpx2.Client) -> None:
    """New steps appear without a reload."""
    with long_job(api) as job_id:
        page = visit.to(f"watch/{job_id}")
        curve = page.locator("#loss")
        expect(curve).to_have_attribute("aria-label", re.compile(r"[1-9][\d,]* steps"))
        before = curve.get_attribute("aria-label") or ""
        expect(curve).not_to_have_attribute("aria-label", before)
        assert _steps(curve.get_attribute("aria-label") or "") > _steps(before)
        expect(page.locator("#state [data-status=running]")).to_be_visible()


def _steps(label: str) -> int:
    found = re.search(r"([\d,]+) steps", label)
    assert found, label
    return int(found[1].replace(",", ""))


def test_a_job_is_paused_resumed_changed_and_cancelled(visit: Visit, api: httpx2.Client) -> None:
    """The badge and the log show when a job is paused, resumed, changed and cancelled."""
    with long_job(api) as job_id:
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
        assert api.get(f"/v1/jobs/{job_id}").json()["optimizer"]["learning_rate"] == pytest.approx(0.02)


def test_a_queued_job_shows_its_place_and_when_it_will_start(visit: Visit, api: httpx2.Client) -> None:
    """A job behind two long ones, which have all workers, is the first in the queue, and they end within the hour."""
    with long_job(api), long_job(api):
        job_id = start_job(api, **LONG)
        facts = visit.to(f"watch/{job_id}").locator(".facts")
        expect(facts.locator("[data-fact=queue_position]")).to_have_text("Place in the queue1")
        expect(facts.locator("[data-fact=starts_in]")).to_have_text(re.compile(r"Starts in about\d+:\d\d"))
        api.post(f"/v1/jobs/{job_id}/cancel")
        expect(facts.locator("[data-fact=queue_position]")).to_have_count(0)


def test_a_run_that_was_cancelled_in_the_queue_says_so_instead_of_empty_charts(
    visit: Visit, api: httpx2.Client
) -> None:
    """Watch, Look inside and Draw say that it has trained nothing; Watch shows neither zeros nor charts."""
    with long_job(api), long_job(api):
        job_id = start_job(api, **LONG)
        api.post(f"/v1/jobs/{job_id}/cancel")
    page = visit.to(f"watch/{job_id}")
    expect(page.locator("#untrained")).to_contain_text("cancelled before its first step")
    expect(page.locator("#loss")).to_be_hidden()
    expect(page.locator(".facts")).to_be_hidden()
    for view in (f"look/{job_id}", f"draw/job:{job_id}"):
        expect(visit.to(view).locator(".trouble", has_text="cancelled before its first step")).to_be_visible()


def test_a_run_that_learned_nothing_is_no_success_and_its_advice_is_one_click(visit: Visit, api: httpx2.Client) -> None:
    """Badge and sentence say so with the reason; the button of the diagnostic opens the form with another rate."""
    page = visit.to(f"watch/{without_rate(api)['id']}")
    expect(page.locator("#state")).to_have_text("finished, but it learned nothing")
    expect(page.locator("#verdict")).to_contain_text("The learning rate is 0")
    page.locator("[data-code=zero_learning_rate] .advice").click()
    page.wait_for_selector("main[data-view=train][data-ready=yes]")
    expect(page.locator('[data-pointer="/optimizer/learning_rate"]')).to_have_value("1")
    expect(page.locator('[data-pointer="/dataset"]')).to_have_value("tiny")
    expect(visit.to("runs").locator(".badge.nothing").first).to_have_text("finished, but it learned nothing")


@pytest.mark.parametrize("visit", [SPANISH], indirect=True)
def test_epochs_and_diagnostics_are_announced_seldom(visit: Visit, api: httpx2.Client) -> None:
    """A job with an epoch in a few tenths of a second makes few announcements; that it ended is announced at once."""
    with long_job(api) as job_id:
        page = visit.to(f"watch/{job_id}")
        page.evaluate(_RECORD_ANNOUNCEMENTS)
        page.wait_for_function("() => announced.some(({ text }) => text.startsWith('Terminó la época'))")
        page.wait_for_timeout(7000)
    page.wait_for_function("() => announced.at(-1).text.includes('cancelado')")
    times = page.evaluate("announced.filter(({ text }) => text.startsWith('Terminó')).map(({ at }) => at)")
    assert all(later - earlier > 5000 for earlier, later in pairwise(times)), times  # milliseconds


_RECORD_ANNOUNCEMENTS = """() => {
  window.announced = [];
  const announcer = document.querySelector("#announcer");
  const record = () => announced.push({ at: performance.now(), text: announcer.textContent });
  new MutationObserver(record).observe(announcer, { childList: true });
}"""


def test_a_run_can_be_copied_as_curl_and_as_python_and_both_run(visit: Visit, api: httpx2.Client) -> None:
    """Each creates a job with the configuration of the run, as it stands on the page."""
    job = without_rate(api)
    page = visit.to(f"watch/{job['id']}")
    page.locator("#code summary").click()
    expect(page.locator("#python")).to_contain_text("naivenet_client")
    curl, python = page.locator("#curl").text_content() or "", page.locator("#python").text_content() or ""
    programs = ["bash", "-c", curl], [sys.executable, "-c", python]
    for program in programs:
        subprocess.run(program, check=True, capture_output=True, timeout=PATIENCE_MS / 1000)
    again = api.get("/v1/jobs", params={"limit": 2}).json()["data"]
    for name in ("network", "optimizer", "dataset", "epochs", "batch_size", "seed", "preset"):
        assert [each[name] for each in again] == [job[name]] * 2


def test_the_tabs_of_a_run_lead_to_its_other_views(visit: Visit, reader: Json) -> None:
    """By keyboard: the tab after the marked one opens Look inside of the same run, and is marked there."""
    page = visit.to(f"watch/{reader['id']}")
    page.locator(".tabs a[aria-current=page]").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/#/look/{reader['id']}")
    expect(page.locator("main[data-view=look] .tabs a[aria-current=page]")).to_have_text("Look inside")


def test_a_run_is_described_in_one_line_and_renamed(visit: Visit, api: httpx2.Client, reader: Json) -> None:
    """The line has layers, optimizer, batch, epochs, seed, preset and dataset; Enter saves another name."""
    page = visit.to(f"watch/{reader['id']}")
    network = "512 relu \N{EN DASH} 10 softmax"
    rest = "sgd, rate 0.1, momentum 0.9 · batch 128 · 2 epochs · seed 1 · Accurate · mnist"
    expect(page.locator(".run-line")).to_have_text(f"{network} · {rest}")
    page.locator("#rename").click()
    page.locator('[data-pointer="/name"]').fill("my reader")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("my reader")
    expect(page.locator("#rename")).to_be_focused()
    assert api.get(f"/v1/jobs/{reader['id']}").json()["name"] == "my reader"
    api.patch(f"/v1/jobs/{reader['id']}", json={"name": "reader"})


def test_a_reloaded_page_shows_every_step_once(visit: Visit, api: httpx2.Client) -> None:
    """After a reload in the middle of the job, the curve has every step from the first on, once."""
    with long_job(api) as job_id:
        page = visit.to(f"watch/{job_id}")
        page.reload()
        job_where(api, job_id, lambda job: job["progress"]["epoch"] > 1)
    expect(page.locator("#state [data-status=cancelled]")).to_be_visible()
    expect_steps(page, api.get(f"/v1/jobs/{job_id}/history").json()["total_points"])


def test_a_hidden_tab_has_no_stream(visit: Visit, api: httpx2.Client) -> None:
    """A browser has six connections for all its tabs: a hidden tab closes its stream, and misses nothing afterwards."""

    def has_streams(count: int) -> bool:
        return f"naivenet_watchers {count}.0" in api.get("/metrics").text

    with long_job(api) as job_id:
        page = visit.to(f"watch/{job_id}")
        until(lambda: has_streams(1), what="the stream")
        page.evaluate(_SET_HIDDEN, True)  # noqa: FBT003  # as JavaScript gets it
        until(lambda: has_streams(0), what="the stream to end")
        expect(page.locator(".link[role=status]")).to_be_hidden()
        page.evaluate(_SET_HIDDEN, False)  # noqa: FBT003  # likewise
        until(lambda: has_streams(1), what="the stream to come back")
    expect(page.locator("#state [data-status=cancelled]")).to_be_visible()
    expect_steps(page, api.get(f"/v1/jobs/{job_id}/history").json()["total_points"])


_SET_HIDDEN = """hidden => {
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_page_reconnects_after_the_service_was_killed(visit: Visit, start_server: Callable[..., Server]) -> None:
    """Once the service runs again, the page reconnects by itself; no step is missing or appears twice."""
    server = start_server(worker_timeout_s=3)
    visit.base_url = server.base_url
    with server.client() as api:
        job_id = start_job(api, **LONG)
        training(api, job_id)
    page = visit.to(f"watch/{job_id}")
    server.kill()
    expect(page.locator("#outage")).to_be_visible()
    server.start()
    expect(page.locator("#outage")).to_be_hidden()
    with server.client() as api:
        api.post(f"/v1/jobs/{job_id}/cancel")
        expect(page.locator("#state [data-status=cancelled]")).to_be_visible()
        expect_steps(page, api.get(f"/v1/jobs/{job_id}/history").json()["total_points"])
    page.goto("about:blank")  # this server ends before the page does
    visit.expect_failed_requests("net::ERR_")


@pytest.mark.parametrize("visit", [SPANISH], indirect=True)
def test_the_failure_of_a_job_is_shown_in_the_visitors_language(visit: Visit, api: httpx2.Client) -> None:
    """The page translates the failure by its code."""
    job_id = start_job(api, **OVERFLOWING)
    assert finished(api, job_id)["error"]["code"] == "diverged"
    page = visit.to(f"watch/{job_id}")
    expect(page.locator(".failure")).to_contain_text("el entrenamiento divergió")


@pytest.mark.parametrize("setting", ["input[type=range]", "#log-scale"])
def test_smoothing_and_the_logarithmic_scale_redraw_the_curve(visit: Visit, reader: Json, setting: str) -> None:
    """Each setting changes the picture."""
    page = visit.to(f"watch/{reader['id']}")
    expect_steps(page, reader["progress"]["step"])
    before = _picture_at_rest(page)
    page.locator(f".knobs {setting}").focus()
    page.keyboard.press("Home" if "range" in setting else "Space")
    page.wait_for_function("before => document.querySelector('#loss').toDataURL() !== before", arg=before)


def _picture_at_rest(page: Page) -> str:
    """Return the curve's picture once it has not changed for two tenths of a second."""
    picture, previous = page.evaluate(PICTURE), ""
    while picture != previous:
        page.wait_for_timeout(200)
        picture, previous = page.evaluate(PICTURE), picture
    return str(picture)


PICTURE = "document.querySelector('#loss').toDataURL()"


def test_fifty_thousand_points_are_drawn(
    visit: Visit, api: httpx2.Client, record_property: Callable[..., None]
) -> None:
    """A curve of 50,000 points follows the pointer. The report contains the frames per second."""
    layers = [{"units": 10, "activation": "softmax"}]
    job_id = start_job(api, batch_size=1, epochs=25, network={"layers": layers})
    assert finished(api, job_id)["progress"]["step"] == 50_000
    page = visit.to(f"watch/{job_id}")
    expect_steps(page, 50_000)
    frames = page.evaluate(FRAMES_A_SECOND)
    record_property("frames_a_second", frames)
    print(f"\n{frames:.0f} frames a second at 50,000 points")  # noqa: T201  # the figure is what the test reports
    assert frames > 0
