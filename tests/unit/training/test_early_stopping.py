"""Early stopping counts as Keras's callback does."""

import random

import keras
import pytest

from service.domain.config import EarlyStopping
from service.training.worker.early_stopping import EarlyStoppingState


class Model:
    """What Keras's callback needs of a model."""

    stop_training = False

    def get_weights(self) -> list[float]:
        """None."""
        return []


def ours(rule: EarlyStopping, figures: list[float]) -> tuple[int | None, int | None]:
    """The epoch after which training ends, None if it never does; and the best so far."""
    waiting = EarlyStoppingState()
    for epoch, figure in enumerate(figures, start=1):
        waiting = waiting.after(rule, epoch=epoch, metric=figure)
        if waiting.is_over(rule):
            return epoch, waiting.best_epoch
    return None, waiting.best_epoch


def theirs(rule: EarlyStopping, figures: list[float]) -> tuple[int | None, int | None]:
    """The same of Keras."""
    mode = "min" if rule.monitor.endswith("loss") else "max"
    callback = keras.callbacks.EarlyStopping(
        monitor="figure", patience=rule.patience, min_delta=rule.min_delta, mode=mode, restore_best_weights=True
    )
    callback.set_model(Model())
    callback.on_train_begin()
    for epoch, figure in enumerate(figures, start=1):
        callback.on_epoch_end(epoch - 1, {"figure": figure})
        if callback.model.stop_training:
            return epoch, callback.best_epoch + 1
    return None, callback.best_epoch + 1


@pytest.mark.parametrize("monitor", ["validation_loss", "test_accuracy"])
@pytest.mark.parametrize("patience", [1, 2, 5])
@pytest.mark.parametrize("min_delta", [0.0, 0.1])
def test_it_ends_when_keras_does(monitor: str, patience: int, min_delta: float) -> None:
    """For many random courses of the figure, the last and the best epoch are those of Keras's callback."""
    rule = EarlyStopping.model_validate({"monitor": monitor, "patience": patience, "min_delta": min_delta})
    rng = random.Random(patience)  # noqa: S311  # no secret
    for _ in range(50):
        figures = [rng.choice([rng.random(), 0.5]) for _ in range(rng.randint(1, 12))]
        assert ours(rule, figures) == theirs(rule, figures)
