"""How Sphinx makes the site from these pages: `make docs`. The pages are plain Markdown, for readers on a forge too."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "client"))

project = "naivenet"
html_title = "naivenet"
html_theme = "furo"
html_favicon = "../service/page/icon.svg"
html_show_copyright = html_show_sphinx = html_copy_source = False
html_show_search_summary = False  # it would fetch pages, which a browser refuses when the site is opened from disk

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]

myst_heading_anchors = 3  # the anchors that a forge makes of headings

autodoc_default_options = {"members": True}
autodoc_member_order = "groupwise"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"  # a dataclass documents its attributes once
napoleon_custom_sections = [("Shapes", "params_style")]
napoleon_use_ivar = True

nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!naivenet(_client)?\.\w+$).*")
]  # types of other packages, and our internals in signatures
