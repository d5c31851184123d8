"""Write the code at a document's foot: a link that says what was issued, signed by itself, and read it again.

A link is opened by any telephone; but what it opens is the address that stands on the paper, and a forger prints their own. So the page that it opens
and the command line check the signature with keys that they have from elsewhere, and the host is among what is signed.
"""

import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tallystick.integrations.signatures import keys
from tallystick.integrations.signatures.canonical import canonical, letters, octets
from tallystick.integrations.signatures.papers import KINDS, Paper

PATH = "/verify-document/"
LONGEST = 2000
LONGEST_VALUE = 64
"""What is longer (an account may be written in any way) is left out, so that the code stays small; the file's own signature covers it."""
_FORMAT = "tallystick-code/1"
_LETTERS = {"t": "kind", "n": "number", "d": "day", "g": "gross", "c": "currency", "a": "account", "r": "reference", "h": "host", "k": "key"}
_SIGNATURE = "s"
_NEEDED = {"kind", "number", "day", "gross", "currency", "host", "key"}


@dataclass(frozen=True, slots=True)
class Code:
    """Hold what a code says, the signature, and where its link leads ("" where it was opened there already, by whatever name)."""

    said: Mapping[str, str]
    signature: bytes
    link_host: str = ""

    def message(self) -> bytes:
        """Write what is signed."""
        return canonical({**self.said, "format": _FORMAT})


def written(paper: Paper, *, private: bytes, key: str, url: str) -> str:
    """Write the code of a document: a link below the operator's own address."""
    named = {**paper.shape(), "key": key, "host": _host(url)}
    said = {name: str(named[name]) for name in _LETTERS.values() if name in named and len(named[name]) <= LONGEST_VALUE}
    query = {letter: said[name] for letter, name in _LETTERS.items() if name in said}
    signature = keys.sign(private, Code(said, b"").message())
    return f"{url.rstrip('/')}{PATH}?{urllib.parse.urlencode({**query, _SIGNATURE: letters(signature)})}"


def read(link: str) -> Code | None:
    """Read a code; None where it is none."""
    if len(link) > LONGEST:
        return None
    try:
        parts = urllib.parse.urlsplit(link.strip())
        asked = urllib.parse.parse_qsl(parts.query, strict_parsing=True, errors="strict", max_num_fields=20)
    except ValueError:
        return None
    return of(asked, link_host=parts.netloc.lower())


def of(asked: Sequence[tuple[str, str]], *, link_host: str = "") -> Code | None:
    """Read a code of the query that its link has; None where it is none: one value of each name, and no other names."""
    given = dict(asked)
    if len(given) != len(asked) or not given.keys() <= {*_LETTERS, _SIGNATURE} or given.get("t") not in KINDS:
        return None
    try:
        signature = octets(given.pop(_SIGNATURE, ""))
    except ValueError:
        return None
    said = {_LETTERS[letter]: value for letter, value in given.items()}
    if not said.keys() >= _NEEDED or not all(len(value) <= LONGEST_VALUE and value.isprintable() for value in said.values()):
        return None
    return Code(said, signature, link_host)


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc.lower()
