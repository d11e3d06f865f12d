"""The history of a run: its losses and epochs, as a plot, a table and a data frame."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from html import escape
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from naivenet import plots
from naivenet.engine.events import EpochEnd, Steps
from naivenet.errors import ParameterError
from naivenet.keras_words import HISTORY_WORDS, KerasHints

_METRICS = tuple(f.name for f in fields(EpochEnd) if f.name.endswith(("loss", "accuracy")))


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class History(KerasHints):
    """A whole run: the loss of every step, shape (steps,), and its epochs."""

    keras_words = HISTORY_WORDS

    losses: NDArray[np.float32]
    epochs: tuple[EpochEnd, ...]

    @classmethod
    def of(cls, events: Iterable[Steps | EpochEnd]) -> "History":
        """Collect the events of a run."""
        steps: list[NDArray[np.float32]] = []
        epochs: list[EpochEnd] = []
        for event in events:
            if isinstance(event, Steps):
                steps.append(event.losses)
            else:
                epochs.append(event)
        return cls(losses=np.concatenate(steps), epochs=tuple(epochs))

    def plot(self, *, log: bool = False) -> Any:
        """Draw the loss of each step with its smoothed curve and, below, the accuracy after each epoch.

        A notebook shows the chart that is the last line of a cell; ``.save("loss.png")`` writes it to a file.

        Args:
            log: Whether the axis of the loss is logarithmic.

        Returns:
            A chart of Altair.
        """
        return plots.training_curves(self.losses, self._rows(), log=log)

    def to_pandas(self, granularity: Literal["step", "epoch"] = "step") -> Any:
        """Return a pandas data frame, a row for each step (its epoch and loss) or for each epoch (its metrics).

        Raises:
            ImportError: pandas is not installed.
            ParameterError: *granularity* is neither "step" nor "epoch".
        """
        if granularity not in ("step", "epoch"):
            raise ParameterError(f"granularity must be 'step' or 'epoch', not {granularity!r}")
        import pandas as pd  # noqa: PLC0415 -- optional, and slow to import

        if granularity == "epoch":
            return pd.DataFrame(self._rows()).set_index("epoch")
        steps = np.arange(1, len(self.losses) + 1)
        table = {"step": steps, "epoch": self._epochs_of(steps), "loss": self.losses}
        return pd.DataFrame(table).set_index("step")

    def __repr__(self) -> str:
        """Return the number of steps and epochs, and the last metrics, in one line."""
        last = self._rows()[-1] if self.epochs else {}
        metrics = "".join(f", {name}={last[name]:.4g}" for name in _METRICS if name in last)
        return f"History({len(self.losses)} steps, {len(self.epochs)} epochs{metrics})"

    def _repr_html_(self) -> str:
        """Return the metrics of each epoch as a table, for a notebook."""
        rows = self._rows()
        names = list(rows[0]) if rows else []
        head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in names)
        body = "".join("<tr>" + "".join(f"<td>{_text(row[name])}</td>" for name in names) + "</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _rows(self) -> list[dict[str, Any]]:
        """Return the epochs as rows, without the metrics that this run did not measure."""
        names = ["epoch", "step", *_METRICS, "seconds"]
        measured = [name for name in names if any(getattr(each, name) is not None for each in self.epochs)]
        return [{name: getattr(each, name) for name in measured} | _metrics_of_sets(each) for each in self.epochs]

    def _epochs_of(self, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.searchsorted([each.step for each in self.epochs], steps) + 1


def _metrics_of_sets(end: EpochEnd) -> dict[str, float]:
    """Return the metrics on further sets; the prefix keeps a set named ``test`` apart from the option `test`."""
    return {f"set_{each.name}_{name}": getattr(each, name) for each in end.sets for name in ("loss", "accuracy")}


def _text(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.4f}"
