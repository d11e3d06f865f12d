"""Problems in the language that a client prefers: translated by their codes, else by their English sentences."""

import functools
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

import orjson

from service.api.http.negotiation import choose_language
from service.domain.field_messages import HINTS, as_read, with_hints
from service.errors import FieldError, Parameters
from service.messages import Language, read_messages

#: Words of the page (in ``page/words``), where a key is a kind and a code, such as ``problem.not_found``.
Words = Mapping[str, str]


def language_of(accept_language: str | None) -> Language:
    """Return the language that an ``Accept-Language`` header prefers; English on a tie."""
    return "es" if accept_language and choose_language(accept_language, ("en", "es")) == "es" else "en"


def explanations(language: Language) -> Words:
    """Return the paragraph about each kind of problem, by its code."""
    return read_messages("problems", language)


def title_of(code: str, english: str, language: Language) -> str:
    """Return the title of a kind of problem."""
    return text_of(f"problem.{code}", english, language)


def text_of(key: str, english: str, language: Language) -> str:
    """Return the words of the page with *key*, such as ``warning.blank``."""
    return english if language == "en" else page_words("es").get(key, english)


def message_of(field: FieldError, language: Language) -> str:
    """Return what is wrong with a field."""
    if language == "en":
        return field.message
    by_code = _filled(page_words("es").get(f"field_error.{field.code}"), field.parameters)
    if by_code:
        return with_hints(by_code, _hints(), field.parameters)
    return sentence(field.message, "problem.invalid_input", language)


def sentence(english: str, general: str, language: Language) -> str:
    """Return a sentence; where there is no translation, the one for its *general* kind, and the English one."""
    if language == "en":
        return english
    for pattern, translation in _sentences():
        if match := pattern.fullmatch(english):
            return translation.format(*match.groups())
    kind = page_words("es").get(general)
    return f"{kind} ({english})" if kind else english


def diagnostic_of(data: Mapping[str, Any], language: Language) -> str:
    """Return a diagnostic and its hint, from the *data* of its event; layers count from 1."""
    english = f"{data['message']} {data['hint']}"
    if language == "en":
        return english
    key, evidence = f"diagnostic.{data['code']}", dict(data.get("evidence") or {})
    if "share" in evidence:
        evidence["share"] = f"{evidence['share']:.0%}"
    values = {name: data.get(name) for name in ("epoch", "step")} | evidence | {"layer": (data.get("layer") or 0) + 1}
    parts = [_filled(page_words("es").get(each), values) for each in (key, f"{key}.hint")]
    return " ".join(part for part in parts if part) if all(parts) else english


def _filled(text: str | None, parameters: Parameters) -> str | None:
    try:
        return text and text.format_map(as_read(parameters))
    except (KeyError, ValueError):
        return None


@functools.cache
def page_words(language: Language) -> Words:
    """Return all words of the page."""
    words: Words = orjson.loads((resources.files("service") / f"page/words/{language}.json").read_bytes())
    return words


@functools.cache
def _hints() -> Words:
    return {name: page_words("es")[f"hint.{name}"] for name in HINTS}


@functools.cache
def _sentences() -> list[tuple[re.Pattern[str], str]]:
    """Return the Spanish sentences with the English ones that they translate, in which ``{}`` is any text."""
    read = read_messages("sentences", "es").items()
    return [(re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), text) for english, text in read]
