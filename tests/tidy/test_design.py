"""Hold the design system to its size: small enough to be read whole, and to be loaded at once."""

import gzip
from pathlib import Path

from tidy import house

_STATIC = house.ROOT / "src" / "tallystick" / "interfaces" / "web" / "static" / "tallystick"
_MOST_LINES = 1_800
_MOST_BYTES = 20_000


def _sheets() -> list[Path]:
    return sorted(_STATIC.glob("*.css"))


def test_all_style_sheets_together_stay_small() -> None:
    """Every sheet counts, whoever added it."""
    texts = [sheet.read_text(encoding="utf-8") for sheet in _sheets()]
    assert sum(text.count("\n") for text in texts) <= _MOST_LINES
    assert len(gzip.compress("".join(texts).encode())) <= _MOST_BYTES


def test_every_sheet_has_its_place_in_the_layers() -> None:
    """A rule outside of the layers would beat all others."""
    astray = [sheet.name for sheet in _sheets() if "@layer " not in sheet.read_text(encoding="utf-8")]
    assert not astray


def test_only_the_tokens_name_colors() -> None:
    """A color is named once; black behind what floats and the white ground of a QR code are no colors of a theme."""
    known = {"#00000073", "#00000040", "#fff"}
    found = {
        f"{sheet.name}: {word}"
        for sheet in _sheets()
        if sheet.name != "tokens.css"
        for word in sheet.read_text(encoding="utf-8").replace(";", " ").replace(")", " ").split()
        if word.startswith("#") and len(word) in {4, 7, 9} and all(letter in "0123456789abcdefABCDEF" for letter in word[1:]) and word not in known
    }
    assert not found
