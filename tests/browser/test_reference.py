"""The API reference at /docs."""

from playwright.sync_api import expect

from tests.browser.visits import Visit


def test_the_reference_shows_and_tries_operations(visit: Visit) -> None:
    """`/docs` shows an operation and sends its request, without the internet."""
    page = visit.page
    page.goto(f"{visit.base_url}/docs")
    operation = page.locator(".opblock", has_text="/health/live").first
    operation.locator(".opblock-summary").click()
    operation.locator("button.execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
