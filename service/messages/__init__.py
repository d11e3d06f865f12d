"""What clients read, in English and Spanish: kinds of problems, sentences about them, and results of experiments."""

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Literal

import orjson

Language = Literal["en", "es"]

#: The thousands and decimal separators of each language.
SEPARATORS: Mapping[Language, tuple[str, str]] = {"en": (",", "."), "es": (".", ",")}


def formatted(number: float, form: str, language: Language) -> str:
    """Return the number in Python's format *form*, with the separators of the language and a real minus sign."""
    thousands, decimal = SEPARATORS[language]
    return f"{number:{form}}".translate(str.maketrans(",.-", f"{thousands}{decimal}\u2212"))


@functools.cache
def read_messages(name: str, language: Language) -> Mapping[str, str]:
    """Return the messages of the file of that name in the language, by their codes."""
    messages: dict[str, str] = orjson.loads((resources.files(__name__) / f"{name}_{language}.json").read_bytes())
    return messages
