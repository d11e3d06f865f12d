"""The text alternatives of histograms of weights."""

import re

import numpy as np
import pytest

from service.charts.histograms import histograms, weight_history
from service.charts.request import Look
from tests.servers import Json


def binned(weights: np.ndarray) -> Json:
    """The histogram of weights, as the service computes it."""
    counts, edges = np.histogram(weights, bins=64, range=(-1, 1))
    return {"edges": edges.tolist(), "shares": (counts / len(weights)).tolist()}


def numbers(text: str) -> list[float]:
    """The numbers of a sentence, without the layer's."""
    found = re.findall(r"\N{MINUS SIGN}?\d+\.?\d*", text.partition(":")[2])
    return [float(each.replace("\N{MINUS SIGN}", "-")) for each in found]


def test_a_histogram_says_where_the_weights_lie() -> None:
    """Its ends, and the quartiles by NumPy, to the width of a bin."""
    weights = np.random.default_rng(1).normal(0, 0.2, 10_000)
    text = histograms({"layers": [binned(weights)]}, Look()).description
    quartiles = np.quantile(weights, [0.25, 0.75])
    assert numbers(text) == pytest.approx([weights.min(), weights.max(), *quartiles], abs=0.04)
    assert histograms({"layers": [binned(weights)]}, Look(language="es")).description.startswith("Capa 1: pesos de")


def test_the_history_of_weights_says_how_they_spread() -> None:
    """The middle half at first, and after the last epoch; a layer without epochs says nothing."""
    columns = [
        {"since": epoch - 1, "epoch": epoch, "shares": binned(np.linspace(-epoch / 8, epoch / 8, 1_000))["shares"]}
        for epoch in (1, 4)
    ]
    layers = [{"edges": binned(np.zeros(1))["edges"], "columns": each} for each in (columns, [])]
    text = weight_history({"layers": layers}, Look()).description
    assert numbers(text) == pytest.approx([-0.0625, 0.0625, -0.25, 0.25, 4], abs=0.04)
    assert "Layer 2" not in text
