"""How an experiment's answer was worked out, step by step with its own numbers, as the page shows it."""

import math
from collections.abc import Iterator

from service.api.http.languages import page_words
from service.api.reports.numbers import Writer
from service.api.reports.page import Table
from service.api.schemas.experiment_results import ExperimentResultOut, PairOut
from service.messages import formatted


def explained_pair(shown: ExperimentResultOut) -> PairOut | None:
    """Return the pair whose numbers are explained: that of the best arm, or the first one."""
    best = (pair for pair in shown.pairs if pair.arm == shown.best)
    return next(best, shown.pairs[0] if shown.pairs else None)


def paired_values(shown: ExperimentResultOut, pair: PairOut, writer: Writer) -> Table:
    """Return the values of both arms for each seed that was measured in both."""
    words = page_words(writer.language)
    values = {arm.name: {run.seed: run.value for run in arm.jobs} for arm in shown.arms}
    rows = []
    for seed in shown.seeds:
        ours, theirs = values[pair.arm].get(seed), values[pair.baseline].get(seed)
        if ours is not None and theirs is not None:
            rows.append([str(seed), writer.value(ours), writer.value(theirs), writer.difference(ours - theirs)])
    return Table(columns=[words["run.seed"], pair.arm, pair.baseline, words["experiment.difference"]], rows=rows)


def method_steps(shown: ExperimentResultOut, pair: PairOut, writer: Writer) -> list[str]:
    """Return a sentence for each step: pairing, the interval, the test, Holm's correction, and the test set."""
    words = page_words(writer.language)
    return [
        words["method.paired"].format(arm=pair.arm, baseline=pair.baseline),
        *_interval_steps(pair, writer),
        *_test_steps(shown, pair, writer),
        *_noise_steps(pair, writer),
    ]


def _interval_steps(pair: PairOut, writer: Writer) -> Iterator[str]:
    if pair.difference is None or pair.sd is None or pair.interval is None:
        return
    words, n = page_words(writer.language), pair.n
    error = pair.sd / math.sqrt(n)
    factor = (pair.interval[1] - pair.interval[0]) / 2 / error if error else 0.0
    yield words["method.mean"].format(n=n, mean=writer.difference(pair.difference), spread=writer.size(pair.sd))
    yield words["method.interval"].format(
        n=n,
        size=writer.size(error),
        degrees=n - 1,
        factor=formatted(factor, ".4g", writer.language),
        ends=writer.interval(pair.interval, writer.difference),
    )


def _test_steps(shown: ExperimentResultOut, pair: PairOut, writer: Writer) -> Iterator[str]:
    if pair.p is None:
        return
    words, p, language = page_words(writer.language), writer.probability(pair.p), writer.language
    if pair.p_method == "exact":
        ways = 2**pair.n
        numbers = {"all": formatted(ways, ",", language), "as_far": formatted(round(pair.p * ways), ",", language)}
        yield words["method.exact"].format(n=pair.n, p=p, **numbers)
    else:
        yield words["method.sampled"].format(n=pair.n, p=p)
    if shown.pairs_tested > 1:
        yield words["method.holm"].format(tested=shown.pairs_tested, p=writer.probability(pair.p_holm))


def _noise_steps(pair: PairOut, writer: Writer) -> Iterator[str]:
    if pair.test_set_sd is not None:
        yield page_words(writer.language)["method.test_set"].format(size=writer.size(pair.test_set_sd))
