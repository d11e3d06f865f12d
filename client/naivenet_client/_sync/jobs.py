# Generated from _async by `make client-sync`: change it there.
"""The jobs of the service: create, find and compare them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Unpack

from naivenet_client import html
from naivenet_client._sync.bound import bind, fetch_bound
from naivenet_client._sync.charts import Chart
from naivenet_client._sync.http import Http
from naivenet_client._sync.job import Job, JobReference, create, given
from naivenet_client._sync.pages import Pages
from naivenet_client.charts import Look
from naivenet_client.connection import Request, segment
from naivenet_client.lists import JobFilter, ListOptions, filter_params, list_params
from naivenet_client.schemas.comparison import Comparison, Curves
from naivenet_client.schemas.jobs import ChangedJobs, JobData, JobFields, Status, ValidatedJob

#: The metrics whose curves the service compares.
Figure = Literal[
    "loss", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy"
]
#: What the x axis of compared curves counts.
Place = Literal["step", "epoch", "images", "seconds"]


class JobTable(list[Job]):
    """Jobs; a notebook shows them as a table."""

    def _repr_html_(self) -> str:
        return html.jobs(self)


class JobPages(Pages[Job]):
    """Jobs in the service, newest first."""

    def all(self) -> JobTable:
        """Return all jobs as a list, which a notebook shows as a table."""
        return JobTable(super().all())


class Jobs:
    """The jobs of the service."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
        **fields: Unpack[JobFields],
    ) -> Job:
        """Start a job, and return it. Without a configuration it trains as the notebook does.

        Args:
            config: The fields of the job as a mapping, such as one read from a file.
            idempotency_key: Two calls with the same key and the same fields start one job. Without it, each call
                makes its own key, so that retries of one call never start two jobs.
            fields: The fields of the job; they override those in *config*: `preset`, `network`, `optimizer`,
                `schedule`, `epochs`, `batch_size`, `seed`, `shuffle`, `augment`, `precision`, `dataset`,
                `dataset_version`, `datasets`, `validation_split`,
                `early_stopping`, `init_from`, `checkpoint_every_epochs`, `checkpoint_every_s`, `keep_last`,
                `keep_best`, `record_steps`, `name`, `group`, `metadata`.
                `naivenet_client.schemas.jobs.JobFields` describes each.

        Raises:
            InvalidInput: A field is unknown, of the wrong type or out of range; `errors` has the pointers.
        """
        return create(self._http, "/v1/jobs", {**(config or {}), **fields}, idempotency_key)

    def validate(self, config: Mapping[str, Any] | None = None, **fields: Unpack[JobFields]) -> ValidatedJob:
        """Return the configuration that `create` would resolve to, and its duration, without starting a job."""
        body = {**(config or {}), **fields}
        request = Request(method="POST", path="/v1/jobs/validate", json=body)
        return self._http.fetch(ValidatedJob, request)

    def get(self, job_id: str) -> Job:
        """Return a job."""
        request = Request(method="GET", path=f"/v1/jobs/{segment(job_id)}")
        return fetch_bound(self._http, Job, request)

    def ref(self, job_id: str) -> JobReference:
        """Return a job without reading it, in order to watch, change or delete it."""
        job = JobReference()
        job.id = segment(job_id)
        return bind(job, self._http)

    def list(  # noqa: PLR0913  # the filters of the route
        self,
        *,
        ids: Sequence[str] | None = None,
        status: Status | Sequence[Status] | None = None,
        group: str | None = None,
        experiment: str | None = None,
        metadata: Mapping[str, str] | None = None,
        limit: int | None = None,
        **options: Unpack[ListOptions],
    ) -> JobPages:
        """Return the jobs, newest first; iterating over them loads page after page.

        Args:
            ids: Only jobs with these ids.
            status: Only jobs with this status, or with one of several.
            group: Only jobs of this group.
            experiment: Only jobs of the experiment with this id.
            metadata: Only jobs with these labels.
            limit: The largest number of jobs.
            options: `sort`, `order`, `created_after`, `created_before` and `after`; see
                `naivenet_client.lists.ListOptions`.
        """
        matching: JobFilter = {
            "ids": ids,
            "status": status,
            "group": group,
            "experiment": experiment,
            "metadata": metadata,
        }
        params = filter_params(matching) | list_params(options)
        request = Request(method="GET", path="/v1/jobs", params=params)
        return JobPages(self._http, Job, request, limit=limit)

    def cancel(self, **matching: Unpack[JobFilter]) -> tuple[str, ...]:
        """Cancel all jobs that match and have not ended; return their ids, newest first.

        Args:
            matching: At least one of `ids`, `status`, `group`, `experiment`, `metadata`, `created_after` and
                `created_before`.

        Raises:
            InvalidInput: No filter is given.
        """
        request = Request(method="POST", path="/v1/jobs/cancel", params=filter_params(matching))
        return self._repeated(request)

    def delete(self, **matching: Unpack[JobFilter]) -> tuple[str, ...]:
        """Delete all jobs that match and have ended, with their histories and unused checkpoints; see `cancel`."""
        return self._repeated(Request(method="DELETE", path="/v1/jobs", params=filter_params(matching)))

    def _repeated(self, request: Request) -> tuple[str, ...]:
        """Send a request until no further jobs match; return the ids of all that it has changed."""
        page = self._http.fetch(ChangedJobs, request)
        changed = page.ids
        while page.has_more and page.ids:
            page = self._http.fetch(ChangedJobs, request)
            changed += page.ids
        return changed

    def compare(self, jobs: Sequence[JobData | str]) -> Comparison:
        """Return the metrics of up to 64 jobs, and the fields in which their configurations differ."""
        request = Request(method="GET", path="/v1/compare", params={"jobs": _ids(jobs)})
        return self._http.fetch(Comparison, request)

    def curves(  # noqa: PLR0913  # the options of the route
        self,
        jobs: Sequence[JobData | str],
        figure: Figure = "loss",
        *,
        max_points: int | None = None,
        smoothing: float | None = None,
        group: Literal["config"] | None = None,
        x: Place | None = None,
    ) -> Curves:
        """Return the points of the curves that `plot` draws; with `group="config"`, one curve for all seeds."""
        params = given(figure=figure, max_points=max_points, smoothing=smoothing, group=group, x=x)
        request = Request(method="GET", path="/v1/compare/points", params={"jobs": _ids(jobs), **params})
        return self._http.fetch(Curves, request)

    def plot(  # noqa: PLR0913  # the options of the route
        self,
        jobs: Sequence[JobData | str],
        figure: Figure = "loss",
        *,
        max_points: int | None = None,
        smoothing: float | None = None,
        scale_of_loss: Literal["linear", "log", "whole"] | None = None,
        x: Place | None = None,
        **look: Unpack[Look],
    ) -> Chart:
        """Return one metric of several jobs in one chart; *x* is what its x axis counts."""
        params = given(
            jobs=_ids(jobs),
            figure=figure,
            max_points=max_points,
            smoothing=smoothing,
            scale_of_loss=scale_of_loss,
            x=x,
            **look,
        )
        return Chart.load(self._http, "/v1/compare/curve", params)


def _ids(jobs: Sequence[JobData | str]) -> str:
    return ",".join(job if isinstance(job, str) else job.id for job in jobs)
