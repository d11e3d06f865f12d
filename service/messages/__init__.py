"""What clients read, in English and Spanish: kinds of problems, sentences about them, and results of experiments."""

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any, Literal

import orjson

Language = Literal["en", "es"]

#: The thousands and decimal separators of each language.
SEPARATORS: Mapping[Language, tuple[str, str]] = {"en": (",", "."), "es": (".", ",")}


def formatted(number: float, form: str, language: Language) -> str:
    """Return the number in Python's format *form*, with the separators of the language and a real minus sign.

    Of percentages only a whole is 100 %, and only nothing is 0 %.
    """
    thousands, decimal = SEPARATORS[language]
    if form.endswith("%"):
        number = rounded_share(number, int(form.removesuffix("%").rpartition(".")[2] or 6))
    return f"{number:{form}}".translate(str.maketrans(",.-", f"{thousands}{decimal}\u2212"))


def rounded_share(share: Any, decimals: int) -> Any:
    """Return the share, moved to the next percentage with so many decimals where rounding would make it 0 or 100 %."""
    if share is None or not 0 < share < 1:
        return share
    smallest = 10.0 ** -(decimals + 2)
    return min(1 - smallest, max(smallest, share))


@functools.cache
def read_messages(name: str, language: Language) -> Mapping[str, str]:
    """Return the messages of the file of that name in the language, by their codes."""
    messages: dict[str, str] = orjson.loads((resources.files(__name__) / f"{name}_{language}.json").read_bytes())
    return messages
