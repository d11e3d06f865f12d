"""Claims on queued jobs, also by several trainers at once."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import update

from service.composition import Services
from service.domain.claims import Claim, ProcessName
from service.domain.job import Status
from service.store.tables import JobRow

Queue = Callable[..., str]
Hold = Callable[..., Claim]

TRAINER = ProcessName(host="a", boot="b", namespace="c", pid=1, started=2)
WORKER = ProcessName(host="a", boot="b", namespace="c", pid=3, started=4)

CLAIM = """
import sys, pathlib
from service.composition import compose
from service.settings import Settings
services = compose(Settings(data_dir=pathlib.Path(sys.argv[1])))
print("ready", flush=True)
sys.stdin.readline()
while claim := services.claims.acquire(max_running=100):
    print(claim.job_id, flush=True)
"""


def test_the_longest_waiting_is_claimed_first(services: Services, queue: Queue) -> None:
    """Jobs are claimed in the order of the queue."""
    ids = [queue() for _ in range(3)]
    claimed = [services.claims.acquire(max_running=3) for _ in ids]
    assert [claim.job_id for claim in claimed if claim] == ids


def test_the_limit_on_running_jobs_holds(services: Services, queue: Queue, held: Hold) -> None:
    """Jobs that are being cancelled still count: they have workers."""
    services.jobs.cancel(held().job_id)
    queue()
    assert services.claims.acquire(max_running=1) is None
    assert services.claims.acquire(max_running=2) is not None


def test_an_empty_queue(services: Services) -> None:
    """With an empty queue there is no claim."""
    assert services.claims.acquire(max_running=1) is None


def test_a_claim_starts_the_job(services: Services, held: Hold) -> None:
    """A claimed job is running, at attempt 1, and has a start time."""
    job = services.jobs.get(held().job_id)
    assert (job.status, job.attempt) == (Status.RUNNING, 1)
    assert job.started_at is not None


def test_a_claim_names_its_trainer_and_its_worker(services: Services, queue: Queue) -> None:
    """The trainer is named from the claim on, the worker from its first heartbeat on, and each once."""
    queue()
    claim = services.claims.acquire(max_running=1, process=TRAINER)
    assert claim
    assert services.claims.leases()[claim].processes == (TRAINER,)
    for _ in range(2):
        services.workers.heartbeat(claim, process=TRAINER)
        services.workers.heartbeat(claim, process=WORKER)
    assert services.claims.leases()[claim].processes == (TRAINER, WORKER)
    services.workers.release(claim)
    again = services.claims.acquire(max_running=1, process=WORKER)
    assert again
    assert services.claims.leases()[again].processes == (WORKER,)


def test_the_claim_of_an_older_version_names_no_process(services: Services, queue: Queue) -> None:
    """An older trainer leaves the processes of the attempt before in the row: they are not those of its own claim."""
    queue()
    assert services.claims.acquire(max_running=1, process=TRAINER)
    with services.database.write() as session:
        session.execute(update(JobRow).values(attempt=2))
    (lease,) = services.claims.leases().values()
    assert lease.processes == ()


def test_polling_takes_no_write_lock(services: Services, held: Hold, queue: Queue) -> None:
    """While the limit of running jobs is reached, polling does not wait for writers."""
    held()
    queue()
    with services.database.write() as session:
        session.connection()
        assert services.claims.acquire(max_running=1) is None


def test_threads_that_claim_at_once_get_different_jobs(services: Services, queue: Queue) -> None:
    """Threads claim each job once."""
    ids = {queue() for _ in range(12)}
    with ThreadPoolExecutor(4) as pool:
        claimed = [f.result() for f in [pool.submit(services.claims.acquire, max_running=100) for _ in range(16)]]
    assert sorted(claim.job_id for claim in claimed if claim) == sorted(ids)


def test_processes_that_claim_at_once_get_different_jobs(services: Services, queue: Queue) -> None:
    """Processes claim each job once, and none is refused."""
    ids = {queue() for _ in range(20)}
    command = [sys.executable, "-c", CLAIM, str(services.settings.data_dir)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    claimers = [subprocess.Popen(command, **pipes) for _ in range(2)]  # type: ignore[call-overload]  # as one says it
    for claimer in claimers:
        assert claimer.stdout.readline() == "ready\n"
    for claimer in claimers:
        claimer.stdin.write("go\n")
        claimer.stdin.flush()
    claimed = [claimer.communicate()[0].split() for claimer in claimers]
    assert sorted(claimed[0] + claimed[1]) == sorted(ids)
    assert [claimer.returncode for claimer in claimers] == [0, 0]
