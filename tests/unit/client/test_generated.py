"""The blocking client is generated from the asynchronous one."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_blocking_client_is_up_to_date(tmp_path: Path) -> None:
    """`make client-sync` would change nothing."""
    subprocess.run([sys.executable, str(ROOT / "tools" / "client.py"), str(tmp_path)], check=True)
    committed = ROOT / "client" / "naivenet_client" / "_sync"
    assert {path.name for path in tmp_path.glob("*.py")} == {path.name for path in committed.glob("*.py")}
    for path in tmp_path.glob("*.py"):
        assert path.read_text() == (committed / path.name).read_text(), f"{path.name}: run `make client-sync`"
