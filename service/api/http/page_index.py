"""Fewer requests for the page: `/` has one style sheet and one script, which the server joins."""

import re
from collections.abc import Mapping

from service.api.http.page_script import FOLDER, MAIN

STYLES = "styles.css"
_STYLE_LINK = re.compile(r' *<link rel="stylesheet" href="page/(styles/[\w.]+)">\n')
_UNREAD = re.compile(r"/\*(?s:.*?)\*/\s*|^\s+", re.MULTILINE)


def linked_styles(index: str, files: Mapping[str, str]) -> str:
    """Return the style sheets that *index* links, one after another, without comments and indentation."""
    return _UNREAD.sub("", "".join(files[name] for name in _STYLE_LINK.findall(index)))


def with_joined_files(index: str) -> str:
    """Return *index* with one link in place of its style sheets, and with the script in place of the modules."""
    link = f'    <link rel="stylesheet" href="page/{STYLES}">\n  </head>'
    return _STYLE_LINK.sub("", index).replace("  </head>", link).replace(f"page/{MAIN}", f"page/{FOLDER}/{MAIN}")
