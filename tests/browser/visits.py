"""A visit to the page: the browser, where it goes, and the console messages and requests that the page causes."""

import re
import shutil
from dataclasses import dataclass, field

from playwright.sync_api import Page

#: The first of them that is installed; the headless one takes two thirds of the others' processor time.
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, _BROWSERS)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: How long any wait may take, on a machine that is busy with other work.
PATIENCE_MS = 90_000

#: A three, drawn in one stroke; each point as shares of the pad's width and height.
THREE = [(0.3, 0.22), (0.5, 0.15), (0.68, 0.24), (0.66, 0.38), (0.48, 0.47), (0.68, 0.58), (0.7, 0.75), (0.5, 0.85)]
THREE += [(0.3, 0.77)]

#: How many times a second the page draws the loss curve while a pointer moves over it.
FRAMES_A_SECOND = """async () => {
  const canvas = document.querySelector("#loss");
  const began = performance.now();
  let frames = 0;
  while (performance.now() - began < 2000) {
    canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: frames % 800 + 100, clientY: 100 }));
    await new Promise(requestAnimationFrame);
    frames++;
  }
  return frames / (performance.now() - began) * 1000;
}"""


@dataclass
class Visit:
    """A visit, with the console messages and the requests of the page."""

    page: Page
    base_url: str
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def to(self, view: str, *, query: str = "") -> Page:
        """Open a view, and wait until it is ready; with the query ``?source`` tests can import the page's modules."""
        self.page.goto(f"{self.base_url}/{query}#/{view}")
        self.page.wait_for_selector(f'main[data-view="{re.split("[/?]", view)[0]}"][data-ready="yes"]')
        return self.page

    def expect_failed_requests(self, *beginnings: str) -> None:
        """Drop the browser's own messages about failed requests that the test expects, such as ``status of 422``."""
        expected = [f"Failed to load resource: {each}" for each in beginnings]
        self.messages = [text for text in self.messages if not any(each in text for each in expected)]

    def expect_status(self, *statuses: int) -> None:
        """Drop the browser's own messages about responses with these error statuses."""
        self.expect_failed_requests(*(f"the server responded with a status of {status}" for status in statuses))

    def foreign_requests(self) -> list[str]:
        """Return the URLs of requests to other hosts."""
        own = (self.base_url, "data:", f"blob:{self.base_url}")
        return [url for url in self.requests if not url.startswith(own)]


def stroke(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw one stroke on the pad with the mouse."""
    box = page.locator("#pad").bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()
