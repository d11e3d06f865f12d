"""The report of an experiment: its answer, charts, tables, how it was worked out, and how to train it again."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.api.charts import experiments as chart_data
from service.api.charts import sweeps as sweep_data
from service.api.http.languages import page_words
from service.api.reports import page
from service.api.reports.experiment_tables import arm_table, difference_table, notices, pair_table, run_table
from service.api.reports.method import explained_pair, method_steps, paired_values
from service.api.reports.numbers import Writer
from service.api.reports.page import Figure, Image, ReportFile, time_text
from service.api.schemas.experiment_results import ExperimentResultOut
from service.charts import ChartRenderer
from service.composition import Services
from service.domain.job import TERMINAL, Environment
from service.errors import NotFound
from service.jobs.experiments.repeating import repeating_body
from service.jobs.experiments.results import ExperimentResult, result_of
from service.messages import Language, formatted, read_messages

CHART_HEIGHT = 380


@dataclass(frozen=True, kw_only=True)
class ExperimentReport:
    """What a report shows of an experiment, read from the stores.

    Attributes:
        body: The request that trains it again.
        environment: Of one of its jobs; None if none has begun.
    """

    result: ExperimentResult
    figures: Sequence[Figure]
    body: Mapping[str, Any]
    environment: Environment | None


def read_experiment_report(services: Services, experiment_id: str) -> ExperimentReport:
    """Return what the report of an experiment shows.

    Raises:
        NotFound: There is no such experiment.
    """
    result = result_of(services, experiment_id)
    return ExperimentReport(
        result=result,
        figures=list(_figures(services, result)),
        body=repeating_body(services, result.experiment),
        environment=_environment(services, result),
    )


async def write_experiment_report(
    report: ExperimentReport, renderer: ChartRenderer, *, language: Language, url: str
) -> ReportFile:
    """Return the report as HTML; *url* is the address of the service, for the requests that repeat the experiment."""
    images = await page.draw(report.figures, renderer, language)
    return await asyncio.to_thread(_written, report, images, language=language, url=url)


def _figures(services: Services, result: ExperimentResult) -> Iterator[Figure]:
    experiment, analysis = result.experiment, result.analysis
    dots, curves = chart_data.dots(analysis), chart_data.curves(services, experiment.id)
    if dots["runs"]:
        yield Figure(title="dots", chart="dots", data=dots, height=chart_data.dots_height(len(analysis.arms)))
    if any(run["points"] for run in curves["runs"]):
        yield Figure(title="bands", chart="groups", data=curves, height=CHART_HEIGHT)
    if not experiment.design.sweep:
        return
    values = experiment.design.values
    best, effects = sweep_data.best_so_far(analysis, values), sweep_data.effects(analysis, values)
    if best["points"]:
        yield Figure(title="best_so_far", chart="best_so_far", data=best)
    if any(effect["points"] for effect in effects["effects"]):
        yield Figure(title="effects", chart="effects", data=effects, height=CHART_HEIGHT)


def _environment(services: Services, result: ExperimentResult) -> Environment | None:
    """Return the environment of the first job that still exists and has one."""
    ended = (each.job_id for each in result.outcomes.values() if each.status in TERMINAL)
    for job_id in ended:
        try:
            job = services.jobs.get(job_id)
        except NotFound:
            continue
        if job.environment:
            return job.environment
    return None


def _written(report: ExperimentReport, images: Sequence[Image], *, language: Language, url: str) -> ReportFile:
    result, experiment = report.result, report.result.experiment
    shown, words = ExperimentResultOut.of(result, language), page_words(language)
    writer = Writer(question=result.analysis.question, language=language)
    pair = explained_pair(shown)
    text = page.write(
        "experiment",
        language=language,
        name=experiment.name or experiment.id,
        url=url,
        unfinished=None if experiment.has_ended else _unfinished(result, language),
        finding=_finding(shown, writer),
        sentences=_sentences(shown),
        note=shown.note,
        facts=_facts(report, writer),
        notices=notices(shown, words),
        images=images,
        page_words=words,
        arms=arm_table(shown, writer),
        pairs=pair_table(shown, writer),
        runs=run_table(shown, writer),
        importance=_importance(shown, language),
        paired=pair and paired_values(shown, pair, writer),
        steps=method_steps(shown, pair, writer) if pair else [],
        differing=difference_table(experiment.design, words["experiment.arm"]),
        curl=page.curl(url, "experiments", report.body),
        python=page.python(url, "experiments", report.body),
    )
    return ReportFile(name=page.file_name(experiment.name, "experiment", experiment.id), page=text)


def _unfinished(result: ExperimentResult, language: Language) -> str:
    experiment = result.experiment
    ended = sum(count for status, count in experiment.jobs.items() if status in TERMINAL)
    return read_messages("report", language)["unfinished"].format(ended=ended, total=experiment.design.jobs)


def _finding(shown: ExperimentResultOut, writer: Writer) -> str:
    """Return the sentence on top: of two arms about the pair, and of more about the best one."""
    if len(shown.pairs) == 1:
        return shown.pairs[0].sentence
    best = next((arm for arm in shown.arms if arm.name == shown.best), None)
    if not best:
        return read_messages("report", writer.language)["nothing"]
    words = page_words(writer.language)
    key = "experiment.best_so_far" if shown.status == "running" else "experiment.best"
    return words[key].format(name=best.name, metric=words[f"metric.{shown.metric}"], value=writer.value(best.mean))


def _sentences(shown: ExperimentResultOut) -> list[str]:
    """Return the sentences about the best arm and each other one, below the one on top; none if that says all."""
    if len(shown.pairs) == 1:
        return []
    return [pair.sentence for pair in shown.pairs if shown.best in {pair.arm, pair.baseline}]


def _facts(report: ExperimentReport, writer: Writer) -> dict[str, Any]:
    experiment, language = report.result.experiment, writer.language
    design, environment = experiment.design, report.environment
    words = read_messages("report", language)
    versions = environment and ", ".join(f"{name} {version}" for name, version in environment.versions.items())
    return {
        "id": experiment.id,
        "status": page_words(language)[f"status.{experiment.status}"],
        "created": time_text(experiment.created_at),
        "duration": page.duration_text(experiment.created_at, experiment.finished_at, language),
        "metric": f"{page_words(language)[f'metric.{design.metric}']} ({words[f'epoch_{design.epoch}']})",
        "baseline": design.baseline,
        "margin": writer.size(design.margin) if design.margin else None,
        "seeds": ", ".join(map(str, design.seeds)),
        "versions": versions,
        "processor": environment and environment.processor,
    }


def _importance(shown: ExperimentResultOut, language: Language) -> list[tuple[str, str]]:
    """Return the swept fields with their shares of the variation; none without a sweep or without results."""
    effects = shown.sweep.effects if shown.sweep else []
    return [
        (each.label, formatted(each.importance, ".0%", language)) for each in effects if each.importance is not None
    ]
