"""A service that asks for keys: the page asks its visitor for one, and says what it does not open."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from service.composition import compose
from service.domain.key import Scope
from service.settings import Settings
from tests.browser.faults import serious_faults
from tests.browser.visits import Visit
from tests.servers import Server


@pytest.fixture
def locked(visit: Visit, start_server: Callable[..., Server]) -> Callable[..., str]:
    """Sends the visitor to a service that asks for keys; makes keys for it."""
    server = start_server(auth="on")
    visit.base_url = server.base_url

    def create(*scopes: Scope) -> str:
        return compose(Settings(data_dir=server.data_dir)).keys.create("visitor", list(scopes))[1]

    return create


def enter(page: Page, key: str) -> None:
    """Give the page that key."""
    page.locator("dialog #key").fill(key)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("visit", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_the_page_asks_for_a_key_and_keeps_it_for_the_tab(visit: Visit, locked: Callable[..., str]) -> None:
    """A wrong key is refused in words; a right one opens, also after a reload, and not in another tab."""
    page = visit.page
    page.goto(visit.base_url)
    enter(page, "nvn_wrong")
    expect(page.locator("dialog [role=alert]")).to_have_text("The service does not take that key")
    assert serious_faults(page) == []
    enter(page, locked(Scope.READ, Scope.TRAIN))
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
    visit.overlook("the server responded with a status of 401")


def test_what_a_key_does_not_open_is_said(visit: Visit, locked: Callable[..., str]) -> None:
    """With a key that may only read, starting a job tells which scope it takes."""
    page = visit.page
    page.goto(visit.base_url)
    enter(page, locked(Scope.READ))
    page.locator("#start").click()
    expect(page.locator("#form-trouble")).to_contain_text("scope `train`")
    visit.overlook("the server responded with a status of 403", "the server responded with a status of 401")
