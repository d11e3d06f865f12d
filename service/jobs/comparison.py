"""Compares jobs: the metrics of each, and the fields in which their configurations differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.composition import Services
from service.domain.differences import differences, groups
from service.domain.history import EpochPoint
from service.domain.job import Job, Result
from service.domain.listing import Listing
from service.errors import NotFound
from service.store.jobs.filters import JobFilter


@dataclass(frozen=True, kw_only=True)
class ComparedJob:
    """One of the compared jobs.

    Attributes:
        label: A name that no other of the jobs has.
        epochs: All its finished epochs.
    """

    job: Job
    label: str
    epochs: Sequence[EpochPoint]

    @property
    def epochs_done(self) -> int:
        """The number of its finished epochs."""
        return len(self.epochs)

    @property
    def best_epoch(self) -> EpochPoint | None:
        """The first epoch with the best test accuracy; None if there is none with a test accuracy."""
        tested = [epoch for epoch in self.epochs if epoch.test_accuracy is not None]
        return max(tested, key=_test_accuracy, default=None)

    @property
    def last_metrics(self) -> Result | EpochPoint | None:
        """The job's result, or else its newest epoch."""
        return self.job.result or (self.epochs[-1] if self.epochs else None)

    @property
    def seconds(self) -> float:
        """The training time of its epochs, without evaluation, in seconds."""
        return sum(epoch.seconds for epoch in self.epochs)


@dataclass(frozen=True, kw_only=True)
class JobGroup:
    """Jobs whose configurations are equal in all but the seed.

    Attributes:
        label: A name that no other of the groups has.
    """

    label: str
    jobs: Sequence[Job]

    def results(self, metric: str) -> list[float]:
        """Return the metric of each job that has succeeded with it."""
        values = [getattr(job.result, metric, None) for job in self.jobs]
        return [value for value in values if value is not None]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Several jobs, and the values of each field in which they differ, by its JSON pointer."""

    jobs: Sequence[ComparedJob]
    differences: dict[str, list[Any]]
    groups: Sequence[JobGroup]


def read_jobs(services: Services, ids: Sequence[str]) -> list[Job]:
    """Return the jobs with these ids, in their order, by one query.

    Raises:
        NotFound: There is no job with one of the ids.
    """
    found = {job.id: job for job in services.jobs.page(JobFilter(ids=ids), Listing(limit=len(ids)))[0]}
    for job_id in ids:
        if job_id not in found:
            raise NotFound("job", job_id)
    return [found[job_id] for job_id in ids]


def compare(services: Services, jobs: Sequence[Job]) -> Comparison:
    """Compare *jobs*, in their order."""
    compared = [
        ComparedJob(job=job, label=label, epochs=services.history.epochs(job.id))
        for job, label in zip(jobs, labels_of(jobs), strict=True)
    ]
    return Comparison(jobs=compared, differences=differences([job.config for job in jobs]), groups=grouped(jobs))


def grouped(jobs: Sequence[Job]) -> list[JobGroup]:
    """Return the groups of jobs that differ in nothing but the seed, in the order of their first jobs."""
    found = [[jobs[index] for index in group] for group in groups([job.config for job in jobs])]
    labels = _unique([_group_label(group) for group in found], [group[0] for group in found])
    return [JobGroup(label=label, jobs=group) for label, group in zip(labels, found, strict=True)]


def _group_label(jobs: Sequence[Job]) -> str:
    names = {job.config.name for job in jobs}
    return (names.pop() if len(names) == 1 else None) or describe(jobs[0])


def labels_of(jobs: Sequence[Job]) -> list[str]:
    """Return a unique label for each job: its name or description, with the end of its id where two are the same."""
    return _unique([job.config.name or describe(job) for job in jobs], jobs)


def _unique(labels: Sequence[str], jobs: Sequence[Job]) -> list[str]:
    return [
        f"{label} ({job.id[-6:]})" if labels.count(label) > 1 else label
        for label, job in zip(labels, jobs, strict=True)
    ]


def describe(job: Job) -> str:
    """Return the job's optimizer, learning rate and layers, such as ``sgd 0.1 · 512-10``; its precision if reduced."""
    config = job.config.model_dump(include={"optimizer", "network"})
    units = "-".join(str(layer["units"]) for layer in config["network"]["layers"])
    precision = "" if job.config.precision == "float32" else f" · {job.config.precision}"
    return f"{config['optimizer']['name']} {config['optimizer']['learning_rate']:g} · {units}{precision}"


def _test_accuracy(epoch: EpochPoint) -> float:
    return epoch.test_accuracy or 0.0
