"""Training: one step, and the loop over epochs and batches.

The same loop, compiled to one TensorFlow graph, is in `naivenet.engine.training`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, Literal, Never

from naivenet.backend import Tensor, tf
from naivenet.batches import BatchGenerator
from naivenet.choices.augmentation import Augmentation
from naivenet.choices.own_layers import AnyLayer
from naivenet.choices.schedules import Schedule
from naivenet.engine.events import EpochEnd, Steps
from naivenet.engine.graph import PredictionTap
from naivenet.engine.notebook_lines import notebook_lines, shows_progress
from naivenet.engine.order import MixPart
from naivenet.engine.training import RunOptions, Samples, Training
from naivenet.engine.updaters.choice import AnyOptimizer
from naivenet.engine.updaters.from_function import UpdateFunction
from naivenet.engine.updaters.redefined import check_step, redefined_rule
from naivenet.history import History
from naivenet.inputs import scaled
from naivenet.keras_words import check_option_names
from naivenet.losses import sparse_categorical_crossentropy
from naivenet.own_models import check_gradients, trainable_variables
from naivenet.precision import Precision


def update_weights(gradients: Sequence[Tensor], weights: Sequence[Tensor], learning_rate: Tensor = 0.001) -> None:
    """Move each weight against its gradient: ``w -= g * learning_rate``.

    Shapes:
        gradients: those of *weights*, one for each.
    """
    for g, w in zip(gradients, weights, strict=True):
        # a gradient may be a tf.IndexedSlices, which has no multiplication
        w.assign_sub(tf.convert_to_tensor(g) * learning_rate)


def one_training_step(
    model: AnyLayer, images_batch: Tensor, labels_batch: Tensor, update: UpdateFunction | None = None
) -> Tensor:
    """Predict, compute the loss and its gradients, and update the weights; return the average loss.

    *update* takes the gradients and the weights. The default is `update_weights` above, or what has taken its place in
    this module; the loop below passes an updater.

    Shapes:
        images_batch: (batch, input_size), float32.
        labels_batch: (batch,), integers.
    """
    with tf.GradientTape() as tape:
        predictions = model(images_batch)
        per_sample_losses = sparse_categorical_crossentropy(labels_batch, predictions)
        average_loss = tf.reduce_mean(per_sample_losses)
    weights = trainable_variables(model)  # model.weights, each once, and without frozen ones
    gradients = check_gradients(tape.gradient(average_loss, weights), weights)
    (update or update_weights)(gradients, weights)
    return average_loss


def notebook_loop(run: Training) -> Iterator[Steps | EpochEnd]:
    """Train step by step: for each epoch, for each batch. The compiled engine gives the same numbers sooner.

    *run* adds what the notebook does not have: an order of the samples, a schedule, an optimizer, and events.
    """
    tap = PredictionTap(run.trained_model)  # the model; it also keeps its latest predictions, to count the correct ones
    for epoch in range(run.options.epochs):
        batches = BatchGenerator(*run.samples(epoch), run.options.batch_size)
        for _ in range(batches.num_batches):
            images_batch, labels_batch = batches.next()
            run.updater.use_rate(run.next_rate)
            loss = one_training_step(tap, scaled(tf.constant(images_batch)), labels_batch, run.updater)
            yield run.progress.steps_done([loss], [tap.correct(labels_batch)], batch_size=len(labels_batch))
        yield run.end_epoch()


def fit(  # noqa: PLR0913 -- the notebook's call with its choices; inside, they are a RunOptions
    model: AnyLayer,
    images: Tensor,
    labels: Tensor,
    epochs: int,
    batch_size: int = 128,
    *,
    optimizer: AnyOptimizer = None,
    learning_rate: float | None = None,
    update_weights: UpdateFunction | None = None,
    schedule: Schedule | str | None = None,
    shuffle: bool = False,
    augment: Augmentation | None = None,
    seed: int = 0,
    validation: Samples | None = None,
    test: Samples | None = None,
    sets: Mapping[str, Samples] | None = None,
    mix: Sequence[MixPart] | None = None,
    precision: Precision = "float32",
    compiled: bool = True,
    verbose: int | Literal["auto"] = "auto",
    **words: Never,
) -> History:
    """Train *model* in place, from the first epoch to the last: `notebook_loop`, or the same loop in a graph.

    Args:
        model: A network on TensorFlow variables: ours, or any object that can be called and has ``weights``.
        images: The images to learn from, (samples, ...), uint8, or floats in [0, 1].
        labels: Their labels, (samples,), integers.
        epochs: Passes over the images.
        batch_size: Images in each step.
        optimizer: The rule that changes the weights: ``SGD(learning_rate=0.1)``, ``"adam"``, or an optimizer object of
            Keras, which keeps its own learning rate, clipping and decay. The notebook's rule if None.
        learning_rate: The learning rate of the notebook's rule, or of an optimizer that is given by its name.
        update_weights: A function of gradients and weights in place of an optimizer, as in the notebook. It is
            compiled if it can be: then TensorFlow runs it, and its Python only when it is compiled.
        schedule: How the learning rate changes, ``CosineDecay()`` or ``"cosine"``; it is constant if None.
        shuffle: Whether each epoch has its own order of the images.
        augment: How the images are changed in each epoch before the network learns from them, ``Augmentation()``; not
            at all if None.
        seed: The seed of these orders and changes.
        validation: Images and labels to evaluate on after each epoch.
        test: The same, as a second set.
        sets: Further sets to evaluate on after each epoch, by their names.
        mix: The sets that the images consist of, one after another, and how often an epoch shows each of them:
            ``[MixPart(samples=60_000, weight=0.05), MixPart(samples=20, weight=20)]``.
        precision: ``"bfloat16"`` rounds the operands of the products in training to bfloat16, which takes less time on
            processors with instructions for it; weights, gradients and evaluations stay float32.
        compiled: Whether the engine runs the loop in a graph: the same numbers several times sooner. (On more than one
            thread, XLA compiles runs of 2,000 steps or more; it rounds differently.) If False, `notebook_loop` runs as
            it reads.
        verbose: 1 prints the notebook's lines, the loss of every hundredth batch, and 0 does not. ``"auto"`` prints
            them in a notebook and in a terminal.
        words: None. For options of Keras the error says what to write here.

    Raises:
        TypeError: There is no option of that name.
        ShapeError: The images do not fit the network, or their number differs from that of the labels.
        ParameterError: A value is of the wrong type or out of range, or two choices contradict each other.
        UnknownName: There is no optimizer or schedule of that name.
    """
    prints = shows_progress(verbose)
    run = train(
        model,
        images,
        labels,
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        update_weights=update_weights,
        schedule=schedule,
        shuffle=shuffle,
        augment=augment,
        seed=seed,
        validation=validation,
        test=test,
        sets=sets,
        mix=mix,
        precision=precision,
        **words,
    )
    events = iter(run) if compiled else notebook_loop(run)
    return History.of(_printed(events, run) if prints else events)


def train(model: AnyLayer, images: Tensor, labels: Tensor, **options: Any) -> Training:
    """Prepare to train *model* in place. Iterating over the result trains, and yields events.

    The run shares the memory of *images* if possible: do not change them while it trains.

    Args:
        model: A network on TensorFlow variables: ours, or any object that can be called and has ``weights``.
        images: The images to learn from, (samples, ...), uint8, or floats in [0, 1].
        labels: Their labels, (samples,), integers.
        options: The fields of `RunOptions`; ``epochs`` is required.

    Raises:
        TypeError: There is no option of that name.
        ShapeError: The images do not fit the network, or their number differs from that of the labels.
        ParameterError: A value is of the wrong type or out of range.
        CheckpointError: The slots are not those of this optimizer for these weights.
    """
    check_step(fit, one_training_step)
    check_option_names(options, [field.name for field in fields(RunOptions)])
    chosen = RunOptions(**options | redefined_rule(options, update_weights))
    return Training(model, images, labels, step=one_training_step, options=chosen)


def _printed(events: Iterator[Steps | EpochEnd], run: Training) -> Iterator[Steps | EpochEnd]:
    """Print the notebook's lines while the events pass."""
    for event in events:
        if isinstance(event, Steps):
            for line in notebook_lines(event, batches=run.progress.batches):
                print(line, flush=True)  # noqa: T201 -- the caller asks for it by verbose
        yield event
