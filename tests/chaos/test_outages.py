"""The checkpoint store or the database is away for several leases: queued and running jobs lose time, no attempt.

`CHAOS_OUTAGE_S` makes the outages longer; after more than a minute a running job is released, and goes on later.
"""

import os
import time
from collections.abc import Callable

import httpx2

from service.training.trainer.availability import FRESH_S
from tests.object_store import FaultyProxy
from tests.postgres import Cluster
from tests.servers import Json, Server, finished, start_job, training, until

StartServer = Callable[..., Server]

#: Seconds after which a silent worker is lost, and seconds of an outage.
LEASE_S = 2.0
OUTAGE_S = float(os.environ.get("CHAOS_OUTAGE_S", "5"))

#: How many jobs run and wait: more in the long form.
RUNNING, QUEUED = (1, 2) if OUTAGE_S < 60 else (2, 6)

#: A job that needs the store every few moments, and is not over before the outage.
BODY = {"epochs": 60 if OUTAGE_S < 60 else 200, "checkpoint_every_epochs": 6, "seed": 5}


def assert_only_time_was_lost(client: httpx2.Client, ids: list[str]) -> None:
    """Check that all jobs have succeeded, and that no worker counts as lost."""
    jobs = [finished(client, job_id) for job_id in ids]
    assert [job["status"] for job in jobs] == ["succeeded"] * len(ids), [job["error"] for job in jobs]
    if OUTAGE_S < 60:  # otherwise a running job has been released
        assert [job["attempt"] for job in jobs] == [1] * len(ids)
    counts = client.get("/metrics").text.splitlines()
    lost = [line for line in counts if line.startswith("naivenet_workers_lost_total")]
    assert {line.rpartition(" ")[2] for line in lost} == {"0.0"}


def test_a_store_that_is_away_costs_time_only(
    start_server: StartServer, proxied: tuple[Json, type[FaultyProxy]]
) -> None:
    """Running jobs wait, nothing is claimed, and all jobs succeed afterwards; the trainer logs two lines."""
    settings, proxy = proxied
    server = start_server(**settings, worker_timeout_s=LEASE_S, max_running_jobs=RUNNING + 1, max_attempts=1)
    with server.client() as client:
        ids = run(client)
        with proxy.away():
            queued = [start_job(client) for _ in range(QUEUED)]
            until(lambda: "no job is claimed" in server.said(), what="the trainer to notice")
            time.sleep(OUTAGE_S)
            assert statuses(client, queued) == {"queued"}
        assert_only_time_was_lost(client, ids + queued)
    assert server.said().count("no job is claimed") == server.said().count("the checkpoint store answers again") == 1


def test_a_database_without_a_free_connection_costs_time_only(own_postgres: Cluster, start_server: StartServer) -> None:
    """Nothing is claimed, or a claimed job waits for a connection: another process may give one back meanwhile."""
    settings = {"database_url": own_postgres.new(), "max_attempts": 1}
    server = start_server(**settings, worker_timeout_s=LEASE_S, max_running_jobs=RUNNING + 1)
    with server.client() as client:
        ids = run(client)
        with own_postgres.filled():
            queued = [start_job(client) for _ in range(QUEUED)]
            time.sleep(OUTAGE_S)
        assert_only_time_was_lost(client, ids + queued)


def test_a_database_that_is_down_costs_time_only(own_postgres: Cluster, start_server: StartServer) -> None:
    """Running jobs wait, or are released once the server is back."""
    settings = {"database_url": own_postgres.new(), "max_attempts": 1}
    server = start_server(**settings, worker_timeout_s=LEASE_S, max_running_jobs=RUNNING)
    with server.client() as client:
        ids = run(client) + [start_job(client) for _ in range(QUEUED)]
        with own_postgres.down():
            time.sleep(OUTAGE_S)
        assert_only_time_was_lost(client, ids)


def run(client: httpx2.Client) -> list[str]:
    """Start the jobs that are to run, and wait until they train, and until the trainer has to probe before a claim."""
    ids = [start_job(client, **BODY) for _ in range(RUNNING)]
    for job_id in ids:
        training(client, job_id)
    time.sleep(FRESH_S)
    return ids


def statuses(client: httpx2.Client, ids: list[str]) -> set[str]:
    """Return the statuses of the jobs."""
    return {client.get(f"/v1/jobs/{job_id}").json()["status"] for job_id in ids}
