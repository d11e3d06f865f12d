"""`python -m bench.page`: measures the page's size, when it is usable, and how smooth its curve is.

Chromium visits a service that has trained on MNIST, each time with an empty cache. It waits until the page itself
reports that a view is ready.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx2
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bench.api import client, finished, queue
from bench.document import publish
from bench.machine import described
from bench.network_frames import network_frames
from bench.server import naivenet
from bench.tables import Values, spread, table
from tests.browser.heap import Heap, heap_of
from tests.browser.visits import ARGUMENTS, CHROMIUM, FRAMES_A_SECOND

READY = 'main[data-ready="yes"]'

#: One layer, one image a step, five sixths of the 60,000 images: 50,000 losses.
POINTS = 50_000
LONG = {"batch_size": 1, "epochs": 1, "validation_split": 1 / 6, "optimizer": {"learning_rate": 0.0005}}
LONG |= {"network": {"layers": [{"units": 10, "activation": "softmax"}]}}


#: What a page logs to the console when its view is ready.
LOGGED = "ready"

#: Notes within the page when its view is ready: questions from outside, such as those of `wait_for_selector`, take
#: time from the page, and on a slow phone their answers come late.
NOTE_READY = f"""new MutationObserver((_, observer) => {{
  if (!document.querySelector('{READY}')) return;
  globalThis.readyAt = performance.now();
  console.debug("{LOGGED}");
  observer.disconnect();
}}).observe(document, {{ subtree: true, childList: true, attributes: true }});"""

#: How long a new window of Chromium is left alone: it loads parts of its own.
SETTLED_MS = 1000

#: A phone: a quarter of this machine's speed, and 4G.
PHONE = "learn, on a phone"
PHONE_SLOWDOWN = 4
PHONE_NETWORK = {"offline": False, "latency": 60, "downloadThroughput": 9e6 / 8, "uploadThroughput": 1.5e6 / 8}


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What was measured when a view was opened.

    Attributes:
        usable_s: Seconds from the start of the navigation until the view was ready.
        kilobytes: Bytes over the network, compressed and with headers.
        answers: Number of responses.
    """

    usable_s: float
    kilobytes: float
    answers: int


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--heap-minutes", type=float, default=10, help="how long Learn shows a job that trains")
    parser.add_argument("--dry", action="store_true", help="print the results, and do not write them to the docs")
    parser.add_argument("--first-view", action="store_true", help="only print when `/` is usable and what it transfers")
    given = parser.parse_args()
    if given.first_view:
        print("\n".join(_opened(_first_views(given.rounds))))
    else:
        _measure_all(given)


def _measure_all(given: argparse.Namespace) -> None:
    machine = described()
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir, naivenet(data_dir) as server:
        with client(server.port) as api:
            reader, long = queue(api, preset="accurate", epochs=2, seed=1), queue(api, **LONG)
            for job_id in (reader, long):
                finished(api, job_id)
        views = {"learn": "learn", "train": "train", "watch": f"watch/{reader}", "compare": f"compare/{reader},{long}"}
        views |= {"look inside": f"look/{reader}", "draw": "draw"}
        with _chromium() as browser, client(server.port) as api:
            base_url = f"http://127.0.0.1:{server.port}"
            rounds = [_round(browser, base_url, views) for _ in range(given.rounds)]
            frames = [_frames(browser, f"{base_url}/#/watch/{long}") for _ in range(given.rounds)]
            moving = network_frames(browser, api, base_url, given.rounds)
            heaps = _heaps(browser, api, base_url, given.heap_minutes)
    lines = _lines(machine, rounds, frames, moving)
    lines += _heap_lines(heaps, given.heap_minutes)
    publish("page", lines, dry=given.dry)


def _first_views(rounds: int) -> list[dict[str, Opened]]:
    """Open the first view on a desktop and on a phone, which needs no job and takes a minute."""
    with (
        tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir,
        naivenet(data_dir) as server,
        _chromium() as browser,
    ):
        return [_round(browser, f"http://127.0.0.1:{server.port}", {"learn": "learn"}) for _ in range(rounds)]


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def _round(browser: Browser, base_url: str, views: dict[str, str]) -> dict[str, Opened]:
    """Open each view with an empty cache, and the first once more with a filled one."""
    opened = {}
    for name, view in views.items():
        visitor = browser.new_context()
        opened[name] = _open(visitor, f"{base_url}/#/{view}")
        if name == "learn":
            opened["learn, again"] = _open(visitor, f"{base_url}/#/{view}")
        visitor.close()
    with browser.new_context(viewport={"width": 390, "height": 844}) as phone:
        opened[PHONE] = _open(phone, base_url, is_phone=True)
    return opened


