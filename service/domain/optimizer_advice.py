"""What a form says about each optimizer: where to start with its learning rate, and in one sentence what it does."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Advice:
    """Advice about an optimizer.

    Attributes:
        learning_rate: A rate to start from. `bench/optimizer_rates.py` measured it; docs/reference/training.md has the
            results.
        en: What the optimizer does, in English.
        es: The same in Spanish.
    """

    learning_rate: float
    en: str
    es: str


#: The advice about each optimizer, in the order in which a course explains them: each builds on those before it.
ADVICE: Mapping[str, Advice] = {
    "naive": Advice(
        learning_rate=1.0,
        en="The notebook's rule: each weight takes a step against its gradient.",
        es="La regla del cuaderno: cada peso da un paso en contra de su gradiente.",
    ),
    "sgd": Advice(
        learning_rate=1.0,
        en="The same rule; with momentum, each step also keeps a share of the steps before it.",
        es="La misma regla; con momento, cada paso conserva además una parte de los anteriores.",
    ),
    "adagrad": Advice(
        learning_rate=0.3,
        en="Each weight has its own rate, which shrinks with the sum of its squared gradients.",
        es="Cada peso tiene su propia tasa, que disminuye con la suma de sus gradientes al cuadrado.",
    ),
    "rmsprop": Advice(
        learning_rate=0.001,
        en="Like Adagrad, with a moving average in place of the sum, so that the rates do not shrink to zero.",
        es="Como Adagrad, con una media móvil en lugar de la suma, para que las tasas no bajen hasta cero.",
    ),
    "adam": Advice(
        learning_rate=0.001,
        en="RMSprop with momentum, and corrected averages at the start; a good first choice for most networks.",
        es="RMSprop con momento y con medias corregidas al principio; una buena primera opción para casi toda red.",
    ),
    "adamw": Advice(
        learning_rate=0.001,
        en="Adam, and each step also shrinks all weights a little (weight decay).",
        es="Adam, y cada paso reduce además un poco todos los pesos (decaimiento de pesos).",
    ),
    "nadam": Advice(
        learning_rate=0.001,
        en="Adam with Nesterov's momentum, which looks one step ahead.",
        es="Adam con el momento de Nesterov, que mira un paso hacia delante.",
    ),
    "adamax": Advice(
        learning_rate=0.003,
        en="Adam that divides by the largest recent gradient instead of an average of squares.",
        es="Adam que divide por el mayor gradiente reciente en lugar de una media de cuadrados.",
    ),
    "adadelta": Advice(
        learning_rate=3.0,
        en="Like RMSprop, and it also measures its own recent steps to choose their size.",
        es="Como RMSprop, y además mide sus propios pasos recientes para elegir su tamaño.",
    ),
    "lion": Advice(
        learning_rate=0.0003,
        en="Uses only the sign of a momentum: all weights take steps of the same size.",
        es="Usa solo el signo de un momento: todos los pesos dan pasos del mismo tamaño.",
    ),
    "ftrl": Advice(
        learning_rate=0.3,
        en="Like Adagrad, made for sparse data; its penalties can set weights to exactly zero.",
        es="Como Adagrad, pensado para datos dispersos; sus penalizaciones pueden dejar pesos exactamente en cero.",
    ),
}
