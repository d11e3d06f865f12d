"""The mix of a teaching job."""

import pytest

from service.jobs.teaching import teaching


@pytest.mark.parametrize(("samples", "weight"), [(0, 20), (1, 20), (150, 20), (600, 5), (60_000, 0.05)])
def test_a_large_dataset_of_ones_own_is_shown_less_often(samples: int, weight: float) -> None:
    """An epoch shows at most 3,000 of its pictures, so that teaching stays short."""
    assert [each["weight"] for each in teaching("mine", samples)["datasets"]] == [0.1, weight]
