"""Code blocks of the documentation: every kind is known, and what is not run is checked."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from email.parser import Parser

import pytest
import typer

from service.cli.app import app
from service.settings import Settings
from tests.pages import KINDS, PAGES, ROOT, SHORTER, Block, blocks, of_kind

MAKEFILE = (ROOT / "Makefile").read_text()
PYPROJECT = (ROOT / "pyproject.toml").read_text()

#: Programs of other projects: their names are all that is checked.
FOREIGN = frozenset(
    {"aws", "mv", "cd", "chmod", "docker", "git", "jq", "kubectl", "openssl", "pre-commit", "printf", "ray", "sudo"}
    | {"nginx", "caddy", "curl", "npm", "npx", "openapi-generator-cli", "openapi-python-client"}
)
#: Variables that are no settings.
VARIABLES = frozenset({"NAIVENET_URL", "NAIVENET_KEY"})


def test_every_block_is_of_a_known_kind() -> None:
    """No block is exempt from tests by a kind that no test knows."""
    unknown = [f"{block}: {block.kind!r}" for page in PAGES for block in blocks(page) if block.kind not in KINDS]
    assert unknown == []


def test_every_fence_is_closed() -> None:
    """Each page has as many fences as its blocks need."""
    for page in PAGES:
        assert len(re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE)) == 2 * len(blocks(page))


def test_every_shortened_training_is_on_a_page() -> None:
    """What tests replace by something shorter stands on a page as it is replaced."""
    text = "".join(block.text for block in of_kind("sh session", "python"))
    assert [written for written in SHORTER if written not in text] == []


@pytest.mark.parametrize("block", of_kind("json", "http"), ids=str)
def test_json_is_json(block: Block) -> None:
    """Each JSON block, and the body of each request, can be parsed."""
    head, _, body = block.text.partition("\n\n") if block.kind == "http" else ("", "", block.text)
    assert json.loads(body)
    if head:
        request, _, headers = head.partition("\n")
        assert re.fullmatch(r"[A-Z]+ /\S* HTTP/1\.1", request)
        assert Parser().parsestr(headers).defects == []


@pytest.mark.parametrize("block", of_kind("sh", "sh session"), ids=str)
def test_commands_are_bash(block: Block) -> None:
    """Bash can parse each block of commands."""
    checked = subprocess.run(["/bin/bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert checked.stderr == ""


@pytest.mark.parametrize("block", of_kind("sh"), ids=str)
def test_commands_that_are_not_run_exist(block: Block) -> None:
    """Each command's program is known, with its targets, subcommands, options, extras and settings."""
    for command in commands(block.text):
        variables = [word.partition("=")[0] for word in command if re.match(r"[A-Z_]+=", word)]
        assert [name for name in variables if name.startswith("NAIVENET_") and not is_setting(name)] == []
        words = [word for word in command if word != "export"][len(variables) :]
        if words:
            check(words)


def commands(text: str) -> Iterator[list[str]]:
    """Each simple command of a script, as its words."""
    words: list[str] = []
    for line in text.replace("\\\n", " ").splitlines():
        for word in [*shlex.split(line, comments=True), ";"]:
            if word in {"&&", "||", ";", "|", "&"}:
                yield words
                words = []
            else:
                words.append(word)


def is_setting(variable: str) -> bool:
    """Whether an environment variable is one of the service's."""
    name = variable.removeprefix("NAIVENET_").removesuffix("_FILE").lower()
    return variable in VARIABLES or name in Settings.model_fields


def check(words: list[str]) -> None:
    """Check one command.

    Raises:
        AssertionError: It is unknown, or an argument of it.
    """
    program, *arguments = words
    match program.removeprefix(".venv/bin/"):
        case "make":
            targets = [each for each in arguments if "=" not in each]
            assert [each for each in targets if f"\n{each}:" not in MAKEFILE] == []
        case "naivenet":
            check_naivenet(arguments)
        case "pip":
            extras = re.findall(r"naivenet\[([a-z0-9,]+)\]", " ".join(arguments))
            assert [each for each in ",".join(extras).split(",") if each and f"\n{each} = [" not in PYPROJECT] == []
        case "python" | "python3":
            assert [each for each in arguments if "/" in each and not (ROOT / each.split("::")[0]).exists()] == []
        case other:
            assert other in FOREIGN, f"no check knows the program {other}"


def check_naivenet(arguments: list[str]) -> None:
    """Check a command of naivenet: its subcommand and options exist."""
    command = typer.main.get_command(app)
    for word in arguments:
        if word.startswith("--"):
            options = {name for option in command.params for name in option.opts + option.secondary_opts}
            assert word.partition("=")[0] in options, f"{command.name} has no option {word}"
        elif hasattr(command, "commands"):
            command = command.commands[word]
