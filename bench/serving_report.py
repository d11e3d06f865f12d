"""Reports the comparison of serving: tables, the targets, and a chart."""

from statistics import median

from bench.bar_chart import bars
from bench.serving_peers import ASGI, BARE, BENTOML, KERAS, LITSERVE, MLSERVER, OURS
from bench.serving_rounds import BATCH, BATCH_CONNECTIONS, CONNECTIONS, Case, Results
from bench.tables import ratios, spread, table

_HEADER = ["server, and format of the request", "requests/s", "p50 ms", "p99 ms", "of bare FastAPI"]
_TARGETS = ((BENTOML, 6), (LITSERVE, 6), (MLSERVER, 3), (KERAS, 12))


def lines(results: Results, chart_name: str) -> list[str]:
    """Return the report as Markdown."""
    absent = ", ".join(results.absent)
    return [
        "One image a request. Every server is bound to one core, and the load generator (`bench/load.py`) to the",
        "other. The bare routes read the body and return a constant as long as a prediction. The other servers run the",
        "same network, on NumPy except for Keras, with one worker each and the JSON format of their own guides.",
        "",
        f"![Requests a second on 16 connections]({chart_name})",
        "",
        *(line for connections in CONNECTIONS for line in _results_table(results, connections)),
        *table(
            ["", "ready s", "MB, children included"],
            [[name, f"{ready:.2f}", f"{results.memory_mb[name]:.0f}"] for name, ready in results.ready_s.items()],
        ),
        "",
        *([f"Not installed, and so skipped: {absent}.", ""] if absent else []),
        "### Serving targets",
        "",
        *_targets_table(results),
    ]


def chart(results: Results) -> str:
    """Return a bar chart for 16 connections as SVG."""
    shown = [
        (f"{name}, {form}" if name == OURS else name, median(_column(results, (name, form, n))), name == OURS)
        for name, form, n in results.cases
        if n == 16 and (name, form) != (BARE, "npy") and (name, form) != (BARE, "PNG")  # noqa: PLR2004  # connections
    ]
    limit = median(_column(results, (BARE, "JSON", 16)))
    rows = [row for row in shown if row[0] != BARE]
    return bars("Predictions a second, 16 connections, one core", rows, limit=limit, line=BARE, form=",.0f")


def _results_table(results: Results, connections: int) -> list[str]:
    cases = [case for case in results.cases if case[2] == connections]
    ordered = sorted(cases, key=lambda case: -median(_column(results, case)))
    head = f"On {connections} connection{'s' if connections > 1 else ''}:"
    return [head, "", *table(_HEADER, [_row(results, case) for case in ordered]), ""]


def _row(results: Results, case: Case) -> list[str]:
    name, form, _ = case
    label = f"**{name}**, {form}" if name == OURS else f"{name}, {form}"
    speed, p50, p99 = (_column(results, case, key) for key in ("requests_per_s", "p50_ms", "p99_ms"))
    share = median(ratios(speed, _column(results, _bare(case))))
    return [label, spread(speed, ",.0f"), spread(p50), spread(p99), f"{share:.2f}"]


def _bare(case: Case) -> Case:
    """Return the bare route that reads the same body, or one of the same length."""
    _, form, connections = case
    return BARE, form if (form in {"PNG", "npy"}) else "JSON", connections


def _column(results: Results, case: Case, key: str = "requests_per_s") -> list[float]:
    return [found[key] for found in results.cases[case]]


def _targets_table(results: Results) -> list[str]:
    rows = []
    for form in ("PNG", "JSON"):
        shares = [_share(results, (OURS, form, n), (BARE, form, n)) for n in CONNECTIONS]
        rows.append([f"{form} / bare FastAPI, on {_counts()} connections", "at least 0.6", ", ".join(shares)])
    for peer, target in _TARGETS:
        if peer in results.ready_s:
            shares = [_share(results, (OURS, "JSON", n), (peer, "JSON", n), ".1f") for n in CONNECTIONS]
            rows.append([f"JSON / {peer}, on {_counts()}", f"at least {target}", ", ".join(shares)])
    images = [BATCH * found["requests_per_s"] for found in results.batches]
    waits = [[found["p99_ms"] for found in seen] for seen in (results.training, results.idle)]
    beside = [found["p99_ms"] for found in results.beside_photo]
    processes = [[found["requests_per_s"] for found in seen] for seen in (results.two_processes, results.one_process)]
    batches = f"images/s, npy of {BATCH:,} on {BATCH_CONNECTIONS} connections, any core"
    return table(
        ["", "target", "result"],
        [
            *rows,
            [batches, "at least 120,000", spread(images, ",.0f")],
            ["p99 of JSON on 16 connections beside a photo of 12 megapixels, ms", "at most 50", spread(beside)],
            ["JSON on 16 connections, `--workers 2` / one process", "at least 1.7", spread(ratios(*processes))],
            ["p99 of JSON on 16 connections, while a job trains / without", "at most 3", spread(ratios(*waits))],
            ["bare ASGI / bare FastAPI, 16 connections", "", _share(results, (ASGI, "JSON", 16), (BARE, "JSON", 16))],
        ],
    )


def _counts() -> str:
    return ", ".join(map(str, CONNECTIONS))


def _share(results: Results, case: Case, other: Case, form: str = ".2f") -> str:
    return f"{median(ratios(_column(results, case), _column(results, other))):{form}}"
