"""`python -m bench.cluster_costs`: measures what jobs cost the database, the store, the API and the trainer.

docs/explanation/scaling.md computes from these figures what limits a cluster of a hundred nodes.
"""

import argparse
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import insert, text

from bench.api import client, finished, queue
from bench.machine import described
from bench.postgres_costs import PUBLISHED_S, Cost, PostgresCosts
from bench.server import Server, naivenet
from bench.tables import table
from service.composition import Services, compose
from service.domain.claims import Claim
from service.domain.config import JobConfig
from service.domain.history import LossChunk
from service.domain.job import Progress, Status
from service.domain.worker_messages import ProgressReport
from service.settings import Settings
from service.store.tables import JobRow
from service.training.processes import this_process
from service.training.trainer.executors import LocalProcesses
from service.training.trainer.trainer import Trainer
from tests.object_store import ObjectStore, faulty_proxy

#: The steps of one record: of a job that makes a hundred a second, which records every 0.35 s.
_STEPS = 35

#: How long an idle service is measured, in seconds.
_REST_S = 5.0

_HEADER = ["", "ms of its process", "ms of PostgreSQL", "statements", "bytes of WAL"]


class FullHouse(LocalProcesses):
    """An executor without room: its trainer polls, checks its leases, and claims nothing."""

    def room(self) -> int:
        """Return 0."""
        return 0


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster_costs", description=__doc__)
    parser.add_argument("--times", type=int, default=300, help="calls of each kind")
    parser.add_argument("--running", type=int, nargs=2, default=(200, 1_000), help="two numbers of running jobs")
    parser.add_argument("--queued", type=int, nargs=2, default=(100, 10_000), help="two lengths of the queue")
    parser.add_argument("--calls-only", action="store_true", help="train no job")
    given = parser.parse_args()
    print(described())
    with PostgresCosts() as postgres:
        if not given.calls_only:
            _print("A job, from its POST to its end", ["", "per job"], _job(postgres))
        _print("Calls of a running job's worker", _HEADER, _of_a_worker(postgres, given.times))
        _print("Requests for a running job", ["", "ms of the API", "ms of PostgreSQL"], _of_the_api(postgres, given))
        _print("Calls of the trainer", _HEADER, _of_the_trainer(postgres, given))


def _print(title: str, header: list[str], rows: Iterator[list[str]]) -> None:
    print("\n".join(["", f"## {title}", "", *table(header, rows)]), flush=True)


def _row(what: str, cost: Cost) -> list[str]:
    return [what, f"{cost.own_ms:.2f}", f"{cost.server_ms:.2f}", f"{cost.statements:.1f}", f"{cost.wal_bytes:,.0f}"]


@contextmanager
def _services(url: str) -> Iterator[Services]:
    """Yield the services of a process on an empty database."""
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database_url=url, max_queued_jobs=100_000)
        with closing(compose(settings)) as services:
            yield services


def _job(postgres: PostgresCosts) -> Iterator[list[str]]:
    """Train the notebook's job on PostgreSQL and S3, with one thread."""
    store, url = ObjectStore(), postgres.new()
    with tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir, faulty_proxy(store) as (endpoint, proxy):
        options = store.settings("bench")
        options["storage_options"] = options["storage_options"].replace(store.endpoint, endpoint)
        with naivenet(data_dir, database_url=url, threads_per_job=1, **options) as server, client(server.port) as api:
            finished(api, queue(api, epochs=1, seed=1))  # the fork server is up after it
            idle, resting = postgres.connections(url), postgres.totals(url)
            time.sleep(_REST_S)
            before, asked, began = postgres.totals(url), proxy.asked, time.perf_counter()
            job_id = queue(api, seed=1)
            time.sleep(3)
            during = postgres.connections(url)
            job = finished(api, job_id, poll_s=1.0)
            seconds, after = time.perf_counter() - began, postgres.totals(url)
        kept = store.client("s3").list_objects_v2(Bucket="checkpoints", Prefix="bench/")["Contents"]
    store.stop()
    idle_rate = (before.transactions - resting.transactions) / (_REST_S + PUBLISHED_S)
    yield ["seconds, and its steps", f"{seconds:.0f}, {job['progress']['total_steps']:,}"]
    yield ["connections of its worker to PostgreSQL, at most", f"{during - idle}"]
    yield ["connections of an API and a trainer without a job", f"{idle}"]
    yield ["transactions, with the service's own", f"{after.transactions - before.transactions:,}"]
    yield ["transactions of an idle service in as long", f"{idle_rate * seconds:,.0f}"]
    yield ["rows inserted, updated", f"{after.inserted - before.inserted:,}, {after.updated - before.updated:,}"]
    yield ["bytes in the database", f"{after.bytes - before.bytes:,}"]
    yield ["bytes of WAL", f"{after.wal_bytes - before.wal_bytes:,}"]
    yield ["ms of PostgreSQL", f"{after.server_ms - before.server_ms:,.0f}"]
    yield ["requests to the store", f"{proxy.asked - asked:,}"]
    yield ["bytes kept in the store, with a job of one epoch", f"{sum(each['Size'] for each in kept):,}"]


