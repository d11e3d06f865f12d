"""All commands: what they have in common."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import typer

from service.cli.app import app

#: The commands that print no JSON, and why.
WITHOUT_JSON = {
    "serve": "runs until it is stopped, and writes a log, also as JSON: --log-format",
    "trainer": "likewise",
    "adopt": "explains to a person what --yes will do",
    "train": "shows a progress bar; its result is a file",
}


def commands(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each command with its path."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, child in command.commands.items():
        yield from commands(child, f"{path} {name}".strip())


def test_every_command_prints_json() -> None:
    """Each command has `--json`, or a reason why not."""
    root = typer.main.get_command(app)
    without = {
        path for path, command in commands(root) if not any("--json" in option.opts for option in command.params)
    }
    assert without == WITHOUT_JSON.keys()


def test_the_commands_load_the_client_only_when_they_call_a_service() -> None:
    """`naivenet --help` spends no time on the client or the database, nor on TensorFlow and SciPy."""
    script = (
        "import sys, service.cli; "
        "print(sorted({'naivenet_client', 'httpx2', 'sqlalchemy', 'tensorflow', 'scipy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_the_service_starts_without_what_only_some_requests_need() -> None:
    """Markdown is rendered for one page, OpenCV finds digits in photos, and charts have processes of their own."""
    script = "import sys, service.api.server; print(sorted({'altair', 'cv2', 'markdown_it'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_the_service_starts_without_the_analysis_of_its_routes() -> None:
    """FastAPI analyses an endpoint, and pydantic builds its models, at the first request that needs them."""
    script = (
        "from service.api.app import create_app; from service.api.schemas.jobs import JobOut; "
        "from service.settings import load_settings; routes = create_app(load_settings()).routes; "
        "print([route.path for route in routes if 'dependant' in vars(route)], JobOut.__pydantic_complete__)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[] False\n"
