"""Problems in the client's language: every kind has its paragraph, and every sentence of ours its translation."""

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

import service
from service import errors
from service.api.http.languages import explanations, language_of, message_of, sentence
from service.api.http.problems import TABLE
from service.domain.config import ConfigLimits, resolve
from service.domain.field_messages import MESSAGES, field_error
from service.domain.quotas import Allowance, Usage, check_quota
from service.errors import FieldError, InvalidInput

SOURCE = Path(service.__file__).parent
ROOT = Path(__file__).parents[3]
LIMITS = ConfigLimits(max_epochs=100, max_layers=9, max_units=999)

#: Calls of these have a sentence as their argument; validators raise ValueError.
RAISED = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)}
RAISED |= {"ValueError"}

#: Codes of field errors that have a translation.
CODES = {name.removeprefix("field_error.") for name in json.loads((SOURCE / "page/words/es.json").read_text())}

#: Packages and files whose errors end a program, and those whose sentences are translated by their kind only.
NOT_HERE = {"cli", "operations", "training", "charts", "inference", "protocols"}
NOT_HERE |= {"connections", "origins.py", "results.py"}


def wrong(body: dict[str, object]) -> FieldError:
    """Return the last error of a wrong configuration."""
    with pytest.raises(InvalidInput) as raised:
        resolve(body, LIMITS)  # type: ignore[arg-type]  # JSON
    return raised.value.errors[0]


def test_every_kind_of_problem_has_its_paragraph() -> None:
    """The page explains each code of the table and of docs/reference/api.md, in both languages."""
    table = {code for _, code in TABLE.values()}
    rows = re.findall(r"^\| (`[a-z_`, ]+) \| \d{3} \|", (ROOT / "docs/reference/api.md").read_text(), re.MULTILINE)
    documented = {code for row in rows for code in re.findall(r"`(\w+)`", row)}
    assert explanations("en").keys() == explanations("es").keys() == table | documented


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-GB,es;q=0.9", "en"),
        ("fr,de;q=0.5", "en"),
        ("*", "en"),
        ("es;q=0", "en"),
        ("ES-ar", "es"),
        (";;,=", "en"),
    ],
)
def test_the_preferred_language_is_chosen(header: str | None, language: str) -> None:
    """A variant counts as its language; English is the default."""
    assert language_of(header) == language


@pytest.mark.parametrize(
    ("body", "english", "spanish"),
    [
        ({"epochz": 1}, "Did you mean epochs?", "¿Querías decir epochs?"),
        ({"learning_rate": 0.1}, "It belongs under /optimizer.", "Va dentro de /optimizer."),
        ({"learningrate": 0.1}, "Did you mean learning_rate? It belongs under /optimizer.", "Va dentro de /optimizer."),
        ({"activation": "relu"}, "It belongs under /network/layers/0.", "Va dentro de /network/layers/0."),
        ({"optimizer": {"epochs": 3}}, "It belongs under /.", "Va dentro de /."),
        ({"optimizer": {"name": "adm"}}, "Did you mean adam?", "¿Querías decir adam?"),
        ({"optimizer": {"name": "adam", "momentum": 0.9}}, "The fields here are: learning_rate,", "beta_1"),
        ({"network": {"layers": [{"units": 10, "activation": "softmx"}]}}, "Did you mean softmax?", "softmax"),
        ({"preset": "acurate"}, "Did you mean accurate?", "¿Querías decir accurate?"),
        ({"early_stopping": {"patiense": 3}}, "Did you mean patience?", "¿Querías decir patience?"),
        ({"epochs": 0}, "It must be 1 or more.", "Debe ser 1 o más."),
        ({"optimizer": {"learning_rate": -1}}, "It must be 0 or more.", "Debe ser 0 o más."),
    ],
)
def test_a_wrong_field_says_what_was_meant(body: dict[str, object], english: str, spanish: str) -> None:
    """A similar name, the place where the name belongs, or the names that there are."""
    assert english in message_of(wrong(body), "en")
    assert spanish in message_of(wrong(body), "es")


