"""A job: a training run in the service."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Literal, Self, Unpack, overload

import msgspec

from naivenet_client import html
from naivenet_client._async.bound import AsyncBound, fetch_bound
from naivenet_client._async.charts import AsyncChart
from naivenet_client._async.checkpoints import AsyncCheckpoint
from naivenet_client._async.following import AsyncFollower
from naivenet_client._async.http import AsyncHttp
from naivenet_client._async.pages import AsyncPages
from naivenet_client._async.predictions import predict
from naivenet_client.charts import Look
from naivenet_client.connection import Request
from naivenet_client.errors import JobFailed
from naivenet_client.lists import ListOptions, list_params
from naivenet_client.pictures import ManyPictures, OnePicture
from naivenet_client.progress import ProgressBar, note_interruption
from naivenet_client.schemas.events import Event
from naivenet_client.schemas.history import EpochPoint, History, Point, StepPoint
from naivenet_client.schemas.jobs import JobData, JobFields
from naivenet_client.schemas.networks import NetworkWeights, UnitWeights
from naivenet_client.schemas.predictions import Prediction, PredictOptions
from naivenet_client.schemas.steps import RecordedStep, RecordedSteps

#: For how many seconds `events` and `wait` try to reach a service that does not respond.
PATIENCE_S = 300.0


class AsyncJobReference(AsyncBound):
    """A job of which only the `id` is known: what can be requested of it, without reading it first."""

    id: str

    async def update(
        self,
        *,
        name: str | None = None,
        metadata: Mapping[str, str | None] | None = None,
        learning_rate: float | None = None,
        momentum: float | None = None,
    ) -> "AsyncJob":
        """Change the name or metadata at any time, or the learning rate and momentum until the job ends.

        Args:
            name: A new name.
            metadata: Labels to add or replace; a label that is None is removed.
            learning_rate: Holds from one of the next steps on.
            momentum: Likewise.
        """
        optimizer = given(learning_rate=learning_rate, momentum=momentum)
        patch = given(name=name, metadata=metadata, optimizer=optimizer or None)
        return await self._change("PATCH", "", json=patch)

    async def pause(self) -> "AsyncJob":
        """Let the job save a checkpoint and free its worker; it is paused a moment later."""
        return await self._change("POST", "/pause")

    async def resume(self) -> "AsyncJob":
        """Resume a paused job at the same step."""
        return await self._change("POST", "/resume")

    async def cancel(self) -> "AsyncJob":
        """Cancel the job: at once if it waits, soon if it trains."""
        return await self._change("POST", "/cancel")

    async def delete(self) -> None:
        """Delete the job, which must have ended, with its history and the checkpoints that no model uses."""
        await self._http.send(Request(method="DELETE", path=f"/v1/jobs/{self.id}"))

    async def fork(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[JobFields],
    ) -> "AsyncJob":
        """Start a new job from this one's last checkpoint and configuration, with other *fields*; see `jobs.create`."""
        return await create(self._http, f"/v1/jobs/{self.id}/fork", {**(config or {}), **fields}, idempotency_key)

    def events(self, *, after: int = 0, patience: float = PATIENCE_S) -> AsyncGenerator[Event]:
        """Return an iterator over the job's events: those of the past, then each when it happens, until the job ends.

        If the connection breaks or the service restarts, it connects again and continues after the last event.

        Args:
            after: The number of the event after which to begin.
            patience: For how many seconds to try to reach a service that does not respond.
        """
        return AsyncFollower(http=self._http, job_id=self.id, after=after, patience=patience).events()

    @overload
    async def history(
        self, granularity: Literal["step"] = "step", *, after: int = 0, max_points: int | None = None
    ) -> History[StepPoint]: ...

    @overload
    async def history(
        self, granularity: Literal["epoch"], *, after: int = 0, max_points: int | None = None
    ) -> History[EpochPoint]: ...

    async def history(
        self, granularity: Literal["step", "epoch"] = "step", *, after: int = 0, max_points: int | None = None
    ) -> History[StepPoint] | History[EpochPoint]:
        """Return the loss of each step, or the metrics of each epoch.

        Args:
            granularity: ``step`` or ``epoch``.
            after: Only points after this step.
            max_points: The largest number of points; the first, last, lowest and highest ones stay.
        """
        params = {"granularity": granularity, "after": after, "max_points": max_points}
        if granularity == "epoch":
            return await self._whole_history(History[EpochPoint], params)
        return await self._whole_history(History[StepPoint], params)

    async def recorded_steps(self) -> list[int]:
        """Return the numbers of the steps that the job has recorded in full (`record_steps`)."""
        found = await self._http.fetch(RecordedSteps, Request(method="GET", path=f"/v1/jobs/{self.id}/steps"))
        return found.data

    async def recorded_step(self, number: int) -> RecordedStep:
        """Return what happened in a recorded step: its batch, predictions, losses, gradients and update."""
        return await self._http.fetch(RecordedStep, Request(method="GET", path=f"/v1/jobs/{self.id}/steps/{number}"))

    async def _whole_history(self, kind: type[History[Point]], params: dict[str, Any]) -> History[Point]:
        """Return a history; the service returns a long one in parts."""
        path = f"/v1/jobs/{self.id}/history"
        parts = [await self._http.fetch(kind, Request(method="GET", path=path, params=params))]
        while parts[-1].has_more:
            params = params | {"after": parts[-1].next_after}
            parts.append(await self._http.fetch(kind, Request(method="GET", path=path, params=params)))
        return msgspec.structs.replace(parts[-1], data=tuple(point for part in parts for point in part.data))

    def checkpoints(self, *, limit: int | None = None, **options: Unpack[ListOptions]) -> AsyncPages[AsyncCheckpoint]:
        """Return the job's checkpoints, newest first; see `naivenet_client.lists.ListOptions` for another order."""
        request = Request(method="GET", path=f"/v1/jobs/{self.id}/checkpoints", params=list_params(options))
        return AsyncPages(self._http, AsyncCheckpoint, request, limit=limit)

    async def save(self) -> AsyncCheckpoint:
        """Save a checkpoint now, also while the job trains, and return it."""
        request = Request(method="POST", path=f"/v1/jobs/{self.id}/checkpoints")
        return await fetch_bound(self._http, AsyncCheckpoint, request)

    @overload
    async def predict(self, pictures: OnePicture, **options: Unpack[PredictOptions]) -> Prediction: ...

    @overload
    async def predict(self, pictures: ManyPictures, **options: Unpack[PredictOptions]) -> list[Prediction]: ...

    @overload
    async def predict(self, pictures: Any, **options: Unpack[PredictOptions]) -> Any: ...

    async def predict(self, pictures: Any, **options: Unpack[PredictOptions]) -> Any:
        """Recognise digits with the job's newest weights, also while it trains; see `Client.predict`."""
        return await predict(self._http, f"/v1/jobs/{self.id}/predict", pictures, options)

    async def network_weights(self, *, most: int | None = None, pictures: bool = False) -> NetworkWeights:
        """Return the newest weights between at most *most* units of each layer, also while the job trains.

        Args:
            most: The largest number of units to show of a layer, from 1 to 100; 24 by default.
            pictures: Whether to return the weights into each shown unit of the first layer, too.
        """
        params = given(most=most, pictures=pictures or None)
        request = Request(method="GET", path=f"/v1/jobs/{self.id}/network", params=params)
        return await self._http.fetch(NetworkWeights, request)

    async def unit_weights(self, layer: int, unit: int) -> UnitWeights:
        """Return all newest weights into one unit, also while the job trains; *layer* and *unit* count from 0."""
        request = Request(method="GET", path=f"/v1/jobs/{self.id}/network/{layer}/{unit}")
        return await self._http.fetch(UnitWeights, request)

    async def plot(
        self,
        figure: Literal["loss", "accuracy", "epoch_loss"] = "loss",
        *,
        max_points: int | None = None,
        smoothing: float | None = None,
        scale_of_loss: Literal["linear", "log", "whole"] | None = None,
        **look: Unpack[Look],
    ) -> AsyncChart:
        """Return the learning curve: the loss of each step, or the accuracy or mean loss of each epoch."""
        params = given(figure=figure, max_points=max_points, smoothing=smoothing, scale_of_loss=scale_of_loss, **look)
        return await AsyncChart.load(self._http, f"/v1/jobs/{self.id}/curve", params)

    async def histograms(self, **look: Unpack[Look]) -> AsyncChart:
        """Return a chart of each layer's weights over the epochs."""
        return await AsyncChart.load(self._http, f"/v1/jobs/{self.id}/histograms", dict(look))

    async def report(self, language: Literal["en", "es"] = "en") -> str:
        """Return what the job has done as one HTML file that opens offline: results, charts and configuration."""
        params = {"language": language}
        return (await self._http.send(Request(method="GET", path=f"/v1/jobs/{self.id}/report", params=params))).text

    async def _change(self, method: str, suffix: str, *, json: Any = None) -> "AsyncJob":
        request = Request(method=method, path=f"/v1/jobs/{self.id}{suffix}", json=json)
        return await fetch_bound(self._http, AsyncJob, request)

    def __repr__(self) -> str:
        """Return a short text."""
        return f"JobReference({self.id})"


