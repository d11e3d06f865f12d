"""The Spanish notebooks run too, on less data.

Their code is that of the English ones but for the texts, which tests/unit/test_notebooks.py holds. A translated text is
also a column's name or a key, so every cell runs here; that the sentences under the plots are true, the tests of the
English ones hold.
"""

from pathlib import Path

import pytest

from tests.notebooks import NOTEBOOKS, outputs, own_service, run

_IMAGES = 'test_images = test_images.reshape((10000, 28 * 28)).astype("float32") / 255'
_FEWER = "\ntrain_images, train_labels = train_images[:1000], train_labels[:1000]"


@pytest.mark.timeout(900)
def test_the_first_one_runs(tmp_path: Path) -> None:
    """Every cell runs, and each exercise has its plot."""
    path = NOTEBOOKS / "es" / "1-desde-cero.ipynb"

    notebook = run(path, "assert len(images) == 1000", folder=tmp_path, shorter={_IMAGES: _IMAGES + _FEWER})

    assert len(outputs(notebook, "image/png")) == 2
    assert sum("vega" in str(each) for each in outputs(notebook, "text/html")) == 7


@pytest.mark.timeout(900)
def test_the_second_one_runs(tmp_path: Path) -> None:
    """Every cell runs, and charts are drawn."""
    path = NOTEBOOKS / "es" / "2-con-el-servicio.ipynb"
    shorter = {f"epochs={epochs}": "epochs=1" for epochs in (2, 3, 4)}

    notebook = run(
        path, "assert service.returncode is not None", folder=tmp_path, shorter=shorter, **own_service(tmp_path)
    )

    assert len(outputs(notebook, "application/vnd.vegalite.v6+json")) == 2
    assert len(outputs(notebook, "image/png")) == 1


@pytest.mark.timeout(900)
def test_the_third_one_runs(tmp_path: Path) -> None:
    """Every cell runs, and charts are drawn."""
    path = NOTEBOOKS / "es" / "3-fue-la-semilla.ipynb"
    shorter = {":20000]": ":1000]", "range(10)": "range(2)", "seeds=10": "seeds=2"}

    notebook = run(
        path, "assert service.returncode is not None", folder=tmp_path, shorter=shorter, **own_service(tmp_path)
    )

    assert len(outputs(notebook, "application/vnd.vegalite.v6+json")) == 1
