"""The notebooks, as tests read and run them."""

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook as it is committed."""
    return nbformat.read(path, as_version=4)


def run(path: Path, checks: str, *, folder: Path, **environment: str) -> nbformat.NotebookNode:
    """Run every cell of a notebook in a kernel of its own, then *checks* in the same kernel; return it with outputs.

    A cell that raises fails the test.
    """
    notebook = read(path)
    notebook.cells.append(nbformat.v4.new_code_cell(checks))
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env=os.environ | environment)
    return notebook


def outputs(notebook: nbformat.NotebookNode, kind: str) -> list[object]:
    """Return all outputs of one media type, such as ``image/png`` or ``text/html``."""
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return [each[kind] for each in data if kind in each]
