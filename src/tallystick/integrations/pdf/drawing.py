"""Draw sheets and try logos with typst, and read pictures: loaded only by the process that `documents` and `logos` ask, for it takes 100 MB.

Each function takes what was told and bytes, and gives both; see integrations/apart.
"""

import functools
import importlib.resources
import io
import json
import pathlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import typst
from PIL import Image, UnidentifiedImageError

from tallystick.integrations.pdf import glyphs

_MOST_PIXELS = 16_000_000
_KEPT_PIXELS = (1200, 480)


def draw(told: dict[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    """Draw a sheet with its inputs; tell the characters that no font could draw."""
    lost: list[str] = []
    inputs = told["inputs"]
    drawn = _each_text(told["sheet"], glyphs.drawable, lost)
    try:
        content = _compile(drawn, inputs)
    except typst.TypstError as refused:
        if "could not be displayed" not in refused.message:
            raise
        content = _compile(_each_text(drawn, glyphs.plain, lost), inputs)
    return {"replaced": list(dict.fromkeys(lost))}, content


def attempt(told: dict[str, Any], _content: bytes) -> tuple[dict[str, Any], bytes]:
    """Draw a picture once: tell whether it can be."""
    source = b'#set document(title: "x")\n#image(bytes(sys.inputs.logo), format: "svg", width: 100pt, alt: "x")'
    folder = pathlib.Path(str(importlib.resources.files(__package__)))
    try:
        compiler = typst.Compiler(source, root=folder, ignore_system_fonts=True, sys_inputs={"logo": told["logo"]})
        compiler.compile(format="pdf", pdf_standards=["a-3a", "ua-1"])
    except typst.TypstError:
        return {"drawn": False}, b""
    return {"drawn": True}, b""


def shrink(_told: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """Read a PNG and write its pixels anew, no larger than a document needs; tell its size, or what is wrong with it ("pixels", "damaged")."""
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as found:
            if found.width * found.height > _MOST_PIXELS:
                return {"wrong": "pixels"}, b""
            picture = found.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return {"wrong": "damaged"}, b""
    picture.thumbnail(_KEPT_PIXELS)
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return {"wrong": "", "size": picture.size}, written.getvalue()


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(glyphs.folders()))


def _compile(sheet: object, inputs: Mapping[str, str]) -> bytes:
    """Let the template draw the sheet; texts travel as JSON input, never as source."""
    drawn = cast("dict[str, Any]", sheet)
    template = pathlib.Path(str(importlib.resources.files(__package__))) / "document.typ"
    compiler = typst.Compiler(
        template, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"sheet": json.dumps(drawn, ensure_ascii=False), **inputs}
    )
    year, month, day = drawn["day"]
    made = compiler.compile(format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=datetime(year, month, day, tzinfo=UTC))
    return cast("bytes", made)


def _each_text(value: object, mend: Callable[[str], tuple[str, list[str]]], lost: list[str]) -> object:
    """Mend every text in a nested value, collecting what was lost."""
    if isinstance(value, str):
        mended, missing = mend(value)
        lost.extend(missing)
        # the blank around a run of a sentence belongs to it
        return f"{' ' * value.startswith(' ')}{mended}{' ' * (value.endswith(' ') and bool(mended))}"
    if isinstance(value, dict):
        return {key: _each_text(item, mend, lost) for key, item in value.items()}
    if isinstance(value, list):
        return [_each_text(item, mend, lost) for item in value]
    return value
