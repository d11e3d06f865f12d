"""Accessibility checks: axe-core, the size of targets, and the order of headings."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious_violations(page: Page) -> list[tuple[str, str]]:
    """Return axe-core's serious and critical violations: the rule, and the HTML of the first element that breaks it."""
    violations = Axe().run(page).response["violations"]
    serious = (each for each in violations if each["impact"] in {"serious", "critical"})
    return [(each["id"], each["nodes"][0]["html"][:200]) for each in serious]


def small_targets(page: Page) -> list[str]:
    """Return the HTML of what is smaller than a finger needs: 44 pixels. A checkbox and its label are one target.

    Links in running text, and what only the keyboard's focus shows, are exceptions.
    """
    small: list[str] = page.evaluate(SMALL_TARGETS)
    return small


def headings_out_of_order(page: Page) -> list[str]:
    """Return the headings that skip a level, such as an h3 below an h1; the first must be the only h1."""
    headings: list[list[str]] = page.evaluate(HEADINGS)
    levels = [0, *(int(name[1]) for name, _ in headings)]
    return [
        text
        for (_, text), before, level in zip(headings, levels, levels[1:], strict=False)
        if level > before + 1 or (level == 1) != (before == 0)
    ]


SMALL_TARGETS = """() => {
  const isTarget = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && !element.matches(".skip, .unseen, .scroll")
    && !(element.matches("a") && getComputedStyle(element).display === "inline");
  const isSmall = (element) => {
    const { width, height } = (element.matches("[type=checkbox], [type=radio]") && element.labels[0] || element)
      .getBoundingClientRect();
    return width < 43.5 || height < 43.5;
  };
  const targets = "a[href], button, select, input, textarea, summary, label.button";
  return [...document.querySelectorAll(targets)].filter((element) => isTarget(element) && isSmall(element))
    .map((element) => element.outerHTML.slice(0, 200));
}"""

HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .filter((heading) => heading.checkVisibility()).map(({ tagName, textContent }) => [tagName, textContent])"""
