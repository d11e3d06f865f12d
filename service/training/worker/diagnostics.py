"""Finds common training problems, and reports each with evidence and a hint.

Everything here is a pure function of the weights and a fixed sample of the training images, so that a resumed run
reports the same as an undisturbed one.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

import naivenet
from naivenet.inputs import scaled
from naivenet.losses import EPSILON
from service.domain.job import Environment
from service.training.worker.causes import ends_with_softmax, missing_softmax, vanishing_gradients, zero_learning_rate
from service.training.worker.diagnostic import Diagnostic, EpochMoment

#: The number of training images, evenly spaced, that are examined after each epoch.
SAMPLE_SIZE = 128

#: A diagnostic is reported from this share on: of dead units, of saturated images, of images read as one class.
DEAD_SHARE, SATURATED_SHARE, ONE_CLASS_SHARE = 0.5, 0.1, 0.99

#: If weights and loss change by less than these shares in the first epoch, the network has hardly learned.
MIN_MOVE, MIN_GAIN = 1e-4, 1e-3


class Diagnostics:
    """Examines a network at its start and after each epoch.

    Args:
        initial: The network at the beginning of the job, on NumPy arrays.
        images: The training images; a sample of them is used.
        labels: Their labels.
    """

    def __init__(self, initial: naivenet.NaiveSequential, images: Any, labels: Any) -> None:
        chosen = np.linspace(0, len(images) - 1, min(SAMPLE_SIZE, len(images))).astype(int)
        flat = np.asarray(images)[chosen].reshape(len(chosen), -1)
        self._inputs, self._labels = scaled(flat), np.asarray(labels)[chosen].astype(int)
        self._initial = initial

    def at_start(self, *, base_rate: float) -> list[Diagnostic]:
        """Return the problems of the initial weights, of the last layer, and of a learning rate of 0."""
        start = EpochMoment(epoch=1, step=1)
        zero = [zero_learning_rate(start)] if base_rate == 0 else []
        alike = [_equal_initial_weights(i, self._initial.layers[i].W) for i in self._layers_of_equal_weights()]
        return [*zero, *alike, *missing_softmax(start, self._initial, self._inputs)]

    def after_epoch(
        self, model: naivenet.NaiveSequential, moment: EpochMoment, *, learning_rate: float, base_rate: float
    ) -> list[Diagnostic]:
        """Return the problems of *model*, on TensorFlow or NumPy, after an epoch; also those reported before.

        With a learning rate of 0 nothing else is reported: training has not caused it.

        Args:
            model: The network.
            moment: The end of the epoch.
            learning_rate: That of the last step.
            base_rate: The learning rate in force, which a schedule multiplies.
        """
        if base_rate == 0:
            return [zero_learning_rate(moment)]
        outputs = self._outputs(model)
        causes = [_dead_layer(moment, i, output) for i, output in enumerate(outputs[:-1])]
        if ends_with_softmax(model):
            causes.append(_saturated_softmax(moment, outputs[-1], self._labels))
        if not any(causes) and not self._layers_of_equal_weights():
            causes.append(vanishing_gradients(moment, model, self._inputs, self._labels))
        found = [*causes, _one_class(moment, outputs[-1], self._labels)]
        if moment.epoch == 1 and not any(causes):
            found.append(self._learning_rate_too_small(model, moment, outputs[-1], learning_rate))
        return [each for each in found if each]

    def _layers_of_equal_weights(self) -> list[int]:
        """Return the layers whose weights all start with one value; a single layer may."""
        layers = self._initial.layers
        return [i for i, layer in enumerate(layers) if len(layers) > 1 and np.ptp(layer.W) == 0]

    def _outputs(self, model: naivenet.NaiveSequential) -> list[NDArray[np.float32]]:
        """Return each layer's output for the sample. Shapes: (sample, units) each."""
        return [np.asarray(output) for output in _layer_outputs(model, self._inputs)]

    def _learning_rate_too_small(
        self, model: naivenet.NaiveSequential, moment: EpochMoment, outputs: NDArray[np.float32], learning_rate: float
    ) -> Diagnostic | None:
        pairs = zip(map(np.asarray, model.weights), self._initial.weights, strict=True)
        move = _length(now - then for now, then in pairs) / max(_length(iter(self._initial.weights)), 1e-30)
        before = _loss(self._labels, self._outputs(self._initial)[-1])
        gain = (before - _loss(self._labels, outputs)) / before
        if not (move < MIN_MOVE and abs(gain) < MIN_GAIN):
            return None
        return Diagnostic(
            code="learning_rate_too_small",
            epoch=moment.epoch,
            step=moment.step,
            evidence={"learning_rate": learning_rate, "relative_move": move, "relative_gain": gain},
            message=f"In epoch 1 the weights moved by only {move:.1e} of their length, and the loss hardly changed.",
            hint="Try a learning rate that is ten or a hundred times higher.",
        )


