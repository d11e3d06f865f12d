"""The API's reference: it needs no internet."""

from playwright.sync_api import expect

from tests.browser.visits import PATIENCE_MS, Visit

expect.set_options(timeout=PATIENCE_MS)


def test_the_reference_shows_operations_and_tries_them(visit: Visit) -> None:
    """`/docs` shows an operation and runs it, from this host alone (the fixture looks at every request)."""
    page = visit.page
    page.goto(f"{visit.base_url}/docs")
    operation = page.locator(".opblock", has_text="/health/live").first
    operation.locator(".opblock-summary").click()
    operation.locator("button.execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
