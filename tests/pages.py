"""The code blocks of the documentation. The first words after a fence decide how a test runs or checks a block."""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("client/*.md"), *(ROOT / "docs").rglob("*.md")])

#: The kinds of blocks, by what follows the fence. A block of another kind fails a test.
KINDS = {
    "python": "runs, in one namespace for the whole page",
    "sh session": "runs, in one bash for the whole page, against a service that is running",
    "text output": "is what the block before it printed; … stands for anything",
    "sh": "is not run: its programs, targets, options and settings must exist",
    "http": "is a request: its head and its JSON body are parsed",
    "json": "is parsed",
    "nginx": "nginx runs it in front of the service",
    "caddy": "Caddy runs it in front of the service",
    "html": "a browser opens it from another origin than the service's",
    "text": "is a drawing or a formula, and no code",
    "{toctree}": "is for Sphinx: a list of pages",
    "{eval-rst}": "is for Sphinx: a reference from docstrings",
}

#: How long trainings get shorter in tests: what a page says, and what a test runs instead. Its service has the
#: dataset `tiny`, the first 2,000 images of MNIST.
SHORTER = {
    r"{\"group\": \"rates\",": r"{\"group\": \"rates\", \"dataset\": \"tiny\",",
    '{"preset": "accurate"': '{"preset": "accurate", "epochs": 3',
    '{"group": "lesson 3",': '{"group": "lesson 3", "dataset": "tiny",',
    '"epochs": 3, "optimizer": {"name"': '"epochs": 1, "dataset": "tiny", "optimizer": {"name"',
    'group="hooked", epochs=1': 'group="hooked", epochs=1, dataset="tiny"',
    "seed=1).wait()  # a network that reads MNIST": 'seed=1, dataset="tiny").wait()  # a network that reads MNIST',
    'create(preset="accurate", seed=': 'create(preset="accurate", epochs=3, seed=',
}

_FENCE = re.compile(r"^( *)```([^`\n]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block of a page.

    Attributes:
        line: The line of its fence.
        kind: One of `KINDS`.
    """

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        """Its place, as editors open it."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page=page,
            line=text.count("\n", 0, found.start()) + 1,
            kind=found[2].strip(),
            text=textwrap.dedent(found[3]),
        )
        for found in _FENCE.finditer(text)
    ]


def of_kind(*kinds: str) -> list[Block]:
    """Return all blocks of these kinds."""
    return [block for page in PAGES for block in blocks(page) if block.kind in kinds]


def in_test(text: str, base_url: str) -> str:
    """Return *text* for a service at *base_url*, with shorter trainings, and with curl failing on an error's status."""
    for written, run in SHORTER.items():
        text = text.replace(written, run)
    address = base_url.removeprefix("http://")
    return text.replace("127.0.0.1:8000", address).replace("localhost:8000", address).replace("curl -s", "curl -sSf")


def curl_session(base_url: str) -> str:
    """Return the README's curl session for a service at *base_url*."""
    return "\n".join(in_test(each.text, base_url) for each in blocks(ROOT / "README.md") if each.kind == "sh session")
