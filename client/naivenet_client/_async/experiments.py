"""Experiments: is B really better than A, or was it the seed?"""

import time
from collections.abc import Mapping
from typing import Any, Literal, Self, Unpack

from naivenet_client import html
from naivenet_client._async.bound import AsyncBound, fetch_bound
from naivenet_client._async.charts import AsyncChart
from naivenet_client._async.clock import sleep
from naivenet_client._async.http import AsyncHttp
from naivenet_client._async.job import PATIENCE_S, AsyncJob, given
from naivenet_client._async.pages import AsyncPages
from naivenet_client.charts import Look
from naivenet_client.connection import Request, segment
from naivenet_client.errors import NaivenetClientError, Timeout
from naivenet_client.lists import ListOptions, list_params
from naivenet_client.progress import CountBar
from naivenet_client.retries import may_pass
from naivenet_client.schemas.experiments import (
    ExperimentData,
    ExperimentFields,
    ExperimentResult,
    Metric,
    Plan,
    body_of,
)

#: How often `wait` reads an experiment, in seconds.
POLL_S = 0.5


class AsyncExperiment(AsyncBound, ExperimentData, kw_only=True, dict=True):
    """An experiment. Its attributes are those of the last response about it; `refresh` reads them again."""

    async def refresh(self) -> Self:
        """Read the experiment again, and return it."""
        return await self._updated(Request(method="GET", path=f"/v1/experiments/{self.id}"))

    async def wait(
        self,
        *,
        progress: bool = True,
        timeout: float | None = None,  # noqa: ASYNC109  # also the blocking client's
    ) -> Self:
        """Wait until all jobs have ended, and return the experiment; also through restarts of the service.

        Args:
            progress: Whether to show a progress bar, in a terminal or a notebook.
            timeout: For how many seconds to wait at most. The experiment continues afterwards.

        Raises:
            Timeout: The experiment has not ended in time.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with CountBar(self.jobs.total, unit="job", shown=progress) as bar:
            while True:
                await self._refresh_patiently()
                bar.show(self.jobs.ended, total=self.jobs.total)
                if self.has_ended:
                    return self
                if deadline is not None and time.monotonic() >= deadline:
                    raise Timeout(f"The experiment {self.id} has not ended in {timeout:g} s; it continues.")
                await sleep(POLL_S)

    async def result(self, *, language: Literal["en", "es"] = "en") -> ExperimentResult:
        """Return what the experiment shows so far: complete once it has ended.

        Args:
            language: The language of the sentences.
        """
        path, headers = f"/v1/experiments/{self.id}/result", {"Accept-Language": language}
        return await self._http.fetch(ExperimentResult, Request(method="GET", path=path, headers=headers))

    async def to_pandas(self) -> Any:
        """Return the runs as a pandas DataFrame: a row for each job, with its arm, seed, state and metric."""
        return (await self.result()).to_pandas()

    async def plot(
        self,
        kind: Literal["dots", "curve", "effects", "best_so_far", "parallel"] = "dots",
        *,
        figure: Metric | None = None,
        **look: Unpack[Look],
    ) -> AsyncChart:
        """Return a chart of every run, of the mean curve of each arm, or of what a sweep shows.

        Args:
            kind: ``dots``, or ``curve``; of a sweep also ``effects``, a curve of each field, ``best_so_far`` and
                ``parallel``.
            figure: The metric of the curves; by default that of the experiment.
            look: `theme`, `language`, `width`, `height`, `scale`.
        """
        if kind == "curve":
            return await AsyncChart.load(self._http, f"/v1/experiments/{self.id}/curve", given(figure=figure, **look))
        if kind != "dots":
            return await AsyncChart.load(self._http, f"/v1/experiments/{self.id}/sweep", {"figure": kind, **look})
        return await AsyncChart.load(self._http, f"/v1/experiments/{self.id}/dots", dict(look))

    async def report(self, language: Literal["en", "es"] = "en") -> str:
        """Return what the experiment shows as one HTML file that opens offline: answer, charts, tables."""
        params = {"language": language}
        path = f"/v1/experiments/{self.id}/report"
        return (await self._http.send(Request(method="GET", path=path, params=params))).text

    def job_list(self) -> AsyncPages[AsyncJob]:
        """Return the jobs of the experiment, newest first."""
        request = Request(method="GET", path="/v1/jobs", params={"experiment": self.id})
        return AsyncPages(self._http, AsyncJob, request, limit=None)

    async def add_seeds(self, count: int, *, idempotency_key: str | None = None) -> Self:
        """Train every arm with so many more seeds, and return the experiment."""
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        path, body = f"/v1/experiments/{self.id}/seeds", {"add": count}
        return await self._updated(Request(method="POST", path=path, json=body, headers=headers))

    async def cancel(self) -> Self:
        """Cancel the jobs that have not ended, and return the experiment."""
        return await self._updated(Request(method="POST", path=f"/v1/experiments/{self.id}/cancel"))

    async def delete(self) -> None:
        """Delete the experiment, which must have ended, with all its jobs."""
        await self._http.send(Request(method="DELETE", path=f"/v1/experiments/{self.id}"))

    async def _refresh_patiently(self) -> None:
        """Read the experiment again; a service that does not respond is tried again for some minutes."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                await self.refresh()
            except NaivenetClientError as error:
                if not may_pass(error, repeatable=True) or time.monotonic() >= until:
                    raise
                await sleep(POLL_S)
            else:
                return

    async def _updated(self, request: Request) -> Self:
        """Send a request, and take over the experiment in its response."""
        changed = await fetch_bound(self._http, AsyncExperiment, request)
        for name in self.__struct_fields__:
            setattr(self, name, getattr(changed, name))
        return self

    def __repr__(self) -> str:
        """Return a short text."""
        name = f" {self.name!r}" if self.name else ""
        return f"Experiment({self.id}{name}, {self.status}, {self.jobs.ended} of {self.jobs.total} jobs)"

    def _repr_html_(self) -> str:
        heads = ["id", "name", "status", "arms", "seeds", "jobs ended"]
        ended = f"{self.jobs.ended} of {self.jobs.total}"
        names = ", ".join(arm.name for arm in self.arms)
        return html.table(heads, [[self.id, self.name or "", self.status, names, len(self.seeds), ended]])


