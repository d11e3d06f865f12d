"""How long a job would take, by a measured default and by the jobs of this machine."""

from datetime import UTC, datetime, timedelta

import pytest

from service.composition import Services
from service.domain.job import Status
from service.jobs.configurations import resolve_new
from service.jobs.estimate import estimate
from service.store.tables import JobRow

#: The steps of a job that trains ten epochs on MNIST, by batches of 128.
STEPS = 4690


def _estimated(services: Services, **fields: object) -> tuple[float, bool]:
    answer = estimate(services, resolve_new(services, fields).model_dump(mode="json"))
    return answer.seconds, answer.measured


def _succeed(services: Services, *, seconds: float, steps: int, **fields: object) -> None:
    """Add a job of the preset ``accurate`` that succeeded after so many *steps*."""
    job = services.jobs.create(resolve_new(services, {"preset": "accurate", **fields}))
    with services.database.write() as session:
        row = session.get(JobRow, job.id)
        assert row
        row.status, row.step = Status.SUCCEEDED, steps
        row.claimed_at = datetime.now(UTC)
        row.finished_at = row.claimed_at + timedelta(seconds=seconds)


def test_before_the_first_job_the_estimate_is_a_default(services: Services) -> None:
    """It grows with the epochs, the network and the augmentation, and is not measured."""
    first, measured = _estimated(services, preset="accurate")
    assert not measured
    layers = [{"units": 1024, "activation": "relu"}, {"units": 10, "activation": "softmax"}]
    larger: tuple[dict[str, object], ...] = (
        {"epochs": 20},
        {"network": {"layers": layers}},
        {"augment": {}},
        {"datasets": ["mnist"], "epochs": 11},
    )
    assert all(_estimated(services, preset="accurate", **fields)[0] > first for fields in larger)
    assert _estimated(services, preset="accurate", validation_split=0.5)[0] < first


def test_the_jobs_of_this_machine_measure_it(services: Services) -> None:
    """A machine that takes three times as long has estimates three times as high, however long its jobs are."""
    default, _ = _estimated(services, preset="accurate")
    _succeed(services, seconds=3 * default, steps=STEPS)
    slow, measured = _estimated(services, preset="accurate")
    assert measured
    assert slow == pytest.approx(3 * default)
    robust = _estimated(services, preset="robust")[0]
    _succeed(services, seconds=3 * default, steps=STEPS)
    assert _estimated(services, preset="robust")[0] == pytest.approx(robust)


def test_each_precision_has_its_own_pace(services: Services) -> None:
    """Jobs in bfloat16 measure those in bfloat16 alone; before the first of them, those in float32 do."""
    default, _ = _estimated(services, preset="accurate")
    _succeed(services, seconds=3 * default, steps=STEPS)
    assert _estimated(services, preset="accurate", precision="bfloat16")[0] == pytest.approx(3 * default)
    _succeed(services, seconds=2 * default, steps=STEPS, precision="bfloat16")
    assert _estimated(services, preset="accurate", precision="bfloat16")[0] == pytest.approx(2 * default)
    assert _estimated(services, preset="accurate")[0] == pytest.approx(3 * default)
