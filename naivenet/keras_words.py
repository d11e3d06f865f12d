"""What users of Keras type first, and what to write here in its place: hints for errors."""

import difflib
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

MODEL_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "[]": "write model.layers[0] for a layer",
        "add": "pass all layers at once, NaiveSequential([...])",
        "compile": "choose the optimizer in naivenet.fit(..., optimizer='rmsprop')",
        "evaluate": "write naivenet.evaluate(model, images, labels)",
        "fit": "write naivenet.fit(model, images, labels, epochs=5)",
        "get_weights": "write [weight.numpy() for weight in model.weights]",
        "load_weights": "write naivenet.load_weights(model, naivenet.from_safetensors(file_bytes))",
        "predict": "write naivenet.predict(model, images)",
        "save": "write naivenet.to_safetensors(model), which returns the bytes of a file",
        "save_weights": "write naivenet.to_safetensors(model), which returns the bytes of a file",
        "set_weights": "write naivenet.load_weights(model, weights)",
        "trainable_variables": "write model.weights",
        "trainable_weights": "write model.weights",
    }
)
HISTORY_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "[]": "write history.losses for the loss of each step, or history.to_pandas('epoch') for the epochs",
        "accuracy": "write history.epochs[-1].train_accuracy, or history.to_pandas('epoch') for all epochs",
        "history": "write history.losses for the loss of each step, history.to_pandas('epoch') for the metrics of each "
        "epoch, or history.plot() to draw both",
        "loss": "write history.losses, the loss of each step",
    }
)
EVALUATION_WORDS: Mapping[str, str] = MappingProxyType({"[]": "write evaluation.loss and evaluation.accuracy"})
_OPTIONS = {
    "validation_data": "write validation=(images, labels)",
    "validation_split": "split the images yourself, and write validation=(images[50000:], labels[50000:])",
    "momentum": "write optimizer=SGD(learning_rate=0.01, momentum=0.9)",
    "lr": "write learning_rate=",
    "callbacks": "iterate over naivenet.train(...), which yields an event after some steps and after each epoch",
    "metrics": "the history has the losses and the accuracies",
    "loss": "the loss is always the sparse categorical cross-entropy; for another one, write a loop of your own over "
    "naivenet.BatchGenerator",
    "device": "TensorFlow uses a GPU that it finds; for another choice write with tf.device('/CPU:0'): around the call",
    "x": "write images=",
    "y": "write labels=",
}


class KerasHints:
    """Base of a class in which users of Keras look for Keras's attributes.

    Attributes:
        keras_words: What to write in place of each, and in place of an index ("[]").
    """

    keras_words: ClassVar[Mapping[str, str]] = MappingProxyType({})

    if not TYPE_CHECKING:  # a type checker would take every attribute to exist

        def __getattr__(self, name: str) -> Any:
            """Raise the error for an attribute that does not exist, with a hint."""
            if name in self.keras_words:
                raise AttributeError(f"{type(self).__name__} has no {name}: {self.keras_words[name]}")
            return object.__getattribute__(self, name)  # raises again what led here

        def __getitem__(self, key: Any) -> Any:
            """Raise the error for ``history["loss"]`` and for what takes the object for a list, with a hint."""
            raise TypeError(f"{type(self).__name__} is no list and no dictionary: {self.keras_words['[]']}")


def check_option_names(given: Collection[str], known: Collection[str]) -> None:
    """Refuse options that do not exist.

    Raises:
        TypeError: An option is not in *known*; the message says what to write in its place.
    """
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known))}"
            raise TypeError(f"there is no option {name!r}: {_OPTIONS.get(name, hint)}")
