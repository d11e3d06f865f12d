"""The notebooks, as tests read and run them."""

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from tests.servers import free_port

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


def own_service(folder: Path) -> dict[str, str]:
    """Return the environment in which the second notebook starts a service of its own, with its data in *folder*."""
    port = str(free_port())
    settings = {"NAIVENET_PORT": port, "NAIVENET_DATA_DIR": str(folder / "data"), "NAIVENET_WORKER_NICE": "0"}
    return settings | {"NAIVENET_URL": f"http://127.0.0.1:{port}"}


def outputs(notebook: nbformat.NotebookNode, kind: str) -> list[object]:
    """Return all outputs of one media type, such as ``image/png`` or ``text/html``."""
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    return [each[kind] for each in data if kind in each]