def _of_a_worker(postgres: PostgresCosts, times: int) -> Iterator[list[str]]:
    with _services(postgres.new()) as services:
        claim = _running(services, 1)[0]
        yield _row("record", postgres.cost(services, _recording(services, claim), times))
        yield _row("heartbeat", postgres.cost(services, lambda: services.workers.heartbeat(claim), times))
        yield _row("look for watchers", postgres.cost(services, lambda: services.watches.token(claim.job_id), times))


def _recording(services: Services, claim: Claim) -> Callable[[], object]:
    steps = iter(range(1, 10**9, _STEPS))

    def record() -> None:
        first = next(steps)
        chunk = LossChunk(first_step=first, epoch=1, losses=array("f", range(_STEPS)))
        progress = Progress(epoch=1, step=first + _STEPS - 1, samples_per_second=1e4)
        services.workers.record(claim, ProgressReport(chunks=[chunk], progress=progress, seconds=0.35))

    return record


def _of_the_api(postgres: PostgresCosts, given: argparse.Namespace) -> Iterator[list[str]]:
    url = postgres.new()
    with _services(url) as services, tempfile.TemporaryDirectory(prefix="naivenet-bench-") as data_dir:
        claim = _running(services, 1)[0]
        _fill(services, given.queued[1])
        limits = {"max_queued_jobs": 100_000, "trainer": False}
        with naivenet(data_dir, database_url=url, **limits) as server, client(server.port) as api:
            path = f"/v1/jobs/{claim.job_id}"
            yield _api_row("poll of the job", postgres, server, lambda: api.get(path), given.times)
            yield _api_row("POST of a job, 10,000 queued", postgres, server, lambda: queue(api), given.times)
            record = _recording(services, claim)
            with api.stream("GET", f"{path}/events", headers={"Accept": "text/event-stream"}) as stream:
                lines = stream.iter_lines()

                def watched() -> None:
                    record()
                    next(line for line in lines if line.startswith("data") and '"steps"' in line)

                yield _api_row("record, sent to a stream", postgres, server, watched, given.times)


def _api_row(what: str, postgres: PostgresCosts, server: Server, call: Callable[[], object], times: int) -> list[str]:
    before = _cpu_ms(server.pid)
    cost = postgres.cost(None, call, times)
    return [what, f"{(_cpu_ms(server.pid) - before) / times:.2f}", f"{cost.server_ms:.2f}"]


def _cpu_ms(pid: int) -> float:
    """Return the CPU time of all threads of a process."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e6


def _of_the_trainer(postgres: PostgresCosts, given: argparse.Namespace) -> Iterator[list[str]]:
    for running, queued in zip(given.running, given.queued, strict=True):
        with _services(postgres.new()) as services:
            _fill(services, queued)
            claim = lambda: services.claims.acquire(process=this_process())  # noqa: E731  # measured, and then used
            yield _row(f"claim, {queued:,} queued", postgres.cost(services, claim, min(running, queued)))
            _running(services, running - min(running, queued))
            trainer = Trainer(services, FullHouse(1))
            waiting = services.claims.are_waiting
            yield _row(f"poll, {running:,} running", postgres.cost(services, trainer.poll, given.times // 10))
            yield _row("look for a queued job", postgres.cost(services, waiting, given.times))
            check = trainer._recover_silent_workers  # noqa: SLF001  # what a poll does once a second
            yield _row(f"check of {running:,} leases", postgres.cost(services, check, 10))


def _running(services: Services, count: int) -> list[Claim]:
    """Queue and claim jobs, as another trainer on another machine does."""
    _fill(services, count)
    claims = [services.claims.acquire() for _ in range(count)]
    return [each for each in claims if each]


def _fill(services: Services, count: int) -> None:
    """Insert queued jobs directly: this is not measured."""
    job = services.jobs.create(JobConfig(seed=1))
    with services.database.write() as session:
        row = session.get_one(JobRow, job.id)
        values = {column.key: getattr(row, column.key) for column in JobRow.__table__.columns if column.key != "group"}
        copies = [values | {"id": f"{job.id[:-6]}{number:06}", "status": Status.QUEUED} for number in range(count - 1)]
        if copies:
            session.execute(insert(JobRow), copies)
        session.execute(text("ANALYZE jobs"))  # the measured server has no autovacuum


if __name__ == "__main__":
    main()
