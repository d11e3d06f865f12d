"""How a process serves the API."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import threadpoolctl, uvicorn
from service.api import server
from service.composition import compose
from service.settings import load_settings
uvicorn.Server.run = lambda *arguments: None
server.serve_alone(compose(load_settings(port=0)))
print({each["num_threads"] for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"})
"""


def test_a_process_multiplies_on_one_thread(tmp_path: Path) -> None:
    """Requests, other API processes and jobs share the cores; threads of one product would wait for all of them."""
    environment = os.environ | {"NAIVENET_DATA_DIR": str(tmp_path), "OPENBLAS_NUM_THREADS": "2"}
    ran = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "{1}"
