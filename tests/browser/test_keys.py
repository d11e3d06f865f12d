"""A service that needs API keys: the page asks the visitor for one, and shows what it does not permit."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.composition import compose
from service.domain.key import Scope
from service.settings import Settings
from tests.browser.accessibility import serious_violations
from tests.browser.visits import Visit
from tests.servers import Server


@pytest.fixture(scope="module")
def protected(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Iterator[Server]:
    """A service that needs API keys."""
    server = Server(tmp_path_factory.mktemp("protected"), tiny=tiny, auth="on").start()
    yield server
    server.stop()


def create_key(server: Server, *scopes: Scope) -> str:
    """Create an API key."""
    services = compose(Settings(data_dir=server.data_dir))
    try:
        return services.keys.create("visitor", list(scopes))[1]
    finally:
        services.close()


def open_page(visit: Visit, server: Server) -> Page:
    """Open the form of another service."""
    visit.base_url = server.base_url
    visit.page.goto(f"{visit.base_url}/#/train")
    return visit.page


def enter_key(page: Page, key: str) -> None:
    """Enter an API key in the page's dialog."""
    page.locator("dialog #key").fill(key)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("visit", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_the_page_asks_for_a_key_and_keeps_it_for_the_tab(visit: Visit, protected: Server) -> None:
    """A wrong key is refused; a valid one is accepted and kept after a reload, but not in another tab."""
    page = open_page(visit, protected)
    enter_key(page, "nvn_wrong")
    expect(page.locator("dialog [role=alert]")).to_have_text("The service does not accept this key")
    assert serious_violations(page) == []
    enter_key(page, create_key(protected, Scope.READ, Scope.TRAIN))
    expect(page.locator("form.train")).to_be_visible()
    page.locator("#start").scroll_into_view_if_needed()
    page.locator('[data-pointer="/epochs"]').fill("3")
    expect(page.locator("#curl")).to_contain_text('-H "Authorization: Bearer $NAIVENET_KEY"')
    page.reload()
    expect(page.locator("form.train")).to_be_visible()
    expect(page.locator("dialog")).to_have_count(0)
    other = page.context.new_page()
    other.goto(visit.base_url)
    expect(other.locator("dialog #key")).to_be_visible()
    visit.expect_status(401)


def test_the_page_shows_which_scope_a_key_lacks(visit: Visit, protected: Server) -> None:
    """With a key that may only read, starting a job shows which scope is needed."""
    page = open_page(visit, protected)
    enter_key(page, create_key(protected, Scope.READ))
    page.locator("#start").click()
    expect(page.locator("#form-trouble")).to_contain_text("`train`")
    visit.expect_status(401, 403)


def test_the_page_shows_that_a_key_may_not_keep_digits(visit: Visit, protected: Server) -> None:
    """With a key that may only read and predict, the view to draw says what adding digits and teaching need."""
    page = open_page(visit, protected)
    enter_key(page, create_key(protected, Scope.READ, Scope.PREDICT))
    expect(page.locator("form.train")).to_be_visible()
    visit.to("draw")
    for place in (".ask", ".own"):
        expect(page.locator(place)).to_contain_text("need an API key with the scope train")
    expect(page.locator("#teach")).to_have_count(0)
    visit.expect_status(401, 403)  # 403: how long a job takes


def test_each_key_has_digits_of_its_own(visit: Visit, protected: Server) -> None:
    """Where another key has made the dataset `mine`, the page adds to one beside it, and later finds it again."""
    with protected.client() as api:
        other = {"Authorization": f"Bearer {create_key(protected, Scope.TRAIN)}"}
        api.post("/v1/datasets", json={"name": "mine"}, headers=other).raise_for_status()
    page = open_page(visit, protected)
    enter_key(page, create_key(protected, Scope.READ, Scope.TRAIN))
    expect(page.locator("form.train")).to_be_visible()
    first, again = page.evaluate(ADD_TWICE)
    assert first["name"].startswith("mine-key_")
    assert again == first | {"count": 2}
    visit.expect_status(401)


ADD_TWICE = """async () => {
  const { OwnDigits } = await import("./page/net/own_digits.js");
  const { ownKey } = await import("./page/net/own_key.js");
  const canvas = new OffscreenCanvas(28, 28);
  canvas.getContext("2d").fillRect(12, 4, 4, 20);
  const { signal } = new AbortController();
  const added = [];
  for (let visit = 0; visit < 2; visit++) {
    const own = new OwnDigits(await ownKey(signal));
    await own.find(signal);
    await own.add(await canvas.convertToBlob(), 1);
    added.push({ name: own.name, count: own.count });
  }
  return added;
}"""
