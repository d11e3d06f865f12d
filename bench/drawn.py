"""`python -m bench.drawn`: how digits that visitors draw on the page are read, before and after they are taught.

The digits are those of tests/pictures/drawn.py: thirty styles. What is taught is not measured.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx2
import numpy as np
from numpy.typing import NDArray

import naivenet
from bench.api import Json, client, finished, queue
from bench.document import publish
from bench.server import naivenet as service
from bench.tables import table
from naivenet import datasets
from service.inference.limits import InputLimits
from service.inference.pictures.images import read_image
from tests.pictures.drawn import STYLES, drawing

PRESETS = ("accurate", "robust")
TAUGHT = range(2)  # the numbers of the drawings of each style and digit that are taught
CHUNK = 100


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Digits as the page sends them, with the style and the label of each."""

    files: Sequence[bytes]
    styles: Sequence[str]
    labels: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_]) -> "Drawn":
        """Return some of them."""
        at = np.flatnonzero(chosen)
        return Drawn(files=[self.files[i] for i in at], styles=[self.styles[i] for i in at], labels=self.labels[chosen])

    @property
    def are_european_ones(self) -> NDArray[np.bool_]:
        """Which of them are a 1 with a flag."""
        return (self.labels == 1) & np.array([style.startswith("European") for style in self.styles])


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a network reads right, as shares."""

    drawn: float
    european_ones: float
    mnist: float


def main() -> None:
    """Measure, and write the section of the docs."""
    parser = argparse.ArgumentParser(prog="python -m bench.drawn", description=__doc__)
    parser.add_argument("--count", type=int, default=10, help="measured drawings of each digit in each style")
    parser.add_argument("--presets", nargs="+", default=PRESETS)
    parser.add_argument(
        "--weights", nargs="*", type=Path, default=[], help="PRESET.safetensors, instead of training it"
    )
    parser.add_argument("--dry", action="store_true", help="print the results, and do not write them to the docs")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir,
        service(data_dir) as server,
        client(server.port) as api,
    ):
        rows = _rows(api, given)
    lines = _lines(rows, given.count)
    publish("drawn", lines, dry=given.dry)


def drawn(numbers: Sequence[int]) -> Drawn:
    """Draw each digit in each style, once for each of *numbers*."""
    kinds = [(style, digit, number) for style in range(len(STYLES)) for digit in range(10) for number in numbers]
    names, styles = list(STYLES), list(STYLES.values())
    return Drawn(
        files=[drawing(styles[style], digit, np.random.default_rng([style, digit, n])) for style, digit, n in kinds],
        styles=[names[style] for style, _, _ in kinds],
        labels=np.array([digit for _, digit, _ in kinds]),
    )


def _rows(api: httpx2.Client, given: argparse.Namespace) -> list[list[str]]:
    """Measure each network before and after each set of drawings is taught to it."""
    measure = _Measure(drawn(range(len(TAUGHT), len(TAUGHT) + given.count)))
    all_taught = drawn(TAUGHT)
    sets = {"20 European 1": all_taught.where(all_taught.are_european_ones), "2 of each digit and style": all_taught}
    files = {file.stem: file for file in given.weights}
    rows = []
    for preset in given.presets:
        checkpoint, version = _uploaded(api, preset, files[preset]) if preset in files else _trained(api, preset)
        rows.append(_row(f"`{preset}`", "none", measure.score(api, checkpoint), None))
        for number, (name, digits) in enumerate(sets.items()):
            api.put("/v1/models/digits/aliases/live", json={"version": version}).raise_for_status()
            job = _teach(api, f"{preset}-{number}", digits)
            score = measure.score(api, job["result"]["checkpoint_id"])
            rows.append(_row(f"`{preset}`", f"{name}: {len(digits.files)}", score, _seconds(job)))
            print(rows[-1], flush=True)
    return rows


def _trained(api: httpx2.Client, preset: str) -> tuple[str, int]:
    """Train a network, and return its checkpoint, and its version of the model `digits`."""
    result = finished(api, queue(api, preset=preset, seed=1))["result"]
    return result["checkpoint_id"], result["model_version"]


def _uploaded(api: httpx2.Client, preset: str, weights: Path) -> tuple[str, int]:
    """Upload a network instead."""
    network = api.get("/v1/options").raise_for_status().json()["presets"][preset]["network"]
    form = {"network": json.dumps(network)}
    sent = api.post("/v1/checkpoints", files={"weights": weights.read_bytes()}, data=form).raise_for_status()
    checkpoint = {"checkpoint_id": sent.json()["id"]}
    added = api.post("/v1/models/digits/versions", json=checkpoint).raise_for_status()
    return checkpoint["checkpoint_id"], added.json()["version"]


class _Measure:
    """Reads drawings and MNIST's test pictures with the network of a job."""

    def __init__(self, digits: Drawn) -> None:
        limits = InputLimits()
        self._pixels = np.array([read_image(file, limits).pixels for file in digits.files])
        self._labels, self._european_ones = digits.labels, digits.are_european_ones
        mnist = datasets.load()
        self._images, self._truth = mnist.x_test, mnist.y_test

    def score(self, api: httpx2.Client, checkpoint_id: str) -> Score:
        """Return the shares read right."""
        weights = api.get(f"/v1/checkpoints/{checkpoint_id}/weights").raise_for_status()
        model = naivenet.from_safetensors(weights.content)

        def right(pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
            return np.asarray(model(pixels.reshape(-1, 784) / np.float32(255))).argmax(axis=1) == labels

        read = right(self._pixels, self._labels)
        mnist = right(np.asarray(self._images), np.asarray(self._truth))
        return Score(drawn=read.mean(), european_ones=read[self._european_ones].mean(), mnist=mnist.mean())


def _teach(api: httpx2.Client, name: str, digits: Drawn) -> Json:
    """Add digits to a new dataset as the page does, teach them, and return the job."""
    api.post("/v1/datasets", json={"name": name}).raise_for_status()
    for start in range(0, len(digits.files), CHUNK):
        files = [("file", ("digit.png", file, "image/png")) for file in digits.files[start : start + CHUNK]]
        labels = [str(label) for label in digits.labels[start : start + CHUNK]]
        api.post(f"/v1/datasets/{name}/samples", files=files, data={"label": labels}).raise_for_status()
    return finished(api, api.post(f"/v1/datasets/{name}/teach", json={}).raise_for_status().json()["id"])


def _seconds(job: Json) -> float:
    began, ended = (datetime.fromisoformat(job[each]) for each in ("started_at", "finished_at"))
    return (ended - began).total_seconds()


def _row(preset: str, taught: str, score: Score, seconds: float | None) -> list[str]:
    shares = (f"{100 * share:.1f}" for share in (score.drawn, score.european_ones))
    return [preset, taught, *shares, f"{100 * score.mnist:.2f}", f"{seconds:.1f}" if seconds else ""]


def _lines(rows: list[list[str]], count: int) -> list[str]:
    header = ["network", "taught", "drawn digits", "European 1", "MNIST's test pictures", "seconds"]
    return [
        "## Digits drawn on the page",
        "",
        f"By `make bench-drawn`: {count} drawings of each digit in each style of `tests/pictures/drawn.py`, as the",
        "page sends them: thin to thick, small to large, with flags and feet at the 1 and a bar across the 7.",
        "Shares read right, in percent, before and after teaching (`POST /v1/datasets/NAME/teach`) with other",
        "drawings of the same styles.",
        "",
        *table(header, rows),
    ]


if __name__ == "__main__":
    main()
