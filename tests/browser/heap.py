"""What a page holds in memory: bytes of JavaScript, nodes of the document, and event listeners."""

from dataclasses import dataclass

from playwright.sync_api import Page


@dataclass(frozen=True, kw_only=True)
class Heap:
    """What is left after a garbage collection."""

    megabytes: float
    nodes: int
    listeners: int


def heap_of(page: Page) -> Heap:
    """Collect garbage, and return what the page still holds."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return Heap(
        megabytes=metrics["JSHeapUsedSize"] / 1e6,
        nodes=int(metrics["Nodes"]),
        listeners=int(metrics["JSEventListeners"]),
    )
