"""Sees what often goes wrong when a network learns, and says so with evidence and a hint.

Everything here is a pure function of weights and a fixed sample of the training images, so that a resumed run finds
what an undisturbed one does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import naivenet
from naivenet.inputs import scaled
from naivenet.losses import EPSILON

#: So many training images, evenly spread, are looked at once an epoch.
SAMPLE = 128

#: From which share on a condition is worth telling.
DEAD_SHARE, SATURATED_SHARE, ONE_CLASS_SHARE = 0.5, 0.1, 0.99

#: The least that weights and loss move in a first epoch that learns anything, in relation to themselves.
LEAST_MOVE, LEAST_GAIN = 1e-4, 1e-3


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """Something that a learner should know.

    Attributes:
        code: What it is, for programs.
        layer: Which layer it is about, from 0; None for the network.
        epoch: From 1.
        step: From 1.
        evidence: Numbers that show it.
        message: What was seen.
        hint: What to try.
    """

    code: str
    layer: int | None = None
    epoch: int
    step: int
    evidence: Mapping[str, float]
    message: str
    hint: str

    @property
    def condition(self) -> tuple[str, int | None]:
        """What holds, wherever it was seen."""
        return self.code, self.layer

    def as_data(self) -> dict[str, Any]:
        """As the job's log holds it: to six digits, since the last ones may differ from machine to machine."""
        return asdict(self) | {"evidence": {name: float(f"{number:.6g}") for name, number in self.evidence.items()}}


@dataclass(frozen=True, kw_only=True)
class EpochMoment:
    """When something was looked at: at the end of an epoch."""

    epoch: int
    step: int


class Diagnostics:
    """Looks at a network as it starts, and at the end of each epoch.

    Args:
        initial: The network as the run starts from the beginning, on NumPy arrays.
        images: The training images, of which some are looked at.
        labels: What they are.
    """

    def __init__(self, initial: naivenet.NaiveSequential, images: Any, labels: Any) -> None:
        chosen = np.linspace(0, len(images) - 1, min(SAMPLE, len(images))).astype(int)
        flat = np.asarray(images)[chosen].reshape(len(chosen), -1)
        self._inputs, self._labels = scaled(flat), np.asarray(labels)[chosen].astype(int)
        self._initial = initial

    def at_start(self) -> list[Diagnostic]:
        """What can be seen before the first step."""
        layers = self._initial.layers
        return [
            _equal_weights(i, layer.W) for i, layer in enumerate(layers) if len(layers) > 1 and np.ptp(layer.W) == 0
        ]

    def after_epoch(
        self, model: naivenet.NaiveSequential, moment: EpochMoment, *, learning_rate: float
    ) -> list[Diagnostic]:
        """What can be seen in *model*, on TensorFlow or on NumPy, where the epoch ends; also what was told before."""
        outputs = self._outputs(model)
        found = [_dead(moment, i, output) for i, output in enumerate(outputs[:-1])]
        found += [_saturated(moment, outputs[-1], self._labels), _one_class(moment, outputs[-1], self._labels)]
        if moment.epoch == 1:
            found.append(self._unmoved(model, moment, outputs[-1], learning_rate))
        return [each for each in found if each]

    def _outputs(self, model: naivenet.NaiveSequential) -> list[NDArray[np.float32]]:
        """What each layer answers for the sample. Shapes: (sample, units) each."""
        return [np.asarray(output) for output in _each_output(model, self._inputs)]

    def _unmoved(
        self, model: naivenet.NaiveSequential, moment: EpochMoment, outputs: NDArray[np.float32], learning_rate: float
    ) -> Diagnostic | None:
        pairs = zip(map(np.asarray, model.weights), self._initial.weights, strict=True)
        move = _length(now - then for now, then in pairs) / max(_length(iter(self._initial.weights)), 1e-30)
        before = _loss(self._labels, self._outputs(self._initial)[-1])
        gain = (before - _loss(self._labels, outputs)) / before
        if not (move < LEAST_MOVE and abs(gain) < LEAST_GAIN):
            return None
        return Diagnostic(
            code="learning_rate_too_small",
            epoch=moment.epoch,
            step=moment.step,
            evidence={"learning_rate": learning_rate, "relative_move": move, "relative_gain": gain},
            message=f"After an epoch the weights have moved by {move:.1e} of their length, the loss hardly.",
            hint="Try a learning rate that is ten or a hundred times as large.",
        )


