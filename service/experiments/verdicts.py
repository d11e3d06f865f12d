"""The verdict about a pair of arms: one word, by one rule."""

from typing import Literal

from service.experiments.pairs import Comparison
from service.experiments.power import ALPHA, more_seeds_needed, seeds_required

#: ``incomplete``: a seed has no result in one of the arms. ``too_few_seeds``: no result could have been shown.
#: ``equivalent``: the interval lies within the margin. ``better``, ``worse``: p after Holm is at most 0.05.
Verdict = Literal["better", "worse", "equivalent", "not_shown", "too_few_seeds", "incomplete"]


def verdict_of(compared: Comparison, *, p_holm: float | None, margin: float, pairs: int) -> Verdict:
    """Return the verdict; the first rule that applies decides.

    Args:
        compared: The two arms.
        p_holm: Its p after Holm.
        margin: A difference of at most so much does not matter; 0 if every one does.
        pairs: How many pairs of arms are tested.
    """
    if compared.missing or not compared.seeds:
        return "incomplete"
    if compared.seeds < seeds_required(pairs):
        return "too_few_seeds"
    if _is_equivalent(compared, margin):
        return "equivalent"
    if p_holm is not None and p_holm <= ALPHA:
        return "better" if compared.lead > 0 else "worse"
    return "not_shown"


def seeds_to_add(compared: Comparison, verdict: Verdict, *, pairs: int) -> int | None:
    """Return how many more seeds would show a difference like the one so far, with 80 % power.

    None if the verdict stands, if runs are missing or have diverged, or if more than 1,000 would be needed.
    """
    if verdict == "too_few_seeds":
        least = seeds_required(pairs) - compared.seeds
        forecast = _forecast(compared, pairs)
        return least if forecast is None else max(least, forecast)
    return _forecast(compared, pairs) if verdict == "not_shown" else None


def _is_equivalent(compared: Comparison, margin: float) -> bool:
    has_diverged = compared.diverged or compared.baseline_diverged
    return bool(margin > 0 and not has_diverged and compared.interval and compared.interval.lies_within(margin))


def _forecast(compared: Comparison, pairs: int) -> int | None:
    if compared.effect is None or compared.diverged or compared.baseline_diverged:
        return None
    return more_seeds_needed(compared.effect, seeds=compared.seeds, pairs=pairs)
