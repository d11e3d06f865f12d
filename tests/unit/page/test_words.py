"""The page's sentences: the same in both languages, each used, and one for each code of the service."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import naivenet
import service
from service.api.http.problems import TABLE
from service.domain.job import Status
from service.domain.presets import PRESETS
from service.inference.pictures.report import REMOVED, WARNINGS
from service.training.failures import CODES

PAGE = Path(service.__file__).parent / "page"
MODULES = [path.read_text(encoding="utf-8") for path in PAGE.rglob("*.js")]

#: The service's errors and notes. It writes them in English itself; other languages translate them by their code.
TRANSLATED_BY_CODE = ("field_error.", "failure.", "problem.", "hint.", "warning.", "removed.")


def sentences(language: str) -> dict[str, str]:
    """Return the sentences of a language by their keys."""
    words: dict[str, str] = json.loads((PAGE / "words" / f"{language}.json").read_text(encoding="utf-8"))
    return words


def placeholders(sentence: str) -> set[str]:
    """Return the names in braces."""
    return set(re.findall(r"\{(\w+)\}", sentence))


def test_both_languages_have_the_same_sentences() -> None:
    """Both files have the same keys in the same order, and each pair of sentences has the same placeholders."""
    english, spanish = sentences("en"), sentences("es")
    assert list(english) == [key for key in spanish if not key.startswith(TRANSLATED_BY_CODE)]
    for key, sentence in english.items():
        assert placeholders(sentence) == placeholders(spanish[key]), key


def test_every_key_in_a_module_exists() -> None:
    """No module uses a key that the word files lack."""
    used = set(re.findall(r'\b(?:t|hint)\("([\w.]+)"', "".join(MODULES)))
    assert used - set(sentences("en")) == set()


def test_every_sentence_is_used() -> None:
    """Each key stands in a module, or begins with the prefix of keys that a module composes, such as `status.`."""
    source = "".join(MODULES)
    literals = set(re.findall(r'"([\w.]+)"', source))
    prefixes = tuple(re.findall(r"`([a-z_]+\.)\$\{", source))
    unused = [key for key in sentences("en") if key not in literals and not key.startswith(prefixes)]
    assert unused == []


def test_composed_keys_cover_what_the_service_has() -> None:
    """Each status, preset and parameter of the service has a sentence."""
    keys = set(sentences("en"))
    assert _with_prefix("status", Status) - keys == set()
    assert _with_prefix("preset", PRESETS) - keys == set()
    assert _with_prefix("parameter", _parameter_names()) - keys == set()


def test_spanish_has_every_error_and_note_of_the_service() -> None:
    """Each code of a problem, of a job's failure, and of a note about a picture has a Spanish sentence."""
    codes = _with_prefix("problem", (code for _, code in TABLE.values())) | _with_prefix("failure", CODES)
    codes |= _with_prefix("warning", WARNINGS) | _with_prefix("removed", REMOVED)
    assert codes - set(sentences("es")) == set()


def _with_prefix(prefix: str, names: Iterable[str]) -> set[str]:
    return {f"{prefix}.{name}" for name in names}


def _parameter_names() -> set[str]:
    kinds = [
        *naivenet.INITIALIZERS.values(),
        *naivenet.OPTIMIZERS.values(),
        *naivenet.SCHEDULES.values(),
        naivenet.Augmentation,
    ]
    return {parameter.name for kind in kinds for parameter in naivenet.describe(kind)}
