"""The notebooks are committed clean, and both languages have the same code."""

import ast
from pathlib import Path

import nbformat
import pytest

from tests.notebooks import NOTEBOOKS, read

ENGLISH = sorted((NOTEBOOKS / "en").glob("*.ipynb"))
SPANISH = sorted((NOTEBOOKS / "es").glob("*.ipynb"))


class _WithoutTexts(ast.NodeTransformer):
    """Replaces the texts that a translation changes."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        return ast.JoinedStr([value for value in node.values if isinstance(value, ast.FormattedValue)])


def code(path: Path) -> list[str]:
    """Return each code cell as a syntax tree, without comments and texts."""
    sources = [cell.source for cell in read(path).cells if cell.cell_type == "code"]
    return [ast.dump(_WithoutTexts().visit(ast.parse(source))) for source in sources]


@pytest.mark.parametrize("path", [*ENGLISH, *SPANISH], ids=lambda path: path.name)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    """It is valid, its cells have no outputs and no numbers, and it names no kernel of one machine."""
    notebook = read(path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_every_notebook_exists_in_both_languages() -> None:
    """The number in front of the name pairs them."""
    assert [path.name[:2] for path in ENGLISH] == [path.name[:2] for path in SPANISH] != []


@pytest.mark.parametrize(("english", "spanish"), list(zip(ENGLISH, SPANISH, strict=True)), ids=lambda path: path.name)
def test_both_languages_have_the_same_code(english: Path, spanish: Path) -> None:
    """Only texts and comments are translated; cells and statements are equal."""
    assert code(english) == code(spanish)
    kinds = [[cell.cell_type for cell in read(path).cells] for path in (english, spanish)]
    assert kinds[0] == kinds[1]
