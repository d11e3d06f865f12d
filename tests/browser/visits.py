"""A visitor of the page: the browser that is used, where one goes with it, and what it asked and said meanwhile."""

import shutil
from dataclasses import dataclass, field

from playwright.sync_api import Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: How long the page may take for anything, on a machine that is busy with other things.
PATIENCE_MS = 90_000

#: A three, as one stroke over the pad: shares of its width and height.
THREE = [(0.3, 0.22), (0.5, 0.15), (0.68, 0.24), (0.66, 0.38), (0.48, 0.47), (0.68, 0.58), (0.7, 0.75), (0.5, 0.85)]
THREE += [(0.3, 0.77)]

#: A job long enough to be looked at in the middle, wherever it runs.
LONG = {"dataset": "mnist", "epochs": 500, "optimizer": {"learning_rate": 0.01}}

#: How often a page draws the curve of a job in a second, while a pointer moves over it.
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
    """What a page asked and said while somebody visited it."""

    page: Page
    base_url: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def to(self, view: str) -> Page:
        """Go to a view, and wait until it is there."""
        self.page.goto(f"{self.base_url}/#/{view}")
        self.page.wait_for_selector(f'main[data-view="{view.partition("/")[0]}"][data-ready="yes"]')
        return self.page

    def overlook(self, *how: str) -> None:
        """Forget what the browser itself notes of requests that ended so, such as ``status of 422``; all else stays."""
        own = [f"Failed to load resource: {begins}" for begins in how]
        self.said = [text for text in self.said if not any(each in text for each in own)]

    def strangers(self) -> list[str]:
        """What was asked of other hosts."""
        ours = (self.base_url, "data:", f"blob:{self.base_url}")
        return [url for url in self.asked if not url.startswith(ours)]


def stroke(page: Page, points: list[tuple[float, float]]) -> None:
    """Draw with the mouse."""
    box = page.locator("#pad").bounding_box()
    assert box
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()
