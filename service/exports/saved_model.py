"""Writes a network as a zip of a SavedModel folder, which TensorFlow Serving loads."""

import tempfile
from pathlib import Path

import tensorflow as tf

import naivenet
from service.exports.reproducible_zip import zipped


def write(model: naivenet.NaiveSequential) -> bytes:
    """Return the network with one signature, ``serving_default``: ``pixels`` (n, 784) -> ``scores`` (n, 10)."""
    module = tf.Module()
    module.network = naivenet.Network.of(model).with_weights([tf.Variable(weight) for weight in model.weights])
    module.weights = module.network.weights  # only the variables of the module itself are saved
    shape = tf.TensorSpec([None, model.input_size], tf.float32, name="pixels")
    answer = tf.function(lambda pixels: {"scores": module.network(pixels)}, input_signature=[shape])
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures={"serving_default": answer})
        root = Path(folder)
        files = [path for path in root.rglob("*") if path.is_file()]
        return zipped((path.relative_to(root).as_posix(), path.read_bytes()) for path in files)
