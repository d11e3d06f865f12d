"""Clients that generators make of the OpenAPI document compile under strict rules, and work with a real service."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import httpx2
import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.generators.conftest import HERE, Run
from tests.pages import ROOT
from tests.servers import TRAINING_IMAGES, Json, Server

#: Steps of one epoch in batches of 128.
STEPS = -(-TRAINING_IMAGES // 128)

FORK = "/v1/jobs/{job_id}/fork"

#: A body that README sends to /v1/jobs.
SENT = re.compile(r"/v1/jobs -H 'Content-Type: application/json'[ \\\n]+-d ['\"](\{.*\})['\"]")

TSC = "tsc --project tsconfig.json"
OPENAPI_GENERATOR = "openapi-generator-cli generate -i openapi.json"
MYPY = "mypy --strict --follow-imports silent"  # of the generated code only what the program uses


@dataclass(frozen=True, kw_only=True)
class Generator:
    """A generator of clients, and the program that uses the client which it makes.

    Attributes:
        program: Its file.
        generate: The command that makes the client.
        check: The command that checks the types of both.
        run: The command that runs the program; its arguments follow.
    """

    program: str
    generate: str
    check: str
    run: str


GENERATORS = {
    "openapi-typescript": Generator(
        program="openapi_fetch.ts",
        generate="openapi-typescript openapi.json --output client/schema.ts",
        check=TSC,
        run="node built/openapi_fetch.js",
    ),
    "hey-api": Generator(
        program="hey_api.ts",
        generate="openapi-ts --input openapi.json --output client",
        check=TSC,
        run="node built/hey_api.js",
    ),
    "typescript-fetch": Generator(
        program="typescript_fetch.ts",
        generate=f"{OPENAPI_GENERATOR} -g typescript-fetch -o client -p importFileExtension=.js",
        check=TSC,
        run="node built/typescript_fetch.js",
    ),
    "openapi-python-client": Generator(
        program="openapi_python_client.py",
        generate="openapi-python-client generate --path openapi.json --meta none --output-path digits",
        check=f"{MYPY} openapi_python_client.py",
        run="python openapi_python_client.py",
    ),
    "openapi-generator": Generator(
        program="openapi_generator.py",
        generate=f"{OPENAPI_GENERATOR} -g python -o . -p packageName=digits",
        check=f"{MYPY} openapi_generator.py",
        run="python openapi_generator.py",
    ),
}


def test_the_page_has_these_commands() -> None:
    """docs/how-to/generate-client.md has the command of each generator."""
    page = (ROOT / "docs" / "how-to" / "generate-client.md").read_text(encoding="utf-8")
    assert [name for name, each in GENERATORS.items() if each.generate not in page] == []


def test_the_bodies_of_readme_and_document_compile(folder: Path, run: Run, document: Json) -> None:
    """Each body of a job that README sends or the document shows has the type of openapi-typescript, under `strict`."""
    jobs, fork = (document["paths"][path]["post"]["requestBody"]["content"] for path in ("/v1/jobs", FORK))
    bodies = [("JobIn", example["value"]) for example in jobs["application/json"]["examples"].values()]
    bodies += [
        ("JobIn", json.loads(text.replace('\\"', '"'))) for text in SENT.findall((ROOT / "README.md").read_text())
    ]
    bodies += [("ForkIn", fork["application/json"]["example"])]
    lines = [f"export const body{n}: Schemas[{kind!r}] = {json.dumps(body)};" for n, (kind, body) in enumerate(bodies)]
    header = 'import type { components } from "./client/schema.js";\ntype Schemas = components["schemas"];\n'
    (folder / "bodies.ts").write_text(header + "\n".join(lines))
    assert len(bodies) > 6
    run(*GENERATORS["openapi-typescript"].generate.split())
    run(*TSC.split())


@pytest.mark.parametrize("name", GENERATORS)
def test_a_generated_client(name: str, folder: Path, run: Run, session_server: Server, client: httpx2.Client) -> None:
    """The client trains a job, streams its events, saves its weights, and predicts a file."""
    generator = GENERATORS[name]
    shutil.copy(HERE / "programs" / generator.program, folder)
    run(*generator.generate.split())
    run(*generator.check.split())
    weights = folder / "weights.safetensors"
    result = json.loads(run(*generator.run.split(), session_server.base_url, ROOT / "docs" / "seven.png", weights))
    job = client.get(f"/v1/jobs/{result['job']}").json()
    assert (job["status"], job["optimizer"]["name"], job["optimizer"]["learning_rate"]) == ("succeeded", "sgd", 0.1)
    assert result["losses"] == STEPS
    assert {array.shape for array in load_file(weights).values()} == {(784, 10), (10,)}
    assert np.isfinite(result["digit"])
