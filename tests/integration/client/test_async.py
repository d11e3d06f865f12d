"""The asynchronous client: the same calls, awaited."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from naivenet_client import AsyncClient, JobFailed, NotFound, Timeout
from tests.servers import OVERFLOWING, Json, Server

DIGIT = Path(__file__).parents[3] / "docs" / "seven.png"


def run(session_server: Server, case: Any) -> None:
    """Run a case with a client of the shared service."""

    async def with_client() -> None:
        async with AsyncClient(session_server.base_url) as client:
            await case(client)

    asyncio.run(with_client())


def test_train_watch_and_predict(
    session_server: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job is created, watched, waited for with a bar, and predicts."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    async def case(client: AsyncClient) -> None:
        job = await client.jobs.create(dataset="tiny", epochs=2, seed=1)
        numbers = [event.number async for event in job.events()]
        assert numbers == list(range(1, len(numbers) + 1))
        assert (await job.wait()).status == "succeeded"
        assert "succeeded: 100%" in capsys.readouterr().err
        assert len(await job.history()) == 32
        assert len((await job.history("epoch")).points) == 2
        assert (await client.predict(DIGIT, job=job.id)).job_id == job.id
        assert "<svg" in job._repr_html_()

    run(session_server, case)


def test_lists_checkpoints_models_and_charts(session_server: Server, trained: Json, tmp_path: Path) -> None:
    """Lists are asynchronous iterators; files, charts, models and options work."""

    async def case(client: AsyncClient) -> None:
        (job,) = [each async for each in client.jobs.list(group="shared") if each.id == trained["id"]]
        checkpoint = (await job.checkpoints(limit=1).all())[0]
        assert (await checkpoint.download(tmp_path)).exists()
        assert (await (await job.plot()).save(tmp_path / "curve.png")).exists()
        assert "<table" in (await client.jobs.list(limit=2).all())._repr_html_()
        assert (await client.models.get()).name == "digits"
        assert "mnist" in (await client.options()).datasets
        assert (await client.checkpoints.get(checkpoint.id)).id == checkpoint.id

    run(session_server, case)


def test_errors(session_server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """A failed job, a missing one and a wait that takes too long raise what the blocking client raises."""

    async def case(client: AsyncClient) -> None:
        with pytest.raises(NotFound):
            await client.jobs.get("job_none")
        with pytest.raises(JobFailed):
            await (await client.jobs.create({"dataset": "tiny", "seed": 1, **OVERFLOWING})).wait(progress=False)
        long = await client.jobs.create(dataset="tiny", epochs=1000)
        with pytest.raises(Timeout):
            await long.wait(progress=False, timeout=0.2)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(long.wait(progress=False), 0.2)
        assert capsys.readouterr().err == ""
        await long.cancel()

    run(session_server, case)


def test_many_requests_at_once(session_server: Server, trained: Json) -> None:
    """One client sends many requests at the same time."""

    async def case(client: AsyncClient) -> None:
        calls: list[Coroutine[Any, Any, Any]] = [client.predict(DIGIT, job=trained["id"]) for _ in range(20)]
        assert {each.digit for each in await asyncio.gather(*calls)} == {7}

    run(session_server, case)
