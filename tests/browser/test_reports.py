"""Reports that the page saves open from disk, without a network."""

from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.accessibility import headings_out_of_order, serious_violations
from tests.browser.visits import PATIENCE_MS, Visit
from tests.servers import Json, until

MARKUP = "<script>alert(1)</script>"
QUICK = {"dataset": "tiny", "epochs": 1, "batch_size": 500}
DARK_PHONE = {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}}

#: Whether each image is shown, and in the theme of the reader: the dark ones are the sources of their pictures.
#: The names of arms make a chart some pixels wider.
SHOWN = """(theme) => [...document.images].map((image) => {
  const isDark = image.currentSrc === image.parentElement.querySelector("source").srcset;
  return image.complete && Math.abs(image.naturalWidth - 720) < 20 && isDark === (theme === "dark");
})"""


@pytest.fixture(scope="module")
def addresses(api: httpx2.Client) -> Json:
    """The views of an experiment and of a job of it, which have ended; the names of both are markup."""
    arms = [{"name": name, "config": QUICK | {"optimizer": {"name": name}}} for name in ("sgd", "adam")]
    arms[0]["name"] = MARKUP
    created = api.post("/v1/experiments", json={"name": MARKUP, "arms": arms, "seeds": 1})
    path = f"/v1/experiments/{created.json()['id']}"
    until(lambda: api.get(path).json()["status"] != "running", what="the end of the experiment")
    job = api.get(f"{path}/result").json()["arms"][0]["jobs"][0]["job_id"]
    return {"job": f"watch/{job}", "experiment": f"experiment/{created.json()['id']}"}


@pytest.fixture(params=["job", "experiment"])
def saved(visit: Visit, addresses: Json, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The file that the button of a view saves, under the name that it suggests."""
    page = visit.to(addresses[request.param])
    with page.expect_download() as download:
        page.locator("#save-report").click()
    name = download.value.suggested_filename
    assert name == f"script-alert-1-script-{addresses[request.param].rpartition('/')[2]}.html"
    download.value.save_as(tmp_path / name)
    return tmp_path / name


@pytest.mark.parametrize("context", [{"color_scheme": "light"}, DARK_PHONE], ids=["light", "dark phone"])
def test_a_saved_report_opens_from_disk(browser: Browser, saved: Path, context: Json) -> None:
    """It asks for nothing and logs nothing; its charts have the reader's theme, and it fits a phone."""
    offline = browser.new_context(offline=True, **context)
    offline.set_default_timeout(PATIENCE_MS)
    opened, noted = offline.new_page(), list[str]()
    opened.on("console", lambda message: noted.append(message.text))
    opened.on("request", lambda sent: noted.append(sent.url))
    opened.goto(saved.as_uri())
    expect(opened.locator("h1")).to_have_text(MARKUP)
    assert opened.evaluate(SHOWN, context["color_scheme"]) == [True, True]
    assert [each for each in noted if not each.startswith("data:")] == [saved.as_uri()]
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert serious_violations(opened) == []
    assert headings_out_of_order(opened) == []
    offline.close()
