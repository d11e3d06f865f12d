"""Schemathesis sends requests made from the OpenAPI document, valid and invalid, and checks every response."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.composition import compose
from service.domain.key import Scope
from service.settings import Settings
from tests.conftest import StartServer
from tests.servers import PATIENCE_S

#: Small limits, so that jobs started by generated requests end soon.
SMALL = {
    "auth": "on",
    "max_epochs": 2,
    "max_layers": 3,
    "max_units": 64,
    "max_instances": 50,
    "max_queued_jobs": 10_000,
    "max_running_jobs": 1,
    "max_job_s": 5,
    "max_webhooks": 0,  # their URLs would be made up, and called
}

#: A valid request can name things that do not exist, so it need not be accepted.
EXCLUDED_CHECK = "positive_data_acceptance"

CASES = 2_000

ROOT = Path(__file__).parents[2]


@pytest.mark.fuzz_api
@pytest.mark.timeout(0)
def test_every_response_is_in_the_document(start_server: StartServer, tmp_path: Path) -> None:
    """None of at least 2,000 requests gets a 5xx, or a response that the document does not describe."""
    server = start_server(**SMALL)
    services = compose(Settings(data_dir=server.data_dir))
    _, key = services.keys.create("schemathesis", [Scope.ADMIN])
    services.close()
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.base_url}/openapi.json", "--no-color"]
    command += ["--max-examples", "25", "--seed", "1", "--exclude-checks", EXCLUDED_CHECK]
    command += ["--request-timeout", str(PATIENCE_S), "--header", f"Authorization: Bearer {key}"]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert run.returncode == 0, run.stdout[-20_000:]
    assert "Traceback" not in server.said()
    generated = re.search(r"([\d,]+) generated", run.stdout)
    assert generated, run.stdout[-2_000:]
    assert int(generated[1].replace(",", "")) >= CASES
    sys.stdout.write(run.stdout[run.stdout.rindex("SUMMARY") :])
