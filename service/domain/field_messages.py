"""What is wrong with a field, in our own words: Pydantic's errors by type, with what the client may have meant."""

from collections.abc import Mapping
from typing import Any

from service.domain.suggestions import closest, suggest
from service.errors import FieldError, Parameters

#: The sentence of each type of error; the parameters are Pydantic's. The types are the codes of the API.
MESSAGES: Mapping[str, str] = {
    "missing": "This field is missing.",
    "extra_forbidden": "There is no such field here.",
    "unexpected_keyword_argument": "There is no such field here.",
    "greater_than": "It must be greater than {gt}.",
    "greater_than_equal": "It must be {ge} or more.",
    "less_than": "It must be less than {lt}.",
    "less_than_equal": "It must be {le} or less.",
    "finite_number": "It must be a finite number.",
    "int_type": "It must be a whole number.",
    "int_parsing": "It must be a whole number.",
    "int_from_float": "It must be a whole number, without decimals.",
    "int_parsing_size": "The number is too large.",
    "float_type": "It must be a number.",
    "float_parsing": "It must be a number.",
    "bool_type": "It must be true or false.",
    "bool_parsing": "It must be true or false.",
    "string_type": "It must be a text.",
    "string_too_long": "It may have at most {max_length} characters.",
    "string_too_short": "It must have at least {min_length} characters.",
    "string_pattern_mismatch": "It has characters that are not allowed; it must match {pattern}",
    "string_unicode": "It is not valid Unicode.",
    "too_short": "It must have {min_length} or more items; it has {actual_length}.",
    "too_long": "It may have at most {max_length} items.",
    "literal_error": "It must be one of: {expected}.",
    "enum": "It must be one of: {expected}.",
    "union_tag_invalid": "There is no {tag!r}; choose one of: {expected_tags}.",
    "union_tag_not_found": "The field {discriminator} is missing, which says which kind it is.",
    "model_type": "It must be an object.",
    "model_attributes_type": "It must be an object.",
    "dataclass_type": "It must be an object.",
    "dict_type": "It must be an object.",
    "list_type": "It must be a list.",
    "tuple_type": "It must be a list.",
    "json_invalid": "It is not valid JSON: {error}.",
    "url_parsing": "It is not a URL: {error}.",
    "url_scheme": "The URL must begin with {expected_schemes}.",
    "datetime_type": "It must be a time, such as 2026-01-31T12:00:00Z.",
    "datetime_parsing": "It must be a time, such as 2026-01-31T12:00:00Z.",
    "datetime_from_date_parsing": "It must be a time, such as 2026-01-31T12:00:00Z, or a date.",
}

#: What follows the sentence, by the parameters that a suggestion adds.
HINTS: Mapping[str, str] = {
    "did_you_mean": "Did you mean {did_you_mean}?",
    "belongs_under": "It belongs under {belongs_under}.",
    "known_fields": "The fields here are: {known_fields}.",
}

_OURS, _UNKNOWN = "value_error", "The value is not valid."

#: Errors about one of several choices, with the parameter that lists them.
_CHOICES = {"literal_error": "expected", "enum": "expected", "union_tag_invalid": "expected_tags"}

#: Parameters that list several values.
_LISTS = frozenset({"expected", "expected_schemes"})

#: Errors about a field that does not exist.
UNKNOWN_FIELD = frozenset({"extra_forbidden", "unexpected_keyword_argument"})


def field_error(pointer: str, error: Mapping[str, Any], *, kind: Any = None) -> FieldError:
    """Return Pydantic's *error* as a field error; its type becomes the code.

    Args:
        pointer: Where the client finds the field.
        error: The error, with its location in *kind*.
        kind: The type of the whole input, to suggest fields of it.
    """
    code = error["type"]
    parameters = {name: value for name, value in error.get("ctx", {}).items() if isinstance(value, str | int | float)}
    for name in _LISTS & parameters.keys():
        parameters[name] = str(parameters[name]).replace("' or '", "', '")  # an English word among the choices
    if code in _CHOICES:
        parameters |= closest(str(parameters.get("tag", error.get("input"))), parameters.get(_CHOICES[code], ""))
    if code in UNKNOWN_FIELD and kind is not None:
        parameters |= suggest(kind, error["loc"])
    return FieldError(pointer, with_hints(_sentence(code, error, parameters), HINTS, parameters), code, parameters)


def as_read(parameters: Parameters) -> dict[str, str | int]:
    """Return the parameters as a sentence shows them: 0, not 0.0."""
    return {name: f"{value:g}" if isinstance(value, float) else value for name, value in parameters.items()}


def with_hints(sentence: str, hints: Mapping[str, str], parameters: Parameters) -> str:
    """Return the sentence, and the hints for which there are parameters."""
    return " ".join([sentence, *(hint.format_map(parameters) for name, hint in hints.items() if name in parameters)])


def _sentence(code: str, error: Mapping[str, Any], parameters: Parameters) -> str:
    if code == _OURS:
        return str(error["msg"]).removeprefix("Value error, ")
    try:
        return MESSAGES.get(code, _UNKNOWN).format_map(as_read(parameters))
    except (KeyError, ValueError):  # another version of Pydantic has other parameters
        return _UNKNOWN
