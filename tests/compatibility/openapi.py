"""The HTTP contract as ``openapi.json`` beside this file holds it: the OpenAPI document without its prose.

Where the contract grows on purpose, write the file again, and read its diff as a client of the API would::

    python -m tests.compatibility.openapi --write
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.servers import Server, write_tiny

FILE = Path(__file__).with_name("openapi.json")

#: Fields of the document that people read and programs do not. A schema's title is its name, and stays.
PROSE = frozenset({"description", "summary"})

#: Fields of answers that hold sentences: their example texts are prose, too.
SENTENCES = frozenset({"detail", "error", "hint", "last_error", "message", "sentence", "title"})

EXAMPLES = frozenset({"example", "examples"})


def contract(document: dict[str, Any]) -> dict[str, Any]:
    """Return *document* without its prose, and without the version of the service."""
    stripped: dict[str, Any] = _strip(document, name="")
    stripped["info"].pop("version")
    return stripped


def as_text(document: dict[str, Any]) -> str:
    """Return the contract as the file holds it: sorted, one field a line, lists of numbers on one line."""
    return _encode(document, indent="") + "\n"


def _strip(node: Any, *, name: str) -> Any:
    """Remove prose below *node*, which is the value of the field *name*, or describes the field of that name."""
    if isinstance(node, list):
        return [_strip(each, name=name) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if not (key in PROSE and isinstance(value, str))}
    return {
        key: _blank(value, name=name) if key in EXAMPLES else _strip(value, name=key) for key, value in kept.items()
    }


def _blank(example: Any, *, name: str) -> Any:
    """Replace sentences in an example of the field *name*, and texts in parentheses that stand for bytes."""
    if isinstance(example, dict):
        kept = {key: value for key, value in example.items() if not (key == "summary" and isinstance(value, str))}
        return {key: _blank(value, name=key) for key, value in kept.items()}
    if isinstance(example, list):
        return [_blank(each, name=name) for each in example]
    is_sentence = isinstance(example, str) and (name in SENTENCES or example.startswith("("))
    return "(prose)" if is_sentence else example


def _encode(node: Any, *, indent: str) -> str:
    inner = indent + " "
    if isinstance(node, dict) and node:
        fields = [f"{inner}{json.dumps(key)}: {_encode(node[key], indent=inner)}" for key in sorted(node)]
        return "{\n" + ",\n".join(fields) + f"\n{indent}}}"
    if isinstance(node, list) and any(isinstance(each, dict) for each in node):
        items = [inner + _encode(each, indent=inner) for each in node]
        return "[\n" + ",\n".join(items) + f"\n{indent}]"
    return json.dumps(node, ensure_ascii=False)


def _published() -> dict[str, Any]:
    """Start a service, and return its document."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data", tiny=write_tiny(Path(folder) / "tiny"), trainer=False).start()
        with server.client() as client:
            document: dict[str, Any] = client.get("/openapi.json").json()
        server.stop()
    return document


if __name__ == "__main__":
    text = as_text(contract(_published()))
    if "--write" in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
