"""Takes the screenshots of README and docs: `make screenshots`."""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.visits import ARGUMENTS, CHROMIUM, THREE, Visit, stroke
from tests.servers import Server, finished, start_job, write_tiny

DOCS = Path(__file__).parents[2] / "docs"
WIDTH, HEIGHT = 1280, 900
COLOURS = 256  # enough for flat colours, and makes small files


def main() -> None:
    """Train a job, and take each screenshot."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        server = Server(root / "service", tiny=write_tiny(root / "tiny")).start()
        try:
            with server.client() as client:
                job_id = start_job(client, dataset="mnist", preset="accurate", epochs=6, name="accurate")
                finished(client, job_id)
            _take(server.base_url, job_id)
        finally:
            server.stop()


def _take(base_url: str, job_id: str) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        viewport = {"width": WIDTH, "height": HEIGHT}
        for name, view, scheme in (("watch", f"watch/{job_id}", "light"), ("draw", "draw", "dark")):
            # Reduced motion: otherwise a screenshot could show a transition halfway
            options = {"color_scheme": scheme, "reduced_motion": "reduce", "locale": "en-US"}
            page = chromium.new_page(viewport=viewport, **options)  # type: ignore[arg-type]  # they are the literals it wants
            Visit(page=page, base_url=base_url).to(view)
            if name == "draw":
                stroke(page, THREE)
                page.wait_for_selector("#digit:text('3')")
            else:
                page.wait_for_selector("#epochs tbody tr:nth-child(6)")
            _save(page, DOCS / f"page-{name}.png")
        chromium.close()


def _save(page: Page, path: Path) -> None:
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.resize((WIDTH * 3 // 4, HEIGHT * 3 // 4), Image.Resampling.LANCZOS).quantize(
        COLOURS, Image.Quantize.MAXCOVERAGE
    ).save(path, optimize=True)


if __name__ == "__main__":
    main()
