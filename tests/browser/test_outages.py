"""What the page does while the service does not respond, and when it is back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visits import Visit
from tests.servers import Json, Server


def test_a_view_loads_by_itself_once_the_service_is_back(visit: Visit, start_server: Callable[..., Server]) -> None:
    """The form keeps what was typed; a view that cannot load says why, offers a button, and loads without a reload."""
    server = start_server()
    visit.base_url = server.base_url
    page = visit.to("train")
    name = page.locator('[data-pointer="/name"]')
    server.stop()
    name.fill("typed during the outage")
    page.locator("#start").click()
    expect(page.locator("#outage")).to_contain_text("does not respond")
    server.start()
    expect(page.locator("#outage")).to_be_hidden()
    expect(name).to_have_value("typed during the outage")
    server.stop()
    page.evaluate("location.hash = '#/runs'")
    expect(page.locator(".load-trouble")).to_contain_text("The service does not respond.")
    expect(page.locator(".load-trouble .again")).to_be_visible()
    server.start()
    expect(page.locator("main[data-view=runs] h1")).to_be_visible()
    expect(page.locator(".load-trouble")).to_have_count(0)
    page.goto("about:blank")  # this server ends before the page does
    visit.expect_failed_requests("net::ERR_")


@pytest.mark.parametrize("visit", [{"locale": "es-ES", "viewport": {"width": 390, "height": 844}}], indirect=True)
def test_a_view_behind_a_broken_proxy_loads_when_the_visitor_tries_again(visit: Visit) -> None:
    """A 502 without the service's own words is named in the visitor's language; the button needs no waiting."""
    broken = "**/v1/jobs?*"
    visit.page.route(broken, lambda route: route.fulfill(status=502, body="<html>Bad Gateway</html>"))
    page = visit.to("runs")
    expect(page.locator(".load-trouble, .trouble:visible").first).to_contain_text("El servicio no responde (HTTP 502).")
    page.unroute(broken)
    page.get_by_role("button", name="Intentar de nuevo").first.click()
    expect(page.locator("main .trouble:visible")).to_have_count(0)
    visit.expect_status(502)


def test_an_old_link_to_a_deleted_run_leads_to_the_other_runs(visit: Visit, reader: Json) -> None:
    """Trying again would not help, so the page offers the list of runs and the first view."""
    page = visit.to(f"watch/{reader['id'][:-1]}")
    expect(page.locator(".load-trouble")).to_contain_text("There is no job")
    expect(page.locator(".load-trouble .again")).to_have_count(0)
    page.locator(".load-trouble a").first.click()
    page.wait_for_selector('main[data-view="runs"][data-ready="yes"]')
    visit.expect_status(404)
