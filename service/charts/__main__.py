"""The renderer process: reads chart requests from standard input, one line of JSON each, and writes the charts.

It is a process of its own, so that a slow or large chart does not slow the API or use its memory. It exits when its
input ends.
"""

import gzip
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import orjson
import vl_convert

from service.charts.curves import compare, curve, epochs, groups
from service.charts.experiments import dots
from service.charts.grids import confusion, units
from service.charts.histograms import histograms, weight_history
from service.charts.request import Chart, Form, Look
from service.charts.style import Drawing, styled
from service.charts.sweeps import best_so_far, effects, parallel

Json = dict[str, Any]

CHARTS: Mapping[Chart, Callable[[Json, Look], Drawing]] = {
    "best_so_far": best_so_far,
    "compare": compare,
    "confusion": confusion,
    "curve": curve,
    "dots": dots,
    "effects": effects,
    "epochs": epochs,
    "groups": groups,
    "histograms": histograms,
    "parallel": parallel,
    "units": units,
    "weight_history": weight_history,
}

#: Makes the bundled script's function available to the page.
SNIPPET = "window.vegaEmbed = vegaEmbed;"

NOWHERE: list[str] = []  # charts must not fetch anything


def main() -> None:
    """Answer requests until the input ends."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C in a terminal is for the service, which then stops this process
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints must not mix with the answers
    for line in sys.stdin.buffer:
        try:
            state, answer = b"drawn", _answer(orjson.loads(line))
        except Exception as error:  # noqa: BLE001  # any error is answered; the process goes on
            state, answer = b"failed", f"{type(error).__name__}: {error}".encode()
        _write(answers, state, answer)


def draw(chart: Chart, form: Form, look: Look, data: Json) -> bytes:
    """Render the chart as *form*."""
    spec = styled(CHARTS[chart](data, look), look)
    if form == "json":
        return orjson.dumps(spec)
    if form == "svg":
        return vl_convert.vegalite_to_svg(spec, allowed_base_urls=NOWHERE).encode()
    return bytes(vl_convert.vegalite_to_png(spec, scale=look.scale, allowed_base_urls=NOWHERE))


def _answer(request: Any) -> bytes:
    if request == "script":
        return gzip.compress(vl_convert.javascript_bundle(SNIPPET).encode(), mtime=0)
    return draw(request["chart"], request["form"], Look(**request["look"]), request["data"])


def _write(answers: BinaryIO, state: bytes, answer: bytes) -> None:
    answers.write(b"%s %d\n" % (state, len(answer)))
    answers.write(answer)
    answers.flush()


if __name__ == "__main__":
    main()