def divergence(*, epoch: int, step: int, learning_rate: float) -> Diagnostic:
    """Tell that a loss is no longer a finite number."""
    return Diagnostic(
        code="divergence",
        epoch=epoch,
        step=step,
        evidence={"learning_rate": learning_rate},
        message=f"The loss is no longer a finite number at step {step}.",
        hint="Try a smaller learning rate, a warm-up, or other initial weights.",
    )


def damaged(*, epoch: int, step: int, resumed_from: int) -> Diagnostic:
    """Tell that a checkpoint could not be gone on from."""
    return Diagnostic(
        code="checkpoint_corrupt",
        epoch=epoch,
        step=step,
        evidence={"resumed_from_step": resumed_from},
        message=f"The checkpoint of step {step} is damaged; training went on from step {resumed_from}.",
        hint="Nothing is lost, but the storage should be looked at.",
    )


def _equal_weights(layer: int, W: NDArray[np.float32]) -> Diagnostic:
    return Diagnostic(
        code="equal_initial_weights",
        layer=layer,
        epoch=1,
        step=1,
        evidence={"value": float(W.flat[0]), "weights": W.size},
        message=f"All weights of layer {layer} start as {W.flat[0]:g}.",
        hint="Units that start equal learn the same; start them at random, such as with he_normal or glorot_uniform.",
    )


def _dead(moment: EpochMoment, layer: int, outputs: NDArray[np.float32]) -> Diagnostic | None:
    units = outputs.shape[1]
    dead = int((outputs == 0).all(axis=0).sum())
    if dead < DEAD_SHARE * units:
        return None
    return Diagnostic(
        code="dead_layer",
        layer=layer,
        epoch=moment.epoch,
        step=moment.step,
        evidence={"dead_units": dead, "units": units, "share": dead / units, "images": len(outputs)},
        message=f"{dead} of the {units} units of layer {layer} are 0 for every one of {len(outputs)} training images.",
        hint="Such units learn nothing: try a smaller learning rate, he_normal, or leaky_relu.",
    )


def _saturated(moment: EpochMoment, probabilities: NDArray[np.float32], labels: NDArray[np.int_]) -> Diagnostic | None:
    given_up = probabilities[np.arange(len(labels)), labels] <= EPSILON
    share = float(given_up.mean())
    if share < SATURATED_SHARE:
        return None
    return Diagnostic(
        code="saturated_softmax",
        epoch=moment.epoch,
        step=moment.step,
        evidence={"share": share, "images": len(labels), "probability": EPSILON},
        message=f"{share:.0%} of the training images looked at get no probability for what they are.",
        hint="There the softmax is flat, and they teach nothing: try smaller initial weights or learning rates.",
    )


def _one_class(moment: EpochMoment, probabilities: NDArray[np.float32], labels: NDArray[np.int_]) -> Diagnostic | None:
    answers = np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])
    share, real = float(answers.max() / len(labels)), float(np.bincount(labels).max() / len(labels))
    if share < ONE_CLASS_SHARE or real >= ONE_CLASS_SHARE:
        return None
    return Diagnostic(
        code="one_class",
        epoch=moment.epoch,
        step=moment.step,
        evidence={"class": int(answers.argmax()), "share": share, "largest_real_share": real},
        message=f"The network answers {answers.argmax()} for {share:.0%} of the training images looked at.",
        hint="Try another learning rate, other initial weights, or shuffle: true.",
    )


def _each_output(model: naivenet.NaiveSequential, inputs: Any) -> Iterator[Any]:
    for layer in model.layers:
        inputs = layer(inputs)
        yield inputs


def _length(arrays: Iterator[NDArray[np.float32]]) -> float:
    return float(np.sqrt(sum(float(np.vdot(each, each)) for each in arrays)))


def _loss(labels: NDArray[np.int_], probabilities: NDArray[np.float32]) -> float:
    return float(np.mean(naivenet.sparse_categorical_crossentropy(labels, probabilities)))