def _open(visitor: BrowserContext, url: str, *, is_phone: bool = False) -> Opened:
    page = visitor.new_page()
    sizes: list[float] = []
    network = visitor.new_cdp_session(page)
    network.send("Network.enable")
    if is_phone:
        network.send("Network.emulateNetworkConditions", PHONE_NETWORK)
        network.send("Emulation.setCPUThrottlingRate", {"rate": PHONE_SLOWDOWN})
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.add_init_script(NOTE_READY)
    page.wait_for_timeout(SETTLED_MS)
    with page.expect_console_message(lambda message: message.text == LOGGED):
        page.goto(url, wait_until="commit")
    usable_s = page.evaluate("readyAt") / 1000
    page.wait_for_load_state("networkidle")
    page.close()
    return Opened(usable_s=usable_s, kilobytes=sum(sizes) / 1000, answers=len(sizes))


def _frames(browser: Browser, url: str) -> float:
    """Return the frames a second while the pointer moves over the curve."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as visitor:
        page = visitor.new_page()
        page.goto(url)
        page.wait_for_selector(f'#loss[aria-label*="{POINTS:,}"]')
        return float(page.evaluate(FRAMES_A_SECOND))


def _heaps(browser: Browser, api: httpx2.Client, base_url: str, minutes: float) -> tuple[Heap, Heap]:
    """Return what Learn holds after the first seconds of a long job, and *minutes* later."""
    job_id = queue(api, **LONG | {"epochs": 100})
    with browser.new_context() as visitor:
        page = visitor.new_page()
        page.goto(f"{base_url}/#/learn/{job_id}")
        page.wait_for_selector('#loss[aria-label*="step"]')
        page.wait_for_timeout(10_000)
        first = heap_of(page)
        page.wait_for_timeout(minutes * 60_000)
        last = heap_of(page)
    api.post(f"/v1/jobs/{job_id}/cancel")
    return first, last


def _heap_lines(heaps: tuple[Heap, Heap], minutes: float) -> list[str]:
    first, last = heaps
    return [
        "",
        f"Learn held {first.megabytes:.1f} MB after 10 seconds of a training, and {last.megabytes:.1f} MB",
        f"{minutes:g} minutes later, with {first.listeners} and {last.listeners} event listeners,",
        f"{first.nodes} and {last.nodes} nodes.",
    ]


def _opened(rounds: list[dict[str, Opened]]) -> list[str]:
    def row(name: str) -> list[str]:
        opened = [each[name] for each in rounds]
        usable = spread([one.usable_s for one in opened])
        return [name, usable, f"{max(one.kilobytes for one in opened):.0f}", str(max(one.answers for one in opened))]

    return table(["view", "usable after s", "kB transferred", "responses"], [row(name) for name in rounds[0]])


def _lines(machine: str, rounds: list[dict[str, Opened]], frames: Values, moving: Values) -> list[str]:
    return [
        "## The page",
        "",
        f"{machine} By `make bench-page`, {len(frames)} rounds, in Chromium without a GPU, on the same cores.",
        "Each view is opened with an empty cache, and the first once more with a filled one (`ETag`, 304).",
        "The phone has a quarter of the machine's speed, and 4G: 60 ms, and 9 Mbit a second. Transferred is all",
        "that a view loads until the network is idle: files and data, compressed and with headers.",
        "",
        *_opened(rounds),
        "",
        f"The curve of {POINTS:,} losses, while the pointer moves over it: {spread(frames, '.0f')} frames a second.",
        "",
        "The picture of a network with six hidden layers, while its job trains on the same cores, its units light up",
        f"anew twice a second, and the pointer moves over it: {spread(moving, '.0f')} frames a second.",
    ]


if __name__ == "__main__":
    main()
