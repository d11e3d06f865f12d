"""The data of the curves of compared jobs."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from service.api.charts import data
from service.domain.config import JobConfig
from service.domain.history import LossCurve

CURVE = LossCurve(
    first_step=1,
    losses=np.array([2, 1], np.float32),
    chunk_starts=np.array([1]),
    chunk_epochs=np.array([1]),
)


class Losses:
    """A history that has losses, and refuses to read epochs."""

    def losses(self, _job_id: str) -> LossCurve:
        """Return the same two losses for each job."""
        return CURVE

    def epochs(self, job_id: str) -> Any:
        """Fail: a chart of losses by step does not show them."""
        raise AssertionError(f"the epochs of {job_id} were read")


@pytest.mark.parametrize("place", [None, "step", "images"])
@pytest.mark.parametrize("gather", [data.compared, data.bands])
def test_losses_by_step_or_images_are_read_without_epochs(gather: Any, place: Any) -> None:
    """Sixty-four runs then take half as many queries."""
    services: Any = SimpleNamespace(history=Losses())
    jobs: Any = [SimpleNamespace(id="job_1", config=JobConfig(), progress=SimpleNamespace(total_steps=2))]
    shown = data.ComparedCurves(metric="loss", max_points=10, smoothing=0, log=False, place=place)
    assert len(gather(services, jobs, shown)["runs"][0]["points"]) == 2
