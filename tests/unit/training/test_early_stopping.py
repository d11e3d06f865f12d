"""Early stopping gives the same results as Keras's callback."""

import random

import keras
import pytest

from service.domain.config import EarlyStopping
from service.training.worker.early_stopping import EarlyStoppingState


class Model:
    """The part of a model that Keras's callback uses."""

    stop_training = False

    def get_weights(self) -> list[float]:
        """Return no weights."""
        return []


def ours(rule: EarlyStopping, values: list[float]) -> tuple[int | None, int | None]:
    """Return the epoch after which our training ends, None if it does not, and the best epoch."""
    state = EarlyStoppingState()
    for epoch, value in enumerate(values, start=1):
        state = state.after(rule, epoch=epoch, metric=value)
        if state.is_over(rule):
            return epoch, state.best_epoch
    return None, state.best_epoch


def theirs(rule: EarlyStopping, values: list[float]) -> tuple[int | None, int | None]:
    """Return the same of Keras."""
    mode = "min" if rule.monitor.endswith("loss") else "max"
    callback = keras.callbacks.EarlyStopping(
        monitor="metric", patience=rule.patience, min_delta=rule.min_delta, mode=mode, restore_best_weights=True
    )
    callback.set_model(Model())
    callback.on_train_begin()
    for epoch, value in enumerate(values, start=1):
        callback.on_epoch_end(epoch - 1, {"metric": value})
        if callback.model.stop_training:
            return epoch, callback.best_epoch + 1
    return None, callback.best_epoch + 1


@pytest.mark.parametrize("monitor", ["validation_loss", "test_accuracy"])
@pytest.mark.parametrize("patience", [1, 2, 5])
@pytest.mark.parametrize("min_delta", [0.0, 0.1])
def test_it_ends_when_keras_ends(monitor: str, patience: int, min_delta: float) -> None:
    """The last and the best epoch equal those of Keras's callback, for many random sequences of the metric."""
    rule = EarlyStopping.model_validate({"monitor": monitor, "patience": patience, "min_delta": min_delta})
    rng = random.Random(patience)  # noqa: S311  # not for security
    for _ in range(50):
        values = [rng.choice([rng.random(), 0.5]) for _ in range(rng.randint(1, 12))]
        assert ours(rule, values) == theirs(rule, values)
