"""Experiments on the page: described by the form, and shown while their runs arrive."""

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import serious_violations
from tests.browser.jobs import LONG
from tests.browser.visits import Visit
from tests.servers import OVERFLOWING, Json, until

SPANISH_PHONE = {"locale": "es-ES", "viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}

#: The time is there once jobs of the service have shown how fast it is.
PLAN = re.compile(r"2 arms × 2 seeds = 4 runs\.( They take about .*)? So few seeds cannot show a difference\.")

#: Reads lists of numbers by the page's module.
READ_LISTS = """async (texts) => {
  const { parseList } = await import(new URL("page/net/numbers.js", document.baseURI));
  return texts.map((text) => parseList(text, { isWhole: false }));
}"""

#: Writes the notices of a result by the page's module.
WRITE_NOTICES = """async (result) => {
  const { noticesOf } = await import(new URL("page/views/experiment_sentence.js", document.baseURI));
  return noticesOf(result).map((item) => item.textContent);
}"""

#: Writes the cells of the table of arms, and the tooltips of the dots, by the page's modules.
WRITE_LOSSES = """async (result) => {
  const module = (name) => import(new URL(`page/views/${name}.js`, document.baseURI));
  const [{ armTable, runTable }, { dotPanel }] = [await module("experiment_tables"), await module("experiment_dots")];
  const texts = (element, selector) => [...element.querySelectorAll(selector)].map((each) => each.textContent.trim());
  const [arms, runs] = [armTable(result), runTable(result, () => false)];
  return [texts(arms, "td.number"), texts(runs, "td.number"), texts(dotPanel(result), "circle title")];
}"""


def started(api: httpx2.Client, *, seeds: int, **configs: Json) -> str:
    """Start an experiment with an arm for each configuration, and return its id."""
    arms = [{"name": name, "config": {"dataset": "tiny", "epochs": 1} | config} for name, config in configs.items()]
    answer = api.post("/v1/experiments", json={"arms": arms, "seeds": seeds, "baseline": arms[0]["name"]})
    assert answer.status_code == httpx2.codes.ACCEPTED, answer.text
    experiment_id: str = answer.json()["id"]
    return experiment_id


def ended(api: httpx2.Client, experiment_id: str) -> Json:
    """Wait for the end of an experiment, and return its result."""
    path = f"/v1/experiments/{experiment_id}"
    until(lambda: api.get(path).json()["status"] != "running", what=f"the end of {experiment_id}")
    result: Json = api.get(f"{path}/result").json()
    return result


@pytest.fixture(scope="module")
def decided(api: httpx2.Client) -> str:
    """A finished experiment in which one arm learns, and the other hardly."""
    slow, fast = ({"optimizer": {"name": "sgd", "learning_rate": rate}, "batch_size": 500} for rate in (1e-5, 0.05))
    experiment_id = started(api, seeds=6, slow={"preset": "accurate"} | slow, fast={"preset": "accurate"} | fast)
    ended(api, experiment_id)
    return experiment_id


def change(page: Page, field: str) -> None:
    """Describe a second arm that differs in one field, with small data."""
    page.locator('[data-pointer="/dataset"]').select_option("tiny")
    page.locator('[data-pointer="/epochs"]').fill("1")
    page.locator("#compare-change").click()
    page.locator('[data-pointer="/change/field"]').select_option(field)


def test_a_change_of_one_field_makes_the_second_arm(visit: Visit, api: httpx2.Client) -> None:
    """The form says what the experiment takes; its runs arrive as dots, and a sentence gives the answer."""
    page = visit.to("train")
    change(page, "/batch_size")
    page.locator('[data-pointer="/change"]').fill("500")
    page.locator('[data-pointer="/seeds"]').fill("2")
    expect(page.locator("#plan")).to_contain_text(PLAN)
    expect(page.locator("#curl")).to_contain_text("/v1/experiments")
    expect(page.locator("#start")).to_be_hidden()
    page.locator("#start-experiment").click()
    page.wait_for_url("**/#/experiment/exp_*")
    expect(page.locator("#dots circle:not(.mean)")).to_have_count(4)
    expect(page.locator("#state [data-status=succeeded]")).to_be_visible()
    experiment = api.get(f"/v1/experiments/{page.url.rpartition('/')[2]}").json()
    assert [(arm["name"], arm["config"]["batch_size"]) for arm in experiment["arms"]] == [
        ("Batch size 128", 128),
        ("Batch size 500", 500),
    ]
    expect(page.locator("#verdict")).to_contain_text("Cannot tell yet whether Batch size 500 is better")
    page.locator("#experiment-runs a").first.click()
    page.wait_for_url("**/#/watch/job_*")
    expect(page.locator(f".tabs a[href='#/experiment/{experiment['id']}']")).to_be_visible()


def test_a_change_of_a_field_that_is_gone_is_no_change(visit: Visit) -> None:
    """After a change of the momentum, choosing an optimizer without one leaves a form that trains one run."""
    page = visit.to("train")
    change(page, "/optimizer/momentum")
    page.locator('[data-pointer="/change/field"]').select_option("/optimizer")
    names = page.locator('[data-pointer="/change"] option').all_inner_texts()
    assert names == page.locator('[data-pointer="/optimizer"] option').all_inner_texts()
    page.locator('[data-pointer="/change/field"]').select_option("/optimizer/momentum")
    expect(page.locator("#start-experiment")).to_be_visible()
    page.locator('[data-pointer="/optimizer"]').select_option("adam")
    expect(page.locator("#start-experiment")).to_be_hidden()
    expect(page.locator("#start")).to_be_visible()


def test_a_list_in_a_field_makes_a_sweep(visit: Visit) -> None:
    """Each number of a list is an arm; an error is shown beside the field with the list."""
    page = visit.to("train")
    page.locator('[data-pointer="/dataset"]').select_option("tiny")
    rate = page.locator('[data-pointer="/optimizer/learning_rate"]')
    rate.fill("0.01, 0.1, 1")
    page.locator('[data-pointer="/batch_size"]').fill("64; 128")
    expect(page.locator("#plan")).to_contain_text("6 arms × 8 seeds = 48 runs.")
    rate.fill("0,01; 0,1; -1")
    page.locator("#start-experiment").click()
    expect(rate).to_have_attribute("aria-invalid", "true")
    rate.fill("0,1")
    page.locator('[data-pointer="/batch_size"]').fill("128")
    expect(page.locator("#start-experiment")).to_be_hidden()
    expect(page.locator("#start")).to_be_visible()
    visit.expect_status(422)


def test_lists_are_read_where_they_are_unambiguous(visit: Visit) -> None:
    """A semicolon separates, and so does a comma with a space; a comma alone is a decimal point."""
    lists = {"0.01, 0.1, 1": [0.01, 0.1, 1], "0,01; 0,1": [0.01, 0.1], "1;2;": [1, 2], "0,1": None, "0.1, x": None}
    assert visit.to("train").evaluate(READ_LISTS, list(lists)) == list(lists.values())


@pytest.mark.parametrize("visit", [{}, SPANISH_PHONE], indirect=True)
def test_the_answer_is_a_sentence_with_its_reasons(visit: Visit, decided: str) -> None:
    """On a phone and in Spanish too: the sentence, the dots, the tables, and how the numbers were worked out."""
    page = visit.to(f"experiment/{decided}")
    is_english = page.locator("html").get_attribute("lang") == "en"
    better = "fast is better than slow here: +" if is_english else "fast es mejor que slow"
    expect(page.locator("#verdict .better")).to_contain_text(better)
    expect(page.locator("#dots circle:not(.mean)")).to_have_count(12)
    expect(page.locator("#differences-dots circle:not(.mean)")).to_have_count(6)
    expect(page.locator("#arms tbody tr")).to_have_count(2)
    expect(page.locator("#pairs tbody tr")).to_contain_text("6 of 6 seeds" if is_english else "6 de 6 semillas")
    expect(page.locator("#bands[data-drawn] canvas")).to_be_visible()
    page.locator("#method summary").click()
    expect(page.locator("#method")).to_contain_text("64")  # the ways to choose six signs
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_violations(page) == []
    visit.to("experiment")
    row = page.locator("#experiments tbody tr", has_text="slow, fast")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(re.compile(r"\d+/\d+/\d\d, \d+:\d\d"))
    assert serious_violations(page) == []


def test_a_sweep_shows_what_matters(visit: Visit, api: httpx2.Client) -> None:
    """The importance of each swept field, the chart of their curves, and the best arm with its mean."""
    sweep = {"/optimizer/learning_rate": [0.001, 0.1], "/batch_size": [200, 400]}
    body = {"config": {"preset": "accurate", "dataset": "tiny", "epochs": 1}, "sweep": sweep, "seeds": 2}
    experiment_id = api.post("/v1/experiments", json=body).json()["id"]
    best = ended(api, experiment_id)["best"]
    page = visit.to(f"experiment/{experiment_id}")
    expect(page.locator("h1")).to_contain_text("and 3 more")
    expect(page.locator("#verdict .finding")).to_contain_text(f"The best arm is {best}: Test accuracy")
    expect(page.locator(".importance li")).to_have_count(2)
    expect(page.locator(".importance li").first).to_contain_text("Optimizer · Learning rate")
    expect(page.locator("#sweep[data-drawn*=effects] canvas")).to_be_visible()
    page.locator("#sweep-figure").select_option("parallel")
    expect(page.locator("#sweep[data-drawn*=parallel] canvas")).to_be_visible()


def test_a_run_that_diverges_is_named(visit: Visit, api: httpx2.Client) -> None:
    """Each run without a value is named with the reason, and counted in the table."""
    experiment_id = started(api, seeds=1, usual={}, overflowing=OVERFLOWING)
    ended(api, experiment_id)
    page = visit.to(f"experiment/{experiment_id}")
    expect(page.locator("#notices [data-state=diverged]")).to_contain_text("overflowing, seed 1: diverged.")
    expect(page.locator("#arms tbody tr").nth(1)).to_contain_text("1 diverged")


def test_an_arm_that_was_given_up_is_named(visit: Visit) -> None:
    """With the reason that the API gives."""
    reason = "sgd was stopped after 3 seeds: it diverged in all of them, and adam in none."
    assert visit.to("train").evaluate(WRITE_NOTICES, {"stopped": {"sgd": reason}, "arms": []}) == [reason]


def test_an_experiment_is_cancelled_and_gets_more_seeds(visit: Visit, api: httpx2.Client) -> None:
    """Wrong numbers of seeds are refused beside the field. Cancelling ends all runs, and no seeds can be added then."""
    page = visit.to(f"experiment/{started(api, seeds=1, short=LONG, long=LONG | {'batch_size': 9})}")
    seeds = page.locator('[data-pointer="/add"]')
    seeds.fill("0")
    page.locator("#add-seeds").click()
    expect(page.locator(".rates .error")).to_be_visible()
    seeds.fill("2")
    page.locator("#add-seeds").click()
    expect(page.locator("#counts")).to_contain_text("0 of 6 runs have ended")
    expect(seeds).to_have_value("2")
    page.locator("#cancel-experiment").click()
    expect(page.locator("#state [data-status=cancelled]")).to_be_visible()
    expect(page.locator("#counts")).to_contain_text("6 of 6 runs have ended")
    expect(seeds).to_be_hidden()
    visit.expect_status(422)


def test_the_losses_of_an_experiment_have_equal_decimals(visit: Visit) -> None:
    """In its tables, aligned at their ends, and in the tooltips of its dots."""
    runs = [{"job_id": None, "seed": seed, "state": "measured", "value": seed / 2, "error": None} for seed in (1, 2)]
    nothing = {"sd": 0.25, "interval": None, "failed": 0, "diverged": 0, "pending": 0, "cancelled": 0, "stopped": 0}
    arm = {"name": "sgd", "n": 2, "mean": 0.75, "minimum": 0.5, "maximum": 1, "jobs": runs} | nothing
    result = {"arms": [arm], "pairs": [], "metric": "test_loss", "best": "sgd", "seeds": [1, 2]}
    arms, runs_shown, dots = visit.to("train", query="?source").evaluate(WRITE_LOSSES, result)
    assert arms == ["0.7500", "\N{EN DASH}", "0.2500", "2", "0.5000", "1.0000"]
    assert runs_shown == ["0.5000", "1.0000"]
    assert [text.rpartition(" ")[2] for text in dots] == ["0.5000", "1.0000"]


def test_a_run_of_an_experiment_that_learned_nothing_is_marked(visit: Visit, api: httpx2.Client) -> None:
    """Beside its accuracy in the table of all runs."""
    zeros = {"units": 10, "activation": "softmax", "initializer": {"name": "constant", "value": 0}}
    nothing = {"optimizer": {"learning_rate": 1e-9}, "network": {"layers": [zeros]}, "batch_size": 500}
    experiment_id = started(api, seeds=1, usual={"preset": "accurate"}, nothing=nothing)
    ended(api, experiment_id)
    page = visit.to(f"experiment/{experiment_id}")
    usual, marked = page.locator("#experiment-runs td").all()
    expect(marked).to_contain_text(re.compile(r"learned nothing \d+\.\d\d%"))
    expect(usual).not_to_contain_text("learned nothing")