class AsyncExperiments:
    """The experiments of the service."""

    def __init__(self, http: AsyncHttp) -> None:
        self._http = http

    async def create(
        self,
        body: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[ExperimentFields],
    ) -> AsyncExperiment:
        """Train several configurations with the same seeds, and return the experiment.

        Args:
            body: The fields of the experiment as a mapping, such as one read from a file.
            idempotency_key: Two calls with the same key and the same fields create one experiment. Without it, each
                call makes its own key.
            fields: The fields of the experiment; they override those in *body*: `arms`, or `config` with `sweep` and
                `budget`; `seeds`, `metric`, `epoch`, `baseline`, `margin`, `stop_hopeless`, `name`, `metadata`.
                `naivenet_client.schemas.experiments.ExperimentFields` describes each.

        Raises:
            InvalidInput: A field is wrong, also of an arm; `errors` has the pointers.
        """
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        json = body_of({**(body or {}), **fields})
        request = Request(method="POST", path="/v1/experiments", json=json, headers=headers)
        return await fetch_bound(self._http, AsyncExperiment, request)

    async def validate(self, body: Mapping[str, Any] | None = None, **fields: Unpack[ExperimentFields]) -> Plan:
        """Return what `create` would train, how long that would take, and what it could show; nothing is queued."""
        json = body_of({**(body or {}), **fields})
        params = {"validate_only": True}
        return await self._http.fetch(Plan, Request(method="POST", path="/v1/experiments", json=json, params=params))

    async def get(self, experiment_id: str) -> AsyncExperiment:
        """Return an experiment."""
        request = Request(method="GET", path=f"/v1/experiments/{segment(experiment_id)}")
        return await fetch_bound(self._http, AsyncExperiment, request)

    def list(
        self,
        *,
        status: Literal["running", "succeeded", "cancelled"] | None = None,
        limit: int | None = None,
        **options: Unpack[ListOptions],
    ) -> AsyncPages[AsyncExperiment]:
        """Return the experiments, newest first; iterating over them loads page after page.

        Args:
            status: Only experiments with this status.
            limit: The largest number of experiments.
            options: `order`, `created_after`, `created_before` and `after`; see `naivenet_client.lists.ListOptions`.
        """
        params = {"status": status} | list_params(options)
        return AsyncPages(
            self._http, AsyncExperiment, Request(method="GET", path="/v1/experiments", params=params), limit=limit
        )

    async def result(self, experiment_id: str, *, language: Literal["en", "es"] = "en") -> ExperimentResult:
        """Return what an experiment shows so far; see `Experiment.result`."""
        return await (await self.get(experiment_id)).result(language=language)

    async def add_seeds(self, experiment_id: str, count: int) -> AsyncExperiment:
        """Train every arm of an experiment with so many more seeds."""
        return await (await self.get(experiment_id)).add_seeds(count)

    async def cancel(self, experiment_id: str) -> AsyncExperiment:
        """Cancel the jobs of an experiment that have not ended."""
        return await (await self.get(experiment_id)).cancel()

    async def delete(self, experiment_id: str) -> None:
        """Delete an experiment that has ended, with all its jobs."""
        await (await self.get(experiment_id)).delete()