def divergence(*, epoch: int, step: int, learning_rate: float) -> Diagnostic:
    """Return the report of a loss that is not a finite number."""
    return Diagnostic(
        code="divergence",
        epoch=epoch,
        step=step,
        evidence={"learning_rate": learning_rate},
        message=f"The loss is not a finite number at step {step}.",
        hint="Try a smaller learning rate, a warm-up, or other initial weights.",
    )


def corrupt_checkpoint(*, epoch: int, step: int, resumed_from: int) -> Diagnostic:
    """Return the report of a checkpoint that could not be read."""
    return Diagnostic(
        code="checkpoint_corrupt",
        epoch=epoch,
        step=step,
        evidence={"resumed_from_step": resumed_from},
        message=f"The checkpoint of step {step} is corrupt; training resumed from step {resumed_from}.",
        hint="The result is not affected, but check the storage.",
    )


def unseen_classes(training: Any, validation: Any) -> list[Diagnostic]:
    """Return the report that validation has classes which training has not; empty if it has none.

    Shapes:
        training: (n,), the labels that training sees.
        validation: (m,), the labels held out.
    """
    unseen = np.setdiff1d(validation, training)
    if not unseen.size:
        return []
    images = int(np.isin(validation, unseen).sum())
    return [
        Diagnostic(
            code="unseen_classes",
            epoch=1,
            step=1,
            evidence={"classes": unseen.size, "class": int(unseen[0]), "images": images},
            message=f"{images} validation images are of classes that training never sees: "
            f"{', '.join(map(str, unseen.tolist()))}.",
            hint="The validation split is the end of the training set. Put its images into a random order.",
        )
    ]


def environment_changed(before: Environment, now: Environment, *, epoch: int, step: int) -> dict[str, Any]:
    """Return the data of the report that the steps from *step* on are trained elsewhere; it names both environments."""
    diagnostic = Diagnostic(
        code="environment_changed",
        epoch=epoch,
        step=step,
        evidence={},
        message=f"From step {step} on the job is trained elsewhere: {_named(now)}; before that, {_named(before)}.",
        hint="Its losses and weights may differ in the last digits from those of a run in one environment.",
    )
    return diagnostic.as_data() | {"before": asdict(before), "now": asdict(now)}


def _named(environment: Environment) -> str:
    versions = [f"{name} {version}" for name, version in environment.versions.items()]
    variables = [f"{name}={value}" for name, value in environment.variables.items()]
    return ", ".join([f"{environment.processor} with {environment.instruction_set}", *versions, *variables])


def _equal_initial_weights(layer: int, W: NDArray[np.float32]) -> Diagnostic:
    return Diagnostic(
        code="equal_initial_weights",
        layer=layer,
        epoch=1,
        step=1,
        evidence={"value": float(W.flat[0]), "weights": W.size},
        message=f"All weights of layer {layer} start with the value {W.flat[0]:g}.",
        hint="Units with equal weights learn the same. Use random weights, such as he_normal or glorot_uniform.",
    )


def _dead_layer(moment: EpochMoment, layer: int, outputs: NDArray[np.float32]) -> Diagnostic | None:
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
        message=f"In layer {layer}, {dead} of {units} units output 0 for all of {len(outputs)} training images.",
        hint="Such units learn nothing. Try a smaller learning rate, he_normal, or leaky_relu.",
    )


def _saturated_softmax(
    moment: EpochMoment, probabilities: NDArray[np.float32], labels: NDArray[np.int_]
) -> Diagnostic | None:
    saturated = probabilities[np.arange(len(labels)), labels] <= EPSILON
    share = float(saturated.mean())
    if share < SATURATED_SHARE:
        return None
    return Diagnostic(
        code="saturated_softmax",
        epoch=moment.epoch,
        step=moment.step,
        evidence={"share": share, "images": len(labels), "probability": EPSILON},
        message=f"For {share:.0%} of the training images examined, the true class has a probability of almost 0.",
        hint="The softmax is saturated there, and its gradient is 0. Try smaller initial weights or a smaller learning "
        "rate.",
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
        message=f"The network answers {answers.argmax()} for {share:.0%} of the training images examined.",
        hint="Try another learning rate, other initial weights, or shuffle: true.",
    )


def _layer_outputs(model: naivenet.NaiveSequential, inputs: Any) -> Iterator[Any]:
    for layer in model.layers:
        inputs = layer(inputs)
        yield inputs


def _length(arrays: Iterator[NDArray[np.float32]]) -> float:
    return float(np.sqrt(sum(float(np.vdot(each, each)) for each in arrays)))


def _loss(labels: NDArray[np.int_], probabilities: NDArray[np.float32]) -> float:
    return float(np.mean(naivenet.sparse_categorical_crossentropy(labels, probabilities)))
