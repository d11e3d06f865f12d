"""What a visit loads: one script for the first view, one for each view that is opened later, and little of both."""

from collections import Counter

import httpx2
import pytest
from playwright.sync_api import Route, expect

from tests.browser.visits import Visit
from tests.servers import finished, start_job

#: Notes what the page has done when its first view is ready: `Intl` and the picture of the network are slow on phones.
NOTE_FIRST_WORK = """
  let formats = 0;
  Intl.NumberFormat = class extends Intl.NumberFormat {
    constructor(...options) { super(...options); formats++; }
  };
  new MutationObserver((_, observer) => {
    if (!document.querySelector('main[data-ready="yes"]')) return;
    const count = (selector) => document.querySelectorAll(selector).length;
    globalThis.firstWork = { pads: count("#pad"), starts: count("#start"), layers: count(".network-column"), formats };
    observer.disconnect();
  }).observe(document, { subtree: true, childList: true, attributes: true });
"""

SPANISH_PHONE = {"locale": "es-ES", "viewport": {"width": 390, "height": 844}}


def test_a_view_brings_one_script_and_no_module_twice(visit: Visit, api: httpx2.Client) -> None:
    """All views work in one visit, which loads each script once, and no module by itself."""
    job = finished(api, start_job(api, dataset="tiny", epochs=1))["id"]
    views = ("learn", "lessons", "train", f"watch/{job}", "runs", f"compare/{job}", "experiment", f"look/{job}", "draw")
    for view in (*views, f"step/{job}", "learn"):
        visit.to(view)
        visit.page.wait_for_load_state("networkidle")
    with visit.page.expect_request("**/learn_run.js"):  # what shows a training, with the first touch
        visit.page.locator("#pad").click()
    scripts = Counter(url.removeprefix(f"{visit.base_url}/page/") for url in visit.requests if url.endswith(".js"))
    names = ("lessons", "train", "watch", "runs", "compare", "experiment", "look", "draw", "step", "learn_run")
    later = [f"joined/views/{name}.js" for name in names]
    del scripts["vega.js"]
    assert scripts == dict.fromkeys(["joined/main.js", *later], 1)


def test_the_page_also_runs_from_its_source(visit: Visit) -> None:
    """With `/?source` the browser loads the modules of the repository, and all addresses work."""
    page = visit.to("learn", query="?source")
    page.locator('header a[href="#/train"]').click()
    page.wait_for_selector('main[data-view="train"][data-ready="yes"]')
    assert not [url for url in visit.requests if "/page/joined/" in url]
    assert f"{visit.base_url}/page/net/api.js" in visit.requests


@pytest.mark.parametrize("visit", [SPANISH_PHONE], indirect=True)
def test_a_first_visit_transfers_less_than_100_kilobytes(visit: Visit) -> None:
    """With an empty cache, headers, one language, and all data that the pad and its network need."""
    sizes: list[float] = []
    network = visit.page.context.new_cdp_session(visit.page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    visit.page.goto(visit.base_url)
    visit.page.wait_for_selector('main[data-ready="yes"]')
    visit.page.wait_for_load_state("networkidle")
    assert sum(sizes) < 100_000
    assert [url for url in visit.requests if "/words/" in url] == [f"{visit.base_url}/page/words/es.json"]


def test_the_first_data_does_not_wait_for_the_words(visit: Visit) -> None:
    """The page asks for what its first view reads while it still loads its words, and only once."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visit.page.route("**/page/words/*.json", hold)
    with visit.page.expect_request("**/v1/models/digits"):
        visit.page.goto(visit.base_url)
    held[0].continue_()
    visit.page.wait_for_selector('main[data-ready="yes"]')
    paths = Counter(url.removeprefix(visit.base_url) for url in visit.requests)
    assert (paths["/v1/options"], paths["/v1/models/digits"]) == (1, 1)


@pytest.mark.parametrize("visit", [SPANISH_PHONE], indirect=True)
def test_the_pad_does_not_wait_for_the_picture_of_the_network(visit: Visit) -> None:
    """On a phone the pad can be used before the network is drawn, and before the browser loads its number formats."""
    visit.page.add_init_script(NOTE_FIRST_WORK)
    page = visit.to("learn")
    assert page.evaluate("firstWork") == {"pads": 1, "starts": 1, "layers": 0, "formats": 0}
    expect(page.locator("#plan-line")).to_contain_text("sgd 0,1")
    expect(page.locator(".network-column")).to_have_count(3)
