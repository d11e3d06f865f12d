"""`python -m bench.pictures`: how the pictures that people send are read, by their kinds in tests/pictures."""

import argparse
import json
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

import numpy as np

import naivenet
from bench.document import PATH, write_section
from bench.tables import table
from tests.pictures.kinds import KINDS
from tests.pictures.reading import Model, Shares, read_kind_by

#: The shares before pictures were searched for paper, ink and digit: {kind: [right, silent, warned]}.
BEFORE = Path(__file__).with_name("pictures_before.json")

PRESETS = ("accurate", "robust")


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description=__doc__)
    parser.add_argument("--count", type=int, default=250, help="pictures of each kind")
    for preset in PRESETS:
        parser.add_argument(f"--{preset}", type=Path, help="its weights, a safetensors file; by default it is trained")
    given = parser.parse_args()
    models = [_model(preset, getattr(given, preset)) for preset in PRESETS]
    with np.load(str(resources.files("naivenet") / "data" / "mnist.npz"), allow_pickle=False) as file:
        images, labels = file["x_test"], file["y_test"]
    found = {}
    for kind in KINDS:
        found[kind] = read_kind_by(models, kind, images, labels, given.count)
        print(kind, found[kind], flush=True)
    write_section("pictures", lines(found, given.count))
    print(f"\nwritten to {PATH}")


def lines(found: dict[str, list[Shares]], count: int) -> list[str]:
    """Return the section."""
    before = json.loads(BEFORE.read_text())
    header = [
        "kind",
        "right before",
        "right",
        "`robust`",
        "silent before",
        "silent",
        "`robust`",
        "wrong ones warned of",
        "right ones warned of",
    ]
    rows = [[kind, *_cells(*shares, before.get(kind))] for kind, shares in found.items()]
    return [
        "## Pictures that people send",
        "",
        f"By `make bench-pictures`: {count} pictures of each kind in `tests/pictures`, of test digits that two",
        "networks (presets `accurate` and `robust`, seed 1) read right as they are. *Silent* is read wrong, without a",
        "warning, and with a confidence above 0.9; *before* is the preparation that knew one grey of paper and one",
        "box around all ink. Columns without a preset are those of `accurate`. Shares in percent.",
        "",
        *table(header, rows),
    ]


def _cells(shares: Shares, robust: Shares, before: list[float] | None) -> list[str]:
    right, silent = (f"{100 * share:.1f}" for share in before[:2]) if before else ("", "")
    warned = f"{100 * shares.warned:.0f}" if shares.right < 1 else ""
    return [
        right,
        f"{100 * shares.right:.1f}",
        f"{100 * robust.right:.1f}",
        silent,
        f"{100 * shares.silent:.1f}",
        f"{100 * robust.silent:.1f}",
        warned,
        f"{100 * shares.alarmed:.0f}",
    ]


def _model(preset: str, weights: Path | None) -> Model:
    if weights:
        return naivenet.from_safetensors(weights.read_bytes())
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as folder:
        file = Path(folder) / "weights.safetensors"
        command = [sys.executable, "-m", "service", "train", "--preset", preset, "--seed", "1", "--save", str(file)]
        subprocess.run(command, check=True)
        return naivenet.from_safetensors(file.read_bytes())


if __name__ == "__main__":
    main()
