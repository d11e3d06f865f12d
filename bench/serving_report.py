"""Shows what came of the serving contest: tables, what issue 5 wants beside what was reached, and a picture."""

from statistics import median

from bench.bar_chart import bars
from bench.serving_peers import ASGI, BARE, BENTOML, KERAS, LITSERVE, MLSERVER, OURS
from bench.serving_rounds import BATCH, BATCH_CONNECTIONS, CONNECTIONS, Case, Results
from bench.tables import ratios, spread, table

_HEADER = ["who, and how it is asked", "requests/s", "p50 ms", "p99 ms", "of bare FastAPI"]
_RIVALS = ((BENTOML, 4), (LITSERVE, 4), (MLSERVER, 2), (KERAS, 10))


def lines(results: Results, picture_name: str) -> list[str]:
    """All of it, as Markdown."""
    absent = ", ".join(results.absent)
    return [
        "One picture a request. Every server is held to one core, the load generator (`bench/load.py`) to the other.",
        "The bare routes read the body and answer a constant of the length of an answer. The peers answer the same",
        "network, on NumPy but for Keras, by JSON in the form that their own guides begin with, one worker each.",
        "",
        f"![Requests a second on 16 connections]({picture_name})",
        "",
        *(line for connections in CONNECTIONS for line in _standing(results, connections)),
        *table(
            ["", "ready s", "MB, children included"],
            [[name, f"{ready:.2f}", f"{results.memory_mb[name]:.0f}"] for name, ready in results.ready_s.items()],
        ),
        "",
        *([f"Not installed, and so left out: {absent}.", ""] if absent else []),
        "### Serving targets",
        "",
        *_claims(results),
    ]


def picture(results: Results) -> str:
    """Draw the contest on 16 connections."""
    shown = [
        (f"{name}, {form}" if name == OURS else name, median(_column(results, (name, form, n))), name == OURS)
        for name, form, n in results.cases
        if n == 16 and (name, form) != (BARE, "npy") and (name, form) != (BARE, "PNG")  # noqa: PLR2004  # connections
    ]
    limit = median(_column(results, (BARE, "JSON", 16)))
    rows = [row for row in shown if row[0] != BARE]
    return bars("Predictions a second, 16 connections, one core", rows, limit=limit, line=BARE, form=",.0f")


def _standing(results: Results, connections: int) -> list[str]:
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
    """The bare route that reads the same body, or one as long."""
    _, form, connections = case
    return BARE, form if (form in {"PNG", "npy"}) else "JSON", connections


def _column(results: Results, case: Case, key: str = "requests_per_s") -> list[float]:
    return [found[key] for found in results.cases[case]]


def _claims(results: Results) -> list[str]:
    rows = []
    for form in ("PNG", "JSON"):
        shares = [_share(results, (OURS, form, n), (BARE, form, n)) for n in CONNECTIONS]
        rows.append([f"{form} / bare FastAPI, on {_counts()} connections", "at least 0.5", ", ".join(shares)])
    for rival, wanted in _RIVALS:
        if rival in results.ready_s:
            shares = [_share(results, (OURS, "JSON", n), (rival, "JSON", n), ".1f") for n in CONNECTIONS]
            rows.append([f"JSON / {rival}, on {_counts()}", f"at least {wanted}", ", ".join(shares)])
    images = [BATCH * found["requests_per_s"] for found in results.batches]
    waits = [[found["p99_ms"] for found in seen] for seen in (results.training, results.idle)]
    batches = f"images/s, npy of {BATCH:,} on {BATCH_CONNECTIONS} connections, any core"
    return table(
        ["", "wanted", "reached"],
        [
            *rows,
            [batches, "at least 100,000", spread(images, ",.0f")],
            ["p99 of JSON on 16 connections, while a job trains / without", "at most 3", spread(ratios(*waits))],
            ["bare ASGI / bare FastAPI, 16 connections", "", _share(results, (ASGI, "JSON", 16), (BARE, "JSON", 16))],
        ],
    )


def _counts() -> str:
    return ", ".join(map(str, CONNECTIONS))


def _share(results: Results, case: Case, other: Case, form: str = ".2f") -> str:
    return f"{median(ratios(_column(results, case), _column(results, other))):{form}}"
