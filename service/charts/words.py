"""What charts say, in the languages that the page speaks."""

from collections.abc import Mapping

from service.charts.request import Language, Look

#: What stands between thousands, and before a fraction, as d3 is told it.
NUMBERS: Mapping[Language, Mapping[str, object]] = {
    "en": {"thousands": ",", "decimal": ".", "grouping": [3], "currency": ["", ""]},
    "es": {"thousands": ".", "decimal": ",", "grouping": [3], "currency": ["", ""]},
}

WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "accuracy": "Accuracy",
        "bias": "Bias",
        "count": "Images",
        "density": "Share of the weights",
        "epoch": "Epoch",
        "label": "What it is",
        "layer": "Layer {number}",
        "loss": "Loss",
        "read": "{share} of {samples} test images are read right",
        "predicted": "What was read",
        "run": "Run",
        "smooth": "smoothed",
        "step": "Step",
        "test_accuracy": "Test accuracy",
        "test_loss": "Test loss",
        "train_accuracy": "Train accuracy",
        "train_loss": "Train loss",
        "unit": "Unit",
        "validation_accuracy": "Validation accuracy",
        "validation_loss": "Validation loss",
        "weight": "Weight",
        "weights": "Weights",
    },
    "es": {
        "accuracy": "Exactitud",
        "bias": "Sesgo",
        "count": "Imágenes",
        "density": "Proporción de los pesos",
        "epoch": "Época",
        "label": "Lo que es",
        "layer": "Capa {number}",
        "loss": "Pérdida",
        "read": "{share} de {samples} imágenes de prueba se leen bien",
        "predicted": "Lo que se leyó",
        "run": "Entrenamiento",
        "smooth": "suavizada",
        "step": "Paso",
        "test_accuracy": "Exactitud de prueba",
        "test_loss": "Pérdida de prueba",
        "train_accuracy": "Exactitud de entrenamiento",
        "train_loss": "Pérdida de entrenamiento",
        "unit": "Unidad",
        "validation_accuracy": "Exactitud de validación",
        "validation_loss": "Pérdida de validación",
        "weight": "Peso",
        "weights": "Pesos",
    },
}


def say(look: Look, name: str, **values: object) -> str:
    """The words of that name, with *values* in their places."""
    return WORDS[look.language][name].format(**values)


def written(look: Look, number: float, form: str) -> str:
    """The number in Python's format *form*, with the signs of the chart's language."""
    signs = NUMBERS[look.language]
    return f"{number:{form}}".translate(str.maketrans(",.", f"{signs['thousands']}{signs['decimal']}"))
