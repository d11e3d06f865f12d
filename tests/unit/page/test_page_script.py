"""The scripts that the server joins from the page's modules, and what the modules must be for that."""

import re
from pathlib import Path

import pytest

import service
from service.api.http.page_script import in_order, joined_scripts

PAGE = Path(service.__file__).parent / "page"
MODULES = {path.relative_to(PAGE).as_posix(): path.read_text(encoding="utf-8") for path in PAGE.rglob("*.js")}
SCRIPTS = dict(joined_scripts(MODULES))

MAIN = """
// @ts-check
const FIRST_VIEW = "pad";
const VIEWS = { pad: () => import("./views/pad.js"), runs: () => import("./views/runs.js") };
"""
PAD = """
import { get, send as post } from "../net/api.js";
/**
 * @import { Job } from "../net/types.d.ts"
 */
export async function pad() {
  return /** @type {Job} */ (get(`// ${post} */`));
}
export const WIDTH = 28; // pixels
"""
FILES = {"main.js": MAIN, "views/pad.js": PAD, "views/runs.js": PAD, "net/api.js": "export class Problem {}\n"}


def test_a_module_becomes_a_function_in_a_registry() -> None:
    """Imports become constants from the registry, exports its value; comments and indentation are left out."""
    assert """
$modules["views/pad.js"] ??= (() => {
const { get, send: post } = $modules["net/api.js"];
async function pad() {
return (get(`// ${post} */`));
}
const WIDTH = 28; // pixels
return { pad, WIDTH };
})();
""" in dict(joined_scripts(FILES))["joined/main.js"]


def test_a_later_script_has_only_what_the_first_has_not() -> None:
    """The first script has the first view; that of another view has no module of it, and is asked for by its name."""
    scripts = dict(joined_scripts(FILES))
    names = {path: re.findall(r'^\$modules\["(.+?)"\] \?\?=', text, re.MULTILINE) for path, text in scripts.items()}
    assert names == {
        "joined/main.js": ["net/api.js", "views/pad.js", "main.js"],
        "joined/views/runs.js": ["views/runs.js"],
    }
    assert '() => $import("views/runs.js")' in scripts["joined/main.js"]


@pytest.mark.parametrize("path", SCRIPTS)
def test_every_import_and_export_of_the_page_has_a_known_form(path: str) -> None:
    """No module imports or exports in a form that stays in its function, and none knows its own address."""
    assert re.findall(r"^(?:import|export)\b.*", SCRIPTS[path], re.MULTILINE) == []
    assert "import.meta" not in SCRIPTS[path]


def test_exports_are_all_known() -> None:
    """Each `export` of a module is one name that it returns, and no variable, whose later values would be missed."""
    for name, text in MODULES.items():
        exports = re.findall(r"^export .*", text, re.MULTILINE)
        known = [line for line in exports if re.match(r"export (async function|function\*?|class|const) \w+", line)]
        assert exports == known, name


@pytest.mark.parametrize("name", MODULES)
def test_modules_can_be_joined(name: str) -> None:
    """No module imports itself through others, waits outside of a function, or breaks a line in a template's text."""
    assert in_order(name, MODULES)[-1] == name
    assert re.findall(r"^(?:for )?await\b.*", MODULES[name], re.MULTILINE) == []
    assert [line for line in MODULES[name].splitlines() if line.count("`") % 2] == []
