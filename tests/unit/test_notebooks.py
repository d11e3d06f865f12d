"""The notebooks are committed clean, each in both languages."""

from pathlib import Path

import nbformat
import pytest

from tests.notebooks import NOTEBOOKS, read

ENGLISH = sorted((NOTEBOOKS / "en").glob("*.ipynb"))
SPANISH = sorted((NOTEBOOKS / "es").glob("*.ipynb"))


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
