"""The client installs and is imported alone."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]

#: What only the server needs, or nothing at the import.
HEAVY = (
    "tensorflow",
    "keras",
    "numpy",
    "fastapi",
    "starlette",
    "pydantic",
    "sqlalchemy",
    "pandas",
    "altair",
    "asyncio",
)


def project(path: Path) -> Any:
    """The project table of a pyproject.toml."""
    return tomllib.loads(path.read_text())["project"]


def names(requirements: list[str]) -> set[str]:
    """The names of required packages."""
    return {re.split(r"[\[>=<; ]", each)[0] for each in requirements}


def test_it_requires_four_packages() -> None:
    """Its metadata names an HTTP client, models, retries and a progress bar, and the service's has them too."""
    needed = names(project(ROOT / "client" / "pyproject.toml")["dependencies"])
    assert needed == {"httpx2", "msgspec", "tenacity", "tqdm"}
    assert needed <= names(project(ROOT / "pyproject.toml")["dependencies"])


def test_its_import_loads_nothing_heavy() -> None:
    """Importing it loads neither the server nor a numeric library, nor asyncio, which would take 45 ms."""
    program = "import sys, naivenet_client; print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) & {*HEAVY, "naivenet", "service", "tqdm", "tenacity"} == set()


def test_a_missing_pandas_is_a_sentence() -> None:
    """Without pandas, `to_pandas` says what to install."""
    program = """
import sys
sys.modules["pandas"] = None
from naivenet_client import History
try:
    History(data=()).to_pandas()
except ImportError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "`to_pandas` needs pandas; install it with `pip install pandas`.\n"
