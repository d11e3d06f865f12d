"""Writes the numbers of an experiment: accuracies as percentages, their differences in percentage points."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.api.http.languages import page_words
from service.api.reports.page import MISSING, share_text
from service.experiments import Question, amount
from service.messages import Language, formatted


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Writes the numbers of the metric that an experiment asks about."""

    question: Question
    language: Language

    def value(self, value: float | None) -> str:
        """Return a value of the metric."""
        if value is None or self.question.is_accuracy:
            return share_text(value, self.language)
        return formatted(value, ".4f", self.language)

    def difference(self, value: float | None) -> str:
        """Return a difference of two values, with its sign."""
        return MISSING if value is None else amount(value, self.question, self.language)

    def size(self, value: float | None) -> str:
        """Return a standard deviation or a standard error."""
        return MISSING if value is None else amount(value, self.question, self.language, sign="")

    def interval(self, ends: Sequence[float] | None, write: Callable[[float], str]) -> str:
        """Return both ends of an interval, each written by *write*."""
        if not ends:
            return MISSING
        low, high = map(write, ends)
        return page_words(self.language)["experiment.interval.text"].format(low=low, high=high)

    def probability(self, p: float | None) -> str:
        """Return p with two significant digits."""
        return MISSING if p is None else formatted(p, ".2g", self.language)
