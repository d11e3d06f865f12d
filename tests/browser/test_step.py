"""The view of one training step."""

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browser.visits import Visit
from tests.servers import Json, finished, start_job


@pytest.fixture(scope="module")
def recorded(api: httpx2.Client) -> Json:
    """A finished job that has recorded three steps."""
    return finished(api, start_job(api, dataset="tiny", epochs=1, record_steps=3, name="recorded"))


PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "es-ES"}


@pytest.mark.parametrize("visit", [{}, PHONE], indirect=True, ids=["desktop", "phone"])
def test_a_button_goes_from_step_to_step(visit: Visit, api: httpx2.Client, recorded: Json) -> None:
    """Each step shows its own pictures and loss, the address names it, and the last step has no next one."""
    page = visit.to(f"step/{recorded['id']}")
    for number in (1, 2, 3):
        step = api.get(f"/v1/jobs/{recorded['id']}/steps/{number}").json()
        expect(page.locator(f'.step-parts[data-step="{number}"]')).to_be_visible()
        expect(page.locator("#step-batch li")).to_have_text([str(sample["label"]) for sample in step["samples"]])
        wrong = [sample for sample in step["samples"] if sample["label"] != sample["prediction"]]
        expect(page.locator("#step-predictions li.wrong")).to_have_count(len(wrong))
        expect(page.locator("#step-predictions code")).to_have_text("predictions = model(images_batch)")
        if number < 3:
            page.click("#step-next")
    expect(page.locator("#step-next")).to_be_disabled()
    assert page.url.endswith(f"#/step/{recorded['id']}/3")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_run_without_recorded_steps_is_trained_again(visit: Visit, api: httpx2.Client) -> None:
    """The view offers it, with the same configuration and seed, and shows the first step as it arrives."""
    plain = finished(api, start_job(api, dataset="tiny", epochs=2, optimizer={"learning_rate": 0.05}, seed=7))
    page = visit.to(f"step/{plain['id']}")
    page.click("#step-start")
    expect(page.locator('.step-parts[data-step="1"]')).to_be_visible()
    again = api.get(f"/v1/jobs/{page.url.rpartition('/')[2]}").json()
    assert (again["record_steps"], again["epochs"], again["seed"]) == (20, 1, 7)
    assert (again["optimizer"], again["network"]) == (plain["optimizer"], plain["network"])
