"""A Spanish notebook runs as its English one does: the code is the same, and so is what each text in it stands for.

No Spanish notebook runs in a test. A chart of a column that does not exist raises no error anyway; here it fails.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.notebooks import NOTEBOOKS, read

PAIRS = [
    pytest.param(*pair, id=pair[0].name)
    for pair in zip(*(sorted((NOTEBOOKS / language).glob("*.ipynb")) for language in ("en", "es")), strict=True)
]

#: Functions whose argument only a reader reads. So are titles of charts, and names of jobs.
FOR_READERS = {"print", "RuntimeError"}

#: Functions that make columns of keywords, which a translation does not change.
MAKE_COLUMNS = {"dict", "assign", "agg", "rename"}


class _WithoutTexts(ast.NodeTransformer):
    """Replaces the texts that a translation changes."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        return ast.JoinedStr([value for value in node.values if isinstance(value, ast.FormattedValue)])


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text of the code in both languages.

    Attributes:
        node: The English text in its syntax tree.
        above: The nodes around it, the outermost first.
    """

    english: str
    spanish: str
    node: ast.AST
    above: tuple[ast.AST, ...]

    @property
    def is_for_readers(self) -> bool:
        """Whether the code does nothing but show it."""
        match self.above[-2:]:
            case [_, ast.Call(func=ast.Name(id=name))]:
                return name in FOR_READERS
            case [ast.Call() as call, ast.keyword(arg="name")]:
                return ast.unparse(call.func) == "client.jobs.create"
            case [ast.Call(), ast.keyword(arg="title")]:
                return True
        return False

    @property
    def is_the_clients(self) -> bool:
        """Whether it selects from a table whose columns the client names."""
        return any(isinstance(each, ast.Call) and "to_pandas()." in ast.unparse(each.func) for each in self.above)

    @property
    def makes_a_name(self) -> bool:
        """Whether the notebook itself makes a column or a key of it."""
        match self.above[-2:]:
            case [around, ast.Dict(keys=keys, values=values)]:
                is_table = isinstance(around, ast.Call) and ast.unparse(around.func) in ("pd.DataFrame", "again.append")
                is_of_runs = any(isinstance(each, ast.Call) and ast.unparse(each.func) == "run" for each in values)
                return self.node in keys and (is_table or is_of_runs)
            case [_, ast.keyword(arg="var_name" | "value_name") | ast.Subscript(ctx=ast.Store())]:
                return True
        return False


def cells(path: Path) -> list[ast.Module]:
    """Return the syntax tree of each code cell."""
    return [ast.parse(cell.source) for cell in read(path).cells if cell.cell_type == "code"]


def texts(english: ast.AST, spanish: ast.AST, above: tuple[ast.AST, ...] = ()) -> Iterator[Text]:
    """Walk two trees of the same shape."""
    if isinstance(english, ast.JoinedStr) or (isinstance(english, ast.Constant) and isinstance(english.value, str)):
        yield Text(english=_written(english), spanish=_written(spanish), node=english, above=above)
    children = [
        [child for child in ast.iter_child_nodes(tree) if not (isinstance(tree, ast.JoinedStr) and _is_text(child))]
        for tree in (english, spanish)
    ]
    for one, other in zip(*children, strict=True):
        yield from texts(one, other, (*above, english))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _written(node: ast.AST) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)


def as_names(text: Text) -> tuple[str, str]:
    """Return a name in both languages; the type of a column in a chart, as in ``step:Q``, is no part of it."""
    english, spanish = (re.fullmatch(r"(.*?)(:[QNOT])?", each, re.DOTALL) for each in (text.english, text.spanish))
    assert english is not None
    assert spanish is not None
    assert english[2] == spanish[2], text.spanish
    assert not english[2] or re.fullmatch(r"[\w ]+", spanish[1]), f"a chart reads more than a name in {text.spanish}"
    return english[1], spanish[1]


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_both_languages_have_the_same_code(english: Path, spanish: Path) -> None:
    """Only texts and comments are translated; cells and statements are equal."""
    trees = [[ast.dump(_WithoutTexts().visit(tree)) for tree in cells(path)] for path in (english, spanish)]
    assert trees[0] == trees[1]
    kinds = [[cell.cell_type for cell in read(path).cells] for path in (english, spanish)]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize(("english", "spanish"), PAIRS)
def test_a_name_is_translated_everywhere_or_nowhere(english: Path, spanish: Path) -> None:
    """A column or key has one name in each language, two have two, and only names of the notebook's own change."""
    found = [text for pair in zip(cells(english), cells(spanish), strict=True) for text in texts(*pair)]
    inside = [text for text in found if not text.is_for_readers and (text.english, text.spanish) != ("en", "es")]
    names = dict[str, str]()
    for text in inside:
        name, translated = as_names(text)
        if text.is_the_clients:
            assert translated == name, "the client names this column"
        else:
            assert names.setdefault(name, translated) == translated, name
    assert len(set(names.values())) == len(names), sorted(names.values())
    changed = {name for name, translated in names.items() if name != translated}
    assert changed <= {text.english for text in inside if text.makes_a_name} - names_in_code(english)


def names_in_code(path: Path) -> set[str]:
    """Return attributes and keywords that may be columns: a translation does not change them."""
    nodes = [node for tree in cells(path) for node in ast.walk(tree)]
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    made = [call for call in calls if ast.unparse(call.func).rpartition(".")[2] in MAKE_COLUMNS]
    keywords = {str(keyword.arg) for call in made for keyword in call.keywords}
    return keywords | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
