"""Compiles many training steps into one TensorFlow graph, because one at a time mostly waits for Python."""

from collections.abc import Callable
from typing import Any

from naivenet.lazy import tf
from naivenet.samples import scaled


class Watched:
    """A model that remembers what it last predicted, so that a step need not be asked for it."""

    predictions: Any = None

    def __init__(self, model: Any) -> None:
        self._model = model
        self.weights = model.weights

    def __call__(self, inputs: Any) -> Any:
        """Call the model."""
        self.predictions = self._model(inputs)
        return self.predictions


def compile_steps(step: Callable[..., Any], model: Any, images: Any, labels: Any, update: Any) -> Any:
    """Compile *step* so that one call takes many steps, each on the samples and at the rate that it is given.

    The images are held once, bytes as bytes, and scaled in the graph. One trace serves every number of steps
    and every batch size. Without XLA the results are bit for bit those of *step* called eagerly.

    Shapes:
        images: (samples, input_size).
        labels: (samples,).
        returns: a function of sample numbers (steps, batch) and learning rates (steps,)
            -> losses (steps,), samples read right (steps,).
    """
    watched = Watched(model)
    all_images, all_labels = tf.constant(images), tf.constant(labels)

    def one_step(batch: tuple[Any, Any]) -> tuple[Any, Any]:
        sample_numbers, rate = batch
        update.use_rate(rate)
        labels_batch = tf.gather(all_labels, sample_numbers)
        loss = step(watched, scaled(tf.gather(all_images, sample_numbers)), labels_batch, update)
        predicted = tf.argmax(watched.predictions, axis=-1, output_type=tf.int32)
        return loss, tf.math.count_nonzero(predicted == labels_batch, dtype=tf.int32)

    def many_steps(sample_numbers: Any, rates: Any) -> Any:
        kinds = (tf.float32, tf.int32)
        return tf.map_fn(one_step, (sample_numbers, rates), fn_output_signature=kinds, parallel_iterations=1)

    signature = [tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.float32)]
    return tf.function(many_steps, input_signature=signature, autograph=False)
