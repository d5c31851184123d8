"""Know which characters our fonts can draw, so that a name in a rare script never stops an invoice.

Fonts come only from installed packages (Noto Sans and its scripts; Noto Sans CJK for Han, kana and hangul), never from the system: the same bytes everywhere.
"""

import functools
import importlib.resources
import pathlib
import re
import sys
import unicodedata

from tallystick.integrations.pdf import cmap

PACKAGES = ("manimgx_fonts", "noto_cjk_sans_jp_regular")
SUBSTITUTE = "\N{REPLACEMENT CHARACTER}"
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_BASIC = 0x250
_PRESENTATION = range(0xFE00, 0xFF00)
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")
"""What is one blank in a line; the blanks that keep a figure together stay what they are."""
_LONG_WORD = re.compile(r"\S{28}(?=\S)")


def folders() -> list[pathlib.Path]:
    """Find the folders of the font packages."""
    return [pathlib.Path(str(importlib.resources.files(name))) for name in PACKAGES]


@functools.cache
def _coverage() -> bytes:
    """Read once which code points some font can draw: one bit each."""
    bits = bytearray((sys.maxunicode + 1) // 8)
    for folder in folders():
        for path in folder.glob("*.[ot]tf"):
            for points in cmap.characters(path):
                for point in points:
                    bits[point >> 3] |= 1 << (point & 7)
    return bytes(bits)


def covers(sign: str) -> bool:
    """Tell whether some font draws this character."""
    return bool(_coverage()[ord(sign) >> 3] >> (ord(sign) & 7) & 1)


def drawable(text: str) -> tuple[str, list[str]]:
    """Make a text drawable: composed, on one line, without controls; give back what was replaced by U+FFFD.

    Characters that turn the direction of text are dropped: they could make an amount read backwards.
    """
    kept: list[str] = []
    lost: list[str] = []
    for sign in unicodedata.normalize("NFC", text):
        if sign in _DIRECTION or unicodedata.category(sign) == "Cc":
            kept.append("" if sign in _DIRECTION else " ")
        elif covers(sign):
            kept.append(sign)
        elif unicodedata.category(sign) in {"Cf", "Mn"} and ord(sign) in _PRESENTATION:
            continue
        else:
            kept.append(SUBSTITUTE)
            lost.append(sign)
    return _breakable(_BLANKS.sub(" ", "".join(kept)).strip()), lost


def _breakable(text: str) -> str:
    """Let a word that is wider than its column break, where nothing in it says where."""
    return _LONG_WORD.sub(lambda found: found.group() + "\N{ZERO WIDTH SPACE}", text)


def plain(text: str) -> tuple[str, list[str]]:
    """Keep Latin letters, figures and punctuation only: what is drawn when the shaping of a text fails after all."""
    lost = [sign for sign in text if ord(sign) >= _BASIC and sign not in {SUBSTITUTE, "\N{MINUS SIGN}"}]
    return "".join(SUBSTITUTE if sign in lost else sign for sign in text), lost