@pytest.mark.parametrize("kind", get_args(ErrorType))
def test_no_message_is_pydantics(kind: str) -> None:
    """Each type of error has a sentence of ours, also one that this service never meets."""
    error = {"type": kind, "loc": ("x",), "msg": "Input should be nice", "input": 1, "ctx": {}}
    assert ("Input" in field_error("/x", error).message) == (kind == "value_error")


def test_every_sentence_about_a_field_is_translated() -> None:
    """A field error of any type has a Spanish sentence, by its code."""
    for code, english in MESSAGES.items():
        parameters = dict.fromkeys(re.findall(r"\{(\w+)", english), "x")
        assert "English." not in message_of(FieldError("/x", "English.", code, parameters), "es"), code


def test_every_sentence_of_a_problem_is_translated() -> None:
    """Each sentence with which the service raises an error has a Spanish one, or the field error a code that has."""
    untranslated = [text for text in sentences() if f"({text})" in sentence(text, "problem.conflict", "es")]
    assert untranslated == []


@pytest.mark.parametrize(
    ("used", "spanish"),
    [
        (Usage(jobs=3), "su cuota de 3 trabajos al día (3 creados hoy)"),
        (Usage(core_s=150), "su cuota de 2 minutos de núcleo al día (2.5 usados hoy)"),
    ],
)
def test_a_used_up_quota_is_translated(used: Usage, spanish: str) -> None:
    """The Spanish sentence has no English words for what is used up."""
    with pytest.raises(errors.QuotaExceeded) as raised:
        check_quota("ada", Allowance(jobs_per_day=3, core_minutes_per_day=2), used, datetime.now(UTC))
    assert spanish in sentence(str(raised.value), "problem.quota_exceeded", "es")


def test_every_translation_has_the_values_of_its_sentence() -> None:
    """A Spanish sentence names each value of the English one, in the same order."""
    for english in json.loads((SOURCE / "messages" / "sentences_es.json").read_text(encoding="utf-8")):
        values = [f"<{number}>" for number in range(english.count("{}"))]
        translated = sentence(english.replace("{}", "%s") % tuple(values), "problem.conflict", "es")
        assert re.findall(r"<\d>", translated) == values, english


def test_no_sentence_is_translated_twice() -> None:
    """Of two translations of a sentence the reader of JSON would keep the second, without a word."""
    text = (SOURCE / "messages" / "sentences_es.json").read_text(encoding="utf-8")
    english = [each for each, _ in json.loads(text, object_pairs_hook=list)]
    assert len(english) == len(set(english))


def sentences() -> Iterator[str]:
    """Yield the sentences of errors, raised or returned, with ``{}`` for each value."""
    for path in sorted(SOURCE.rglob("*.py")):
        if NOT_HERE.isdisjoint(path.relative_to(SOURCE).parts):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    yield from filter(None, map(literal, arguments(node)))


def arguments(call: ast.Call) -> list[ast.expr]:
    """Return the argument with the sentence; none if the error is translated by a code, or is for operators."""
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "at":
        return call.args[1:2] if len(call.args) == 2 or getattr(call.args[2], "value", "") not in CODES else []
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    return call.args[:1] if name in RAISED - {"NotFound", "Misconfigured", "CorruptBackup", "QuotaExceeded"} else []


def literal(node: ast.expr) -> str | None:
    """Return a text with ``{}`` for its values; None for another expression, or a single word."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in parts)
    return text if " " in text else None


@pytest.mark.parametrize(
    "code",
    [
        "image_is_avif", "image_is_heic", "image_is_pdf", "image_is_svg", "image_is_tiff", "pixel_out_of_range",
        "pixel_minus_one_to_one", "pixel_standardized", "pixel_not_finite", "faulty_dataset",
    ],
)  # fmt: skip
def test_codes_of_pictures_and_data_are_translated(code: str) -> None:
    """Formats that are not read, pixels out of range and faulty datasets have Spanish sentences by their codes."""
    assert "English." not in message_of(FieldError("/x", "English.", code, {"given": "7", "fault": "x"}), "es")
