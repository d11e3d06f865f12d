"""Joins the page's modules: one script for the first view, and one for each module that the page imports later.

In a script each module is a function that runs at once and returns what it exports. The modules stand in the order of
their imports. The registry ``$modules`` keeps them for later scripts: a module with state must not run twice. As Biome
formats all modules alike, a few expressions find every import and export. What they do not find stays in the function,
where browsers refuse it; a test finds it before.
"""

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from graphlib import TopologicalSorter

Modules = Mapping[str, str]

#: The folder of the scripts, beside the modules.
FOLDER = "joined"
MAIN = "main.js"

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";', re.MULTILINE)
_LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')
_EXPORT = re.compile(r"^export (?P<declaration>(?:async )?(?:function\*?|class|const) (?P<name>\w+))", re.MULTILINE)
_FIRST_VIEW = re.compile(r'^const FIRST_VIEW = "(\w+)"', re.MULTILINE)

#: JSDoc, comments in lines of their own, indentation and empty lines: half of a module, and a third compressed.
_UNREAD = re.compile(r"/\*\*(?s:.*?)\*/\s*|^\s*//.*\n|^\s+", re.MULTILINE)

#: Registers the modules, and imports later ones unless an earlier script has brought them.
_PROLOGUE = f"""const $modules = (globalThis.naivenetModules ??= {{}});
const $import = async (name) =>
$modules[name] ?? (await import(new URL(`page/{FOLDER}/${{name}}`, document.baseURI).href), $modules[name]);
"""


def joined_scripts(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each script: the first, and those of the modules that are imported later."""
    modules = {name: _UNREAD.sub("", text) for name, text in files.items()}
    view = f"views/{re.findall(_FIRST_VIEW, modules[MAIN])[0]}.js"
    first = list(dict.fromkeys([*in_order(view, modules), *in_order(MAIN, modules)]))
    yield f"{FOLDER}/{MAIN}", _joined(first, modules)
    later = {_path(path, name) for name, text in modules.items() for path in _LATER.findall(text)}
    for name in sorted(later - set(first)):
        yield f"{FOLDER}/{name}", _joined([each for each in in_order(name, modules) if each not in first], modules)


def in_order(name: str, modules: Modules) -> list[str]:
    """Return a module behind all that it imports at once, each behind its own imports.

    Raises:
        graphlib.CycleError: If modules import each other.
    """
    graph, new = dict[str, list[str]](), [name]
    while new:
        each = new.pop()
        graph[each] = [_path(path, each) for _, path in _IMPORT.findall(modules[each])]
        new += [path for path in graph[each] if path not in graph]
    return list(TopologicalSorter(graph).static_order())


def _joined(names: Collection[str], modules: Modules) -> str:
    return _PROLOGUE + "".join(_as_function(name, modules[name]) for name in names)


def _as_function(name: str, module: str) -> str:
    """Return a module as a function that runs at once, unless an earlier script has brought the module."""

    def constants(found: re.Match[str]) -> str:
        return f'const {{{found[1].replace(" as ", ": ")}}} = $modules["{_path(found[2], name)}"];'

    exported = ", ".join(found["name"] for found in _EXPORT.finditer(module))
    body = _LATER.sub(lambda found: f'$import("{_path(found[1], name)}")', _IMPORT.sub(constants, module))
    body = _EXPORT.sub(r"\g<declaration>", body)
    return f'$modules["{name}"] ??= (() => {{\n{body}return {{ {exported} }};\n}})();\n'


def _path(relative: str, module: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(module), relative))
