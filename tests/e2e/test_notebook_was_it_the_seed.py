"""The third notebook repeats a training, compares by pairs, and asks the service the same question."""

from pathlib import Path

import pytest

from tests.notebooks import NOTEBOOKS, outputs, own_service, run

CHECKS = """
assert np.ptp(narrow) > abs(np.mean(wide - narrow)) > 0  # the same network spreads further than the networks differ
assert 0.02 < lucky < 0.6  # single runs often choose the wrong one
assert low > 0 and as_far.mean() < 0.05  # ten pairs do not
assert difference.std(ddof=1) < 100 * max(narrow.std(ddof=1), wide.std(ddof=1))
assert pair.verdict == "better" and experiment.jobs.succeeded == 20
"""


@pytest.mark.timeout(900)
def test_every_cell_runs(tmp_path: Path) -> None:
    """Every cell runs, charts are drawn, and the numbers are what the texts say."""
    notebook = run(NOTEBOOKS / "en" / "3-was-it-the-seed.ipynb", CHECKS, folder=tmp_path, **own_service(tmp_path))

    assert len(outputs(notebook, "application/vnd.vegalite.v6+json")) == 1
    assert sum("vega" in str(each) for each in outputs(notebook, "text/html")) == 2
