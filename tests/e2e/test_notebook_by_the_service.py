"""The second notebook starts a service, trains, saves, loads and predicts."""

from pathlib import Path

import pytest

from tests.notebooks import NOTEBOOKS, outputs, own_service, run

CHECKS = """
assert service is not None and service.returncode is not None  # it started one, and ended it
assert 0.95 < job.result.test_accuracy == naivenet.evaluate(model, mnist.x_test, mnist.y_test).accuracy
assert len(wrong) < 25
assert seen[-1]["probability of 7"] > seen[0]["probability of 7"] and len(seen) > 5
assert [each.result.test_accuracy for each in jobs] == sorted(each.result.test_accuracy for each in jobs)
"""


@pytest.mark.timeout(900)
def test_every_cell_runs(tmp_path: Path) -> None:
    """Every cell runs, charts are drawn, and the numbers are what the texts say."""
    notebook = run(NOTEBOOKS / "en" / "2-by-the-service.ipynb", CHECKS, folder=tmp_path, **own_service(tmp_path))

    assert len(outputs(notebook, "application/vnd.vegalite.v6+json")) == 2
    assert len(outputs(notebook, "image/png")) == 1
    assert '"event"' not in str(notebook.cells)  # the service's log lines would come between the lines of the cells
    assert (tmp_path / "weights.safetensors").stat().st_size > 1_600_000
