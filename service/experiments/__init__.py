"""Experiments: is B really better than A, or was it the seed? Pure functions, without a store, routes or jobs."""

from service.experiments.curves import CurvePoint, mean_curve
from service.experiments.hopeless import Hopeless, hopeless
from service.experiments.power import detectable_difference, more_seeds_needed, power, seeds_required
from service.experiments.results import Analysis, Pair, analyse
from service.experiments.runs import Arm, Question, Run, RunState
from service.experiments.sentences import amount, note, reason, sentence
from service.experiments.summaries import Interval, Summary, summarize
from service.experiments.verdicts import Verdict

__all__ = [
    "Analysis",
    "Arm",
    "CurvePoint",
    "Hopeless",
    "Interval",
    "Pair",
    "Question",
    "Run",
    "RunState",
    "Summary",
    "Verdict",
    "amount",
    "analyse",
    "detectable_difference",
    "hopeless",
    "mean_curve",
    "more_seeds_needed",
    "note",
    "power",
    "reason",
    "seeds_required",
    "sentence",
    "summarize",
]
