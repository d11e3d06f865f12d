"""Reports the comparison of training: a table for each optimizer, the targets, and a chart."""

from collections.abc import Mapping
from statistics import median

from bench.bar_chart import bars
from bench.comparison import Peer, Timings
from bench.tables import ratios, spread, table
from bench.training_peers import (
    BFLOAT16,
    EVALUATION,
    JAX,
    JAX_BFLOAT16,
    KERAS,
    KERAS_BFLOAT16,
    LIMIT,
    NAIVENET,
    NAIVENET_BFLOAT16,
    NAIVENET_FIT,
    NOTEBOOK,
    OPTIMIZER_NAMES,
    TORCH,
    find,
    limit_of,
)

_SAMPLES = 60_000
_HEADER = ["", "s/epoch", "samples/s", "of the limit", "peak MB", "first loss s", "with its start s"]

Results = Mapping[Peer, Timings]


def results_table(results: Results, expected: list[Peer]) -> list[str]:
    """Return the results as a table, fastest first, and the peers that were skipped."""
    limit = results[limit_of(results)]
    timed = {peer: result for peer, result in results.items() if peer.label != EVALUATION}
    ordered = sorted(timed.items(), key=lambda item: median(item[1].epoch_s))
    lines = table(_HEADER, [_row(peer, result, limit) for peer, result in ordered])
    missing = [f"{peer.label} (no `{peer.package}`)" for peer in expected if peer not in results]
    return [*lines, "", f"Not installed, and so skipped: {', '.join(missing)}.", ""] if missing else [*lines, ""]


def targets_table(sgd: Results, adam: Results) -> list[str]:
    """Return a table of the targets and the results."""
    ours, limit = find(sgd, NAIVENET_FIT, "sgd"), sgd[limit_of(sgd)]
    running = find(sgd, NAIVENET, "sgd")
    slow, fast = (find(adam, NAIVENET, rule) for rule in ("adam", "sgd"))
    rows = [
        ["notebook / `fit`", "at least 7", _ratio(find(sgd, NOTEBOOK, "sgd"), ours)],
        ["Keras `fit` / `fit`", "at least 2.5", _ratio(find(sgd, KERAS, "sgd"), ours)],
        ["PyTorch eager / `fit`", "at least 2", _ratio(find(sgd, TORCH, "sgd"), ours)],
        [
            "JAX scan / naivenet, both running",
            "at least 1",
            _ratio(find(sgd, JAX, "sgd"), running),
        ],
        ["naivenet, running / limit", "at most 1.3", _ratio(running, limit)],
        ["`fit` / limit", "at most 1.3", _ratio(ours, limit)],
        ["Adam / SGD, both running", "at most 1.3", _ratio(slow, fast)],
        [
            "evaluation / epoch",
            "at most 0.05",
            _ratio(find(sgd, EVALUATION, "sgd"), running, ".3f"),
        ],
    ]
    return table(["seconds an epoch", "target", "result"], rows)


def bfloat16_section(results: Results | None) -> list[str]:
    """Return the section on bfloat16: its results and targets, or that the processor cannot show any."""
    if results is None:
        reason = "This processor has no bfloat16 instructions (avx512_bf16 or amx_bf16), so bfloat16 was not measured."
        return ["### bfloat16", "", reason, ""]
    ours, limit = find(results, NAIVENET_BFLOAT16, "sgd"), results[limit_of(results)]
    rows = [
        ["bfloat16 / float32, both running", "at most 0.75", _ratio(ours, find(results, NAIVENET, "sgd"))],
        ["JAX scan / naivenet, both in bfloat16", "at least 1", _ratio(find(results, JAX_BFLOAT16, "sgd"), ours)],
        ["Keras `fit` / naivenet, both in bfloat16", "at least 1", _ratio(find(results, KERAS_BFLOAT16, "sgd"), ours)],
        ["naivenet in bfloat16 / float32's limit", "at most 1", _ratio(ours, limit)],
    ]
    targets = table(["seconds an epoch", "target", "result"], rows)
    return ["### bfloat16", "", *results_table(results, BFLOAT16), *targets, ""]


def chart(results: Results) -> str:
    """Return a bar chart as SVG."""
    shown = {
        peer: median(result.epoch_s)
        for peer, result in results.items()
        if peer.label != EVALUATION and not peer.label.startswith(LIMIT)
    }
    rows = [(peer.label.replace("`", ""), seconds, peer.module == "ours") for peer, seconds in shown.items()]
    limit = median(results[limit_of(results)].epoch_s)
    return bars("Seconds an epoch of MNIST, batches of 128, SGD", rows, limit=limit)


def _row(peer: Peer, result: Timings, limit: Timings) -> list[str]:
    label = f"**{peer.label}**" if peer.module == "ours" else peer.label
    return [
        label if peer.label.startswith(LIMIT) else f"{label}, {OPTIMIZER_NAMES[peer.optimizer]}",
        spread(result.epoch_s, ".3f"),
        f"{_SAMPLES / median(result.epoch_s):,.0f}",
        f"{median(ratios(result.epoch_s, limit.epoch_s)):.2f}",
        f"{result.peak_mb:.0f}",
        *(["", ""] if peer.label.startswith(LIMIT) else [f"{result.first_loss_s:.2f}", f"{result.start_s:.2f}"]),
    ]


def _ratio(result: Timings | None, other: Timings | None, form: str = ".2f") -> str:
    return spread(ratios(result.epoch_s, other.epoch_s), form) if result and other else "not measured"
