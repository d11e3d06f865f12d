"""Accessibility checks with axe-core."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious_violations(page: Page) -> list[tuple[str, str]]:
    """Return axe-core's serious and critical violations: the rule, and the HTML of the first element that breaks it."""
    violations = Axe().run(page).response["violations"]
    serious = (each for each in violations if each["impact"] in {"serious", "critical"})
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in serious]
