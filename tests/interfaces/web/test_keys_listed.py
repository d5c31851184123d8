"""See that the list of keys names every key that acts: those of the script, and those that pages give to their buttons."""

import re
from pathlib import Path

from tallystick.interfaces import web

_WEB = Path(web.__file__).parent
_OF_BROWSERS = {"Enter", "Esc"}


def test_the_list_names_every_key_and_no_other() -> None:
    """The single keys of keys.js, what templates mark with data-key, and what the browser itself does."""
    script = (_WEB / "static/tallystick/keys.js").read_text(encoding="utf-8")
    single = re.search(r"const single = \{(.*?)\n  \};", script, re.DOTALL)
    assert single, "the script lists its keys in one place"
    known = set(re.findall(r'^    "?(\S)"?: \(\) =>', single[1], re.MULTILINE))
    marked = {key for file in (_WEB / "templates").rglob("*.html") for key in re.findall(r'data-key="(\w)"', file.read_text(encoding="utf-8"))}
    listed = set(re.findall(r"<kbd>([^<]+)</kbd>", (_WEB / "templates/web/parts/keys.html").read_text(encoding="utf-8")))
    assert {"/", "?", "j", "k", "x"} <= known
    assert listed == known | marked | _OF_BROWSERS
