"""Jobs that the page's tests watch while they train."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

from tests.servers import Json, finished, start_job, training

#: Trains for minutes, with an epoch every few tenths of a second.
LONG = {"dataset": "tiny", "epochs": 1000, "batch_size": 8, "optimizer": {"learning_rate": 0.01}}


@contextmanager
def long_job(api: httpx2.Client) -> Iterator[str]:
    """A job that has taken its first step and trains until the end of the block, which cancels it."""
    job_id = start_job(api, **LONG)
    training(api, job_id)
    try:
        yield job_id
    finally:
        api.post(f"/v1/jobs/{job_id}/cancel")


def without_rate(api: httpx2.Client) -> Json:
    """A finished job with a learning rate of 0, which learns nothing."""
    layers = [{"units": 10, "activation": "softmax"}]
    return finished(api, start_job(api, network={"layers": layers}, optimizer={"learning_rate": 0.0}, seed=3))
