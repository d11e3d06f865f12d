"""Records what happens in each of a job's first steps: the batch, its predictions, the gradients and the update.

Before a step, `naivenet.one_training_step` runs on the same batch with an update that only keeps the gradients. After
the step, the weights are compared with those before it. So everything is measured on the job's own step.
"""

import base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import naivenet
from naivenet.backend import tf
from naivenet.inputs import as_bytes, scaled
from service.domain.nonfinite import with_nulls

#: The pictures of a batch that are kept; the loss of every sample is.
SHOWN_SAMPLES = 32

Floats = NDArray[np.float32]


class StepDetails:
    """Records the first *count* steps of a training.

    Args:
        model: The network that is trained.
        training: Its training; an event must come after each of these steps.
        count: The number of steps.
    """

    def __init__(self, model: naivenet.NaiveSequential, training: naivenet.Training, *, count: int) -> None:
        self._model, self._training, self._count = model, training, count
        self._samples = lru_cache(maxsize=1)(training.samples)  # of a whole epoch, augmented for each call
        self._before = self._measured()

    def after(self, event: naivenet.Steps | naivenet.EpochEnd) -> Mapping[str, Any] | None:
        """Return what happened in the step of *event*, or None for other events; prepare for the next step."""
        before = self._before
        if before is None or not isinstance(event, naivenet.Steps):
            return None
        detail = before.compared(self._model, event)
        self._before = self._measured()
        return detail

    def _measured(self) -> "_BeforeStep | None":
        position = self._training.progress.position
        if position.step >= min(self._count, self._training.progress.steps):
            self._samples.cache_clear()
            return None
        epoch, batch = divmod(position.step, self._training.progress.batches)
        images, labels = self._samples(epoch)
        chosen = slice(batch * self._training.options.batch_size, (batch + 1) * self._training.options.batch_size)
        return _BeforeStep(self._model, images[chosen], labels[chosen], learning_rate=self._training.next_rate)


class _BeforeStep:
    """A batch, and what the network makes of it before it learns from it."""

    def __init__(
        self, model: naivenet.NaiveSequential, images: NDArray[Any], labels: NDArray[np.int32], *, learning_rate: float
    ) -> None:
        self._images, self._labels, self._learning_rate = images, labels, learning_rate
        inputs = scaled(tf.constant(images))
        self._predictions = np.asarray(model(inputs))
        self._losses = np.asarray(naivenet.sparse_categorical_crossentropy(labels, self._predictions))
        self._weights = [weight.numpy() for weight in model.weights]
        self._gradients: list[Floats] = []
        naivenet.one_training_step(model, inputs, labels, self._keep)

    def _keep(self, gradients: Sequence[Any], weights: Sequence[Any]) -> None:  # noqa: ARG002  # an update's parameters
        self._gradients = [np.asarray(gradient) for gradient in gradients]

    def compared(self, model: naivenet.NaiveSequential, event: naivenet.Steps) -> Mapping[str, Any]:
        """Return the step of *event*, which has trained *model* on this batch."""
        updates = [weight.numpy() - before for weight, before in zip(model.weights, self._weights, strict=True)]
        return with_nulls(
            {
                "step": event.first_step,
                "epoch": event.epoch,
                "learning_rate": _short(self._learning_rate),
                "loss": _short(event.losses[0]),
                "correct": int((self._predictions.argmax(axis=1) == self._labels).sum()),
                "losses": _list(self._losses),
                "samples": [self._sample(i) for i in range(min(SHOWN_SAMPLES, len(self._labels)))],
                "weights": [self._weight(i, update) for i, update in enumerate(updates)],
                "unit": self._unit(updates[0]),
            }
        )

    def _sample(self, i: int) -> dict[str, Any]:
        probabilities = self._predictions[i]
        return {
            "label": int(self._labels[i]),
            "prediction": int(probabilities.argmax()),
            "probabilities": _list(probabilities),
            "loss": _short(self._losses[i]),
            "pixels": base64.b64encode(as_bytes(self._images[i : i + 1]).tobytes()).decode("ascii"),
        }

    def _weight(self, i: int, update: Floats) -> dict[str, Any]:
        layer, is_bias = divmod(i, 2)
        return {
            "layer": layer,
            "name": "b" if is_bias else "W",
            "shape": list(update.shape),
            "length": _length(self._weights[i]),
            "gradient_length": _length(self._gradients[i]),
            "update_length": _length(update),
        }

    def _unit(self, update: Floats) -> dict[str, Any]:
        """Return the weights of the first layer's unit with the largest gradient, before and in this step."""
        weights, gradient = self._weights[0], self._gradients[0]
        unit = int(np.nan_to_num(np.linalg.norm(gradient, axis=0)).argmax())
        columns = {"weights": weights, "gradient": gradient, "update": update}
        return {"layer": 0, "unit": unit} | {name: _list(column[:, unit]) for name, column in columns.items()}


def _length(values: Floats) -> float:
    return _short(np.linalg.norm(values.astype(np.float64)))


def _list(values: Floats) -> list[float]:
    return [_short(value) for value in values]


def _short(value: Any) -> float:
    """Return a number with the digits of a float32, as the API writes it."""
    return float(f"{value:.7g}")
