"""Rules of the page's modules that no JavaScript tool checks."""

import re
from pathlib import Path

import pytest

import service

PAGE = Path(service.__file__).parent / "page"
MODULES = sorted(PAGE.rglob("*.js"))

#: A module may import from its own layer and from those after it.
LAYERS = ("views", "plots", "ui", "lessons", "net")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PAGE)))
def test_every_module_is_type_checked_and_has_a_purpose(path: Path) -> None:
    """A module begins with `// @ts-check` and a comment with its purpose; its lines fit in 120 columns."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "// @ts-check"
    assert re.fullmatch(r"// [A-Z].*", lines[1])
    assert [line for line in lines if len(line) > 120] == []


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_to_lower_layers(layer: str) -> None:
    """Views import plots, the user interface and network modules; network modules import none of the others."""
    allowed = set(LAYERS[LAYERS.index(layer) :])
    for path in (PAGE / layer).glob("*.js"):
        imports = re.findall(r'from "\.\./(\w+)/', path.read_text(encoding="utf-8"))
        assert set(imports) <= allowed, path
