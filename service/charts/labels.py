"""The texts of charts, in the languages of the page."""

from collections.abc import Mapping

from service.charts.request import Look
from service.messages import SEPARATORS, Language

#: The thousands and decimal separators, as a d3 locale.
NUMBERS: Mapping[Language, Mapping[str, object]] = {
    language: {"thousands": thousands, "decimal": decimal, "grouping": [3], "currency": ["", ""]}
    for language, (thousands, decimal) in SEPARATORS.items()
}

LABELS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "accuracy": "Accuracy",
        "arm": "Arm",
        "arms": "Arms",
        "best": "Best so far",
        "bias": "Bias",
        "count": "Images",
        "cut": "Losses of the first steps, or single ones, are above this axis.",
        "density": "Share of the weights",
        "described": "{curve}: from {first} to {last}, lowest {low}, highest {high}.",
        "described_epochs": "{layer}: half of the weights lie from {low} to {high} at first, and from {last_low} to "
        "{last_high} after epoch {epoch}.",
        "described_weights": "{layer}: weights from {first} to {last}, half of them from {low} to {high}.",
        "difference": "Difference",
        "diverged": "{count} diverged",
        "epoch": "Epoch",
        "high": "Highest",
        "images_seen": "Images seen",
        "importance": "{share} of the variation",
        "label": "Label",
        "layer": "Layer {number}",
        "log": "logarithmic",
        "loss": "Loss",
        "low": "Lowest",
        "lower": "Interval from",
        "mean": "Mean",
        "pair": "Pair",
        "points": "Difference, in percentage points",
        "predicted": "Prediction",
        "read": "{share} of {samples} test images are recognised correctly",
        "run": "Run",
        "seconds": "Seconds of training",
        "seed": "Seed",
        "smooth": "smoothed",
        "step": "Step",
        "test_accuracy": "Test accuracy",
        "test_loss": "Test loss",
        "train_accuracy": "Train accuracy",
        "train_loss": "Train loss",
        "unit": "Unit",
        "upper": "Interval to",
        "validation_accuracy": "Validation accuracy",
        "validation_loss": "Validation loss",
        "weight": "Weight",
        "weights": "Weights",
    },
    "es": {
        "accuracy": "Exactitud",
        "arm": "Variante",
        "arms": "Variantes",
        "best": "Lo mejor hasta ahora",
        "bias": "Sesgo",
        "count": "Imágenes",
        "cut": "Las pérdidas de los primeros pasos, o algunas sueltas, quedan por encima de este eje.",
        "density": "Proporción de los pesos",
        "described": "{curve}: de {first} a {last}, mínimo {low}, máximo {high}.",
        "described_epochs": "{layer}: la mitad de los pesos está al principio de {low} a {high}, y de {last_low} a "
        "{last_high} tras la época {epoch}.",
        "described_weights": "{layer}: pesos de {first} a {last}, la mitad de ellos de {low} a {high}.",
        "difference": "Diferencia",
        "diverged": "{count} divergieron",
        "epoch": "Época",
        "high": "Máximo",
        "images_seen": "Imágenes vistas",
        "importance": "{share} de la variación",
        "label": "Etiqueta",
        "layer": "Capa {number}",
        "log": "logarítmica",
        "loss": "Pérdida",
        "low": "Mínimo",
        "lower": "Intervalo desde",
        "mean": "Media",
        "pair": "Par",
        "points": "Diferencia, en puntos porcentuales",
        "predicted": "Predicción",
        "read": "{share} de {samples} imágenes de prueba se reconocen bien",
        "run": "Entrenamiento",
        "seconds": "Segundos de entrenamiento",
        "seed": "Semilla",
        "smooth": "suavizada",
        "step": "Paso",
        "test_accuracy": "Exactitud de prueba",
        "test_loss": "Pérdida de prueba",
        "train_accuracy": "Exactitud de entrenamiento",
        "train_loss": "Pérdida de entrenamiento",
        "unit": "Unidad",
        "upper": "Intervalo hasta",
        "validation_accuracy": "Exactitud de validación",
        "validation_loss": "Pérdida de validación",
        "weight": "Peso",
        "weights": "Pesos",
    },
}


def label(look: Look, name: str, **values: object) -> str:
    """Return the text of that name in the look's language, with *values* in its placeholders."""
    return LABELS[look.language][name].format(**values)
