"""The notebook's code: eager TensorFlow operations, and Keras's loss and optimizer."""

# ruff: noqa: ANN001, ANN201, ANN202, ANN204 -- the notebook's code has no types
import math

import keras
import tensorflow as tf

from bench.peers import BATCH, CLASSES, HIDDEN, INPUTS, RATES, Run, images_as_floats


class NaiveDense:
    """The affine map ``activation(matmul(inputs, W) + b)``."""

    def __init__(self, input_size, output_size, activation):
        """Start with random weights."""
        self.activation = activation
        self.W = tf.Variable(tf.random.uniform((input_size, output_size), minval=0, maxval=1e-1))
        self.b = tf.Variable(tf.zeros((output_size,)))

    def __call__(self, inputs):
        """Call the layer."""
        return self.activation(tf.matmul(inputs, self.W) + self.b)

    @property
    def weights(self):
        """``[W, b]``."""
        return [self.W, self.b]


class NaiveSequential:
    """Layers, called in order."""

    def __init__(self, layers):
        """Take the layers."""
        self.layers = layers

    def __call__(self, inputs):
        """Call the layers."""
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self):
        """The weights of all layers."""
        return [weight for layer in self.layers for weight in layer.weights]


class BatchGenerator:
    """Slices of the data."""

    def __init__(self, images, labels, batch_size=128):
        """Take the data."""
        self.index = 0
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.num_batches = math.ceil(len(images) / batch_size)

    def next(self):
        """Return the next slice."""
        images = self.images[self.index : self.index + self.batch_size]
        labels = self.labels[self.index : self.index + self.batch_size]
        self.index += self.batch_size
        return images, labels


def one_training_step(model, images_batch, labels_batch, optimizer):
    """Predict, differentiate, update."""
    with tf.GradientTape() as tape:
        predictions = model(images_batch)
        per_sample_losses = keras.losses.sparse_categorical_crossentropy(labels_batch, predictions)
        average_loss = tf.reduce_mean(per_sample_losses)
    gradients = tape.gradient(average_loss, model.weights)
    optimizer.apply_gradients(zip(gradients, model.weights, strict=True))
    return average_loss


def eager(optimizer: str) -> Run:
    """The notebook's `fit`, without its printing."""
    images, labels = images_as_floats()
    model = NaiveSequential(
        [
            NaiveDense(input_size=INPUTS, output_size=HIDDEN, activation=tf.nn.relu),
            NaiveDense(input_size=HIDDEN, output_size=CLASSES, activation=tf.nn.softmax),
        ]
    )
    rule = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[optimizer](learning_rate=RATES[optimizer])

    def fit(epochs):
        for _ in range(epochs):
            batch_generator = BatchGenerator(images, labels, BATCH)
            for _ in range(batch_generator.num_batches):
                images_batch, labels_batch = batch_generator.next()
                loss = one_training_step(model, images_batch, labels_batch, rule)
        return float(loss)

    def first_loss():
        return float(one_training_step(model, images[:BATCH], labels[:BATCH], rule))

    return Run(first_loss=first_loss, train=fit)
