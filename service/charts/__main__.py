"""A program that draws: orders on its standard input, a line of JSON each, and what came of them on its output.

It is a process of its own: a chart that takes long, or memory, takes none of the API's. It ends with its input.
"""

import gzip
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import orjson
import vl_convert

from service.charts.curves import compare, curve, epochs
from service.charts.grids import confusion, units
from service.charts.histograms import histograms, weight_history
from service.charts.request import Chart, Form, Look
from service.charts.style import Drawing, styled

Json = dict[str, Any]

CHARTS: Mapping[Chart, Callable[[Json, Look], Drawing]] = {
    "compare": compare,
    "confusion": confusion,
    "curve": curve,
    "drift": weight_history,
    "epochs": epochs,
    "histograms": histograms,
    "units": units,
}

#: What the script leaves behind for the page.
SNIPPET = "window.vegaEmbed = vegaEmbed;"

NOWHERE: list[str] = []  # nothing that a chart shows is fetched


def main() -> None:
    """Draw what is ordered, until there are no more orders."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the service, which ends this
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # whatever a library prints must not mix with the answers
    for line in sys.stdin.buffer:
        try:
            said, answer = b"drawn", _answer(orjson.loads(line))
        except Exception as error:  # noqa: BLE001  # whatever it is, who ordered is told
            said, answer = b"failed", f"{type(error).__name__}: {error}".encode()
        _write(answers, said, answer)


def draw(chart: Chart, form: Form, look: Look, data: Json) -> bytes:
    """The chart as *form*."""
    spec = styled(CHARTS[chart](data, look), look)
    if form == "json":
        return orjson.dumps(spec)
    if form == "svg":
        return vl_convert.vegalite_to_svg(spec, allowed_base_urls=NOWHERE).encode()
    return bytes(vl_convert.vegalite_to_png(spec, scale=look.scale, allowed_base_urls=NOWHERE))


def _answer(order: Any) -> bytes:
    if order == "script":
        return gzip.compress(vl_convert.javascript_bundle(SNIPPET).encode(), mtime=0)
    return draw(order["chart"], order["form"], Look(**order["look"]), order["data"])


def _write(answers: BinaryIO, said: bytes, answer: bytes) -> None:
    answers.write(b"%s %d\n" % (said, len(answer)))
    answers.write(answer)
    answers.flush()


if __name__ == "__main__":
    main()
