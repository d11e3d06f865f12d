"""One plain sentence about each pair of arms, in English and Spanish."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from service.experiments.hopeless import Hopeless
from service.experiments.pairs import Comparison
from service.experiments.power import MOST_MORE_SEEDS
from service.experiments.results import Pair
from service.experiments.runs import Arm, Question
from service.messages import Language, formatted, read_messages

_PERCENT = 100


def sentence(pair: Pair, question: Question, language: Language, *, arms: Mapping[str, Arm]) -> str:
    """Return the sentence about a pair.

    Args:
        pair: The pair.
        question: What the experiment asks.
        language: The language of the sentence.
        arms: All arms, by their names: an incomplete pair says which runs are missing.
    """
    compared = pair.compared
    both = [arms[compared.arm], arms[compared.baseline]]
    first = _filled(_code(pair, both), compared, question, language, more=pair.more_seeds_needed, **_missing(both))
    if pair.verdict == "incomplete" and compared.interval:
        return f"{first} {_filled('so_far', compared, question, language)}"
    return first


def note(question: Question, language: Language) -> str | None:
    """Return the note on a result that was looked at before; None if it was not."""
    if not question.looks:
        return None
    messages = read_messages("experiments", language)
    return messages["looked_before" if question.looks > 1 else "looked_before_one"].format(looks=question.looks)


def reason(stopped: Hopeless, question: Question, language: Language) -> str:
    """Return why an arm was given up."""
    code = "given_up_diverged" if stopped.difference is None else "given_up"
    difference = amount(stopped.difference or 0.0, question, language)
    return read_messages("experiments", language)[code].format(**asdict(stopped) | {"difference": difference})


def amount(value: float, question: Question, language: Language, *, sign: str = "+") -> str:
    """Return a difference in words: in percentage points of an accuracy, otherwise as a number.

    Args:
        value: The difference.
        question: What the experiment asks.
        language: The language of the words.
        sign: ``+`` writes the sign of a positive number, too.
    """
    number = _number(value, question, language, sign)
    return read_messages("experiments", language)["points"].format(number=number) if question.is_accuracy else number


def _number(value: float, question: Question, language: Language, sign: str = "") -> str:
    if question.is_accuracy:
        return formatted(round(value * _PERCENT, 2) + 0.0, f"{sign}.2f", language)  # + 0.0: no negative zero
    return formatted(value, f"{sign}.3g", language)


def _filled(code: str, compared: Comparison, question: Question, language: Language, **more: Any) -> str:
    interval = compared.interval
    values: dict[str, Any] = {
        "arm": compared.arm,
        "baseline": compared.baseline,
        "wins": compared.wins,
        "losses": compared.losses,
        "seeds": compared.seeds,
        "all": compared.seeds + compared.missing,
        "missing": compared.missing,
        "diverged": compared.diverged,
        "baseline_diverged": compared.baseline_diverged,
        "most": formatted(MOST_MORE_SEEDS, ",", language),
        "margin": amount(question.margin, question, language, sign=""),
    }
    if compared.difference is not None:
        values["difference"] = amount(compared.difference, question, language)
    if interval:
        values |= {"low": _number(interval.low, question, language), "high": _number(interval.high, question, language)}
    return read_messages("experiments", language)[code].format(**values | more)


def _code(pair: Pair, arms: list[Arm]) -> str:
    """Return the code of the message for a pair."""
    verdict, compared = pair.verdict, pair.compared
    has_diverged = bool(compared.diverged or compared.baseline_diverged)
    if verdict in {"better", "worse"}:
        return f"{verdict}_diverged" if has_diverged else verdict
    if verdict == "incomplete":
        return f"incomplete_{_reason(arms)}"
    if pair.more_seeds_needed is not None:
        return f"{verdict}_one" if pair.more_seeds_needed == 1 else verdict
    if verdict == "not_shown":
        return f"not_shown_{_why_no_forecast(compared, has_diverged=has_diverged)}"
    return verdict


def _reason(arms: list[Arm]) -> str:
    if any(arm.count("stopped") for arm in arms):
        return "stopped"
    return "pending" if any(arm.count("pending") for arm in arms) else "failed"


def _why_no_forecast(compared: Comparison, *, has_diverged: bool) -> str:
    if has_diverged:
        return "diverged"
    return "equal" if compared.ties == compared.seeds else "small"


def _missing(arms: list[Arm]) -> dict[str, Any]:
    """Return the arm that was stopped early, and after how many runs; nothing if none was."""
    stopped = [arm for arm in arms if arm.count("stopped")]
    return {"stopped": stopped[0].name, "stopped_runs": stopped[0].count("measured", "diverged")} if stopped else {}
