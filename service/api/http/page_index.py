"""Fewer and earlier requests for the page: one style sheet for all, and the modules of the first view at once."""

import posixpath
import re
from collections.abc import Mapping

STYLES = "styles.css"
_STYLE_LINK = re.compile(r' *<link rel="stylesheet" href="page/(styles/[\w.]+)">\n')
_IMPORT = re.compile(
    r'^(?:import .*|export .*|\} )from "(\.[^"]+\.js)"', re.MULTILINE
)  # not those of types in comments
_UNREAD = re.compile(
    r"^[ \t]*(?://.*|/\*\*(?:(?!\*/)(?s:.))*\*/)\n|^[ \t]+|^\n", re.MULTILINE
)  # comments in lines of their own, indentation, and empty lines
_FIRST_VIEW = re.compile(r'FIRST_VIEW = "(\w+)"')


def without_comments(module: str) -> str:
    """Return a module as browsers need it, without the comments in lines of their own and without indentation.

    That is a third less, compressed. No template literal of the page has a line break in its text.
    """
    return _UNREAD.sub("", module)


def linked_styles(index: str, files: Mapping[str, bytes]) -> bytes:
    """Return the style sheets that *index* links, one after another."""
    return b"\n".join(files[name] for name in _STYLE_LINK.findall(index))


def with_early_requests(index: str, files: Mapping[str, bytes]) -> str:
    """Return *index* with one link in place of its style sheets, and with a preload for each module that `/` needs.

    Without the preloads a browser would discover the modules one import level after another.
    """
    first = re.search(_FIRST_VIEW, files["main.js"].decode())
    view = {f"views/{first[1]}.js"} if first else set[str]()
    modules = sorted(imported({"main.js"} | view, files))
    links = [f'    <link rel="stylesheet" href="page/{STYLES}">']
    links += [f'    <link rel="modulepreload" href="page/{name}">' for name in modules]
    return _STYLE_LINK.sub("", index).replace("  </head>", "\n".join([*links, "  </head>"]))


def imported(names: set[str], files: Mapping[str, bytes]) -> set[str]:
    """Return modules with all that they import at once; `import(...)` loads later, and comments import types."""
    found, new = set[str](), set(names)
    while new:
        module = new.pop()
        found.add(module)
        paths = _IMPORT.findall(files[module].decode())
        new |= {posixpath.normpath(posixpath.join(posixpath.dirname(module), path)) for path in paths} - found
    return found
