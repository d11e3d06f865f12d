"""The tables of an experiment's report: arms, pairs, all runs, and what differs between the arms."""

from service.api.http.languages import Words
from service.api.http.languages import page_words as words_of
from service.api.reports.numbers import Writer
from service.api.reports.page import MISSING, Table
from service.api.schemas.experiment_results import ArmResultOut, ExperimentResultOut, PairOut, RunOut
from service.domain.config import JobConfig
from service.domain.differences import differences
from service.domain.experiment import Design
from service.experiments.sweeps import labels_of, text_of

_WITHOUT = ("failed", "diverged", "cancelled", "stopped", "pending")


def arm_table(shown: ExperimentResultOut, writer: Writer) -> Table:
    """Return mean, interval, standard deviation and number of runs of each arm, and the runs without a value."""
    words = words_of(writer.language)
    columns = ("arm", "mean", "interval", "sd", "n", "minimum", "maximum", "without")
    rows = [_arm_row(arm, writer, words) for arm in shown.arms]
    return Table(columns=[words[f"experiment.{name}"] for name in columns], rows=rows)


def _arm_row(arm: ArmResultOut, writer: Writer, words: Words) -> list[str]:
    without = [f"{count} {words[f'run_state.{name}']}" for name in _WITHOUT if (count := getattr(arm, name))]
    values = [writer.value(arm.mean), writer.interval(arm.interval, writer.value), writer.size(arm.sd), str(arm.n)]
    return [arm.name, *values, writer.value(arm.minimum), writer.value(arm.maximum), ", ".join(without) or MISSING]


def pair_table(shown: ExperimentResultOut, writer: Writer) -> Table:
    """Return difference, interval, seeds won, p, p after Holm's correction, and the verdict about each pair."""
    words = words_of(writer.language)
    columns = ("pair", "difference", "interval", "wins", "p", "p_holm", "verdict")
    rows = [_pair_row(pair, writer, words) for pair in shown.pairs]
    return Table(columns=[words[f"experiment.{name}"] for name in columns], rows=rows)


def _pair_row(pair: PairOut, writer: Writer, words: Words) -> list[str]:
    return [
        words["experiment.pair.of"].format(arm=pair.arm, baseline=pair.baseline),
        writer.difference(pair.difference),
        writer.interval(pair.interval, writer.difference),
        words["experiment.wins.of"].format(wins=pair.wins, n=pair.n),
        writer.probability(pair.p),
        writer.probability(pair.p_holm),
        words[f"verdict.{pair.verdict}"],
    ]


def run_table(shown: ExperimentResultOut, writer: Writer) -> Table:
    """Return the value of each run: a row for each arm, and a column for each seed."""
    words = words_of(writer.language)
    runs = [{run.seed: run for run in arm.jobs} for arm in shown.arms]
    rows = [
        [arm.name, *(_run_text(found.get(seed), writer, words) for seed in shown.seeds)]
        for arm, found in zip(shown.arms, runs, strict=True)
    ]
    return Table(columns=[words["experiment.arm"], *(f"{words['run.seed']} {seed}" for seed in shown.seeds)], rows=rows)


def _run_text(run: RunOut | None, writer: Writer, words: Words) -> str:
    if run is None:
        return MISSING
    return words[f"run_state.{run.state}"] if run.value is None else writer.value(run.value)


def notices(shown: ExperimentResultOut, words: Words) -> list[str]:
    """Return why arms were given up early, and which runs have no value, with the reason."""
    faults = [
        words["experiment.fault"].format(arm=arm.name, seed=run.seed, state=words[f"run_state.{run.state}"])
        + (f" {words.get(f'failure.{run.error.code}', run.error.message)}" if run.error else "")
        for arm in shown.arms
        for run in arm.jobs
        if run.state in {"failed", "diverged"}
    ]
    return [*shown.stopped.values(), *faults]


def difference_table(design: Design, word: str) -> Table:
    """Return the values of each field in which the configurations of the arms differ; *word* heads the arms."""
    found = differences([JobConfig.model_validate(arm.config, strict=False) for arm in design.arms])
    rows = [
        [arm.name, *(MISSING if values[place] is None else text_of(values[place]) for values in found.values())]
        for place, arm in enumerate(design.arms)
    ]
    return Table(columns=[word, *labels_of(list(found)).values()], rows=rows)