class AsyncJob(AsyncJobReference, JobData, kw_only=True, dict=True):
    """A job. Its attributes are those of the last response about it; `refresh` reads them again."""

    async def refresh(self) -> Self:
        """Read the job again, and return it."""
        await self._change("GET", "")
        return self

    async def wait(
        self,
        *,
        progress: bool = True,
        timeout: float | None = None,  # noqa: ASYNC109  # also the blocking client's
    ) -> Self:
        """Wait until the job has ended, and return it.

        Args:
            progress: Whether to show a progress bar, in a terminal or a notebook.
            timeout: For how many seconds to wait at most. The job continues afterwards.

        Raises:
            JobFailed: The job has failed.
            Timeout: The job has not ended in time.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            await self._watch(deadline, progress=progress)
        except BaseException as error:
            cancelled = type(error).__name__ == "CancelledError"  # also asyncio's Ctrl-C
            if isinstance(error, KeyboardInterrupt) or (cancelled and progress):
                note_interruption(self.id)
            if isinstance(error, KeyboardInterrupt):
                raise error.with_traceback(None) from None  # a person needs no frames of the network
            raise
        await self.refresh()
        if self.status == "failed":
            raise JobFailed(self)
        return self

    async def _change(self, method: str, suffix: str, *, json: Any = None) -> "AsyncJob":
        changed = await super()._change(method, suffix, json=json)
        for name in self.__struct_fields__:
            setattr(self, name, getattr(changed, name))
        return self

    async def _watch(self, deadline: float | None, *, progress: bool) -> None:
        follower = AsyncFollower(http=self._http, job_id=self.id, after=0, patience=PATIENCE_S, deadline=deadline)
        with ProgressBar(self, shown=progress) as bar:
            async with aclosing(follower.events()) as events:
                async for event in events:
                    if bar.lacks_total and event.type == "steps":
                        bar.set_total((await self.refresh()).progress.total_steps)
                    bar.show(event)

    def __repr__(self) -> str:
        """Return a short text."""
        name = f" {self.name!r}" if self.name else ""
        return f"Job({self.id}{name}, {self.status}, epoch {self.progress.epoch} of {self.epochs})"

    def _repr_html_(self) -> str:
        return html.job(self, self._http.connection.losses_now(self.id))


async def create(http: AsyncHttp, path: str, body: dict[str, Any], idempotency_key: str | None) -> AsyncJob:
    """Create a job by the route at *path*, and return it."""
    headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
    return await fetch_bound(http, AsyncJob, Request(method="POST", path=path, json=body, headers=headers))


def given(**fields: Any) -> dict[str, Any]:
    """Return the fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
