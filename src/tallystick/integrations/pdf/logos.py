"""Take the operator's logo for documents: of an SVG only shapes, of a PNG only its pixels; both become one SVG that is known to draw.

What a logo may not have is refused in words rather than dropped: a mark without its letters would be another mark.
Source: SVG 1.1, chapters 5 to 14; the template draws no scripts, and fetches nothing, but what is kept is clean by itself.
"""

import base64
import re
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from tallystick.integrations import apart
from tallystick.lib import errors, texts

MOST_BYTES = 512 * 1024
_MOST_SHAPES = 3000
_SVG = "http://www.w3.org/2000/svg"
_REFERENCES = {"href", "{http://www.w3.org/1999/xlink}href"}
_SHAPES = {
    *("svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
    *("linearGradient", "radialGradient", "stop", "clipPath", "mask", "style"),
}
_OUTSIDE = re.compile(r"url\(\s*['\"]?(?!#)|@|\\|expression|javascript:|</", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*>", re.IGNORECASE)
_PNG = b"\x89PNG\r\n\x1a\n"


def read(content: bytes) -> str:
    """Make the SVG that documents draw of an uploaded SVG or PNG. Raises Invalid (field "logo"), which says what to change."""
    if len(content) > MOST_BYTES:
        raise _refused(texts.marked("This file is larger than 512 KB. A logo needs less: save it as SVG, or smaller."))
    made = _of_png(content) if content.startswith(_PNG) else _of_svg(content)
    _try(made)
    return made


def _refused(sentence: str) -> errors.Invalid:
    return errors.Invalid(sentence, code="logo_refused", field="logo")


def _of_png(content: bytes) -> str:
    told, picture = apart.DRAWING.ask("tallystick.integrations.pdf.drawing:shrink", {}, content)
    if told["wrong"] == "pixels":
        raise _refused(texts.marked("This picture has too many pixels. Save it at most 4,000 wide and high."))
    if told["wrong"]:
        raise _refused(texts.marked("This PNG can not be read. Save it anew."))
    width, height = told["size"]
    encoded = base64.b64encode(picture).decode()
    return (
        f'<svg xmlns="{_SVG}" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" xlink:href="data:image/png;base64,{encoded}"/></svg>'
    )


def _of_svg(content: bytes) -> str:
    try:
        written = _DOCTYPE.sub("", content.decode("utf-8-sig"), count=1)
        if "<!DOCTYPE" in written.upper() or "<!ENTITY" in written.upper():
            raise _refused(texts.marked("This SVG defines entities. Save it as a plain SVG."))
        root = ET.fromstring(written)  # noqa: S314 - without a DTD there are no entities to expand or to fetch
    except (UnicodeDecodeError, ET.ParseError) as problem:
        raise _refused(texts.marked("Choose an SVG or a PNG file.")) from problem
    if root.tag != f"{{{_SVG}}}svg" or not ({"viewBox"} <= set(root.keys()) or {"width", "height"} <= set(root.keys())):
        raise _refused(texts.marked("Choose an SVG or a PNG file."))
    _clean(root)
    if sum(1 for _ in root.iter()) > _MOST_SHAPES:
        raise _refused(texts.marked("This SVG has more than 3,000 shapes. Simplify it, or save it as PNG."))
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return ET.tostring(root, encoding="unicode")


def _clean(element: Element) -> None:
    """Keep shapes and their looks; drop what editors note for themselves. Raises Invalid for anything that would draw otherwise or not at all."""
    for name, value in list(element.attrib.items()):
        if name not in _REFERENCES and name.startswith(("{", "on")):
            del element.attrib[name]
        elif _is_outside(name, value):
            raise _refused(texts.marked("This SVG refers to something outside of itself. Save it with everything inside."))
    if _OUTSIDE.search(element.text or "") and element.tag == f"{{{_SVG}}}style":
        raise _refused(texts.marked("This SVG refers to something outside of itself. Save it with everything inside."))
    for child in list(element):
        if _is_note(child):
            element.remove(child)
            continue
        name = str(child.tag).rpartition("}")[2]
        if name not in _SHAPES:
            raise _refused(texts.marked("This SVG has a %(name)s. Turn it into shapes (paths), or save the logo as PNG.", name=name))
        _clean(child)


def _is_outside(name: str, value: str) -> bool:
    """Tell an attribute that leads out of the picture: only what is inside of it may be referred to."""
    return not value.startswith("#") if name in _REFERENCES else _OUTSIDE.search(value) is not None


def _is_note(element: Element) -> bool:
    return not str(element.tag).startswith(f"{{{_SVG}}}") or str(element.tag).endswith("}metadata")


def _try(svg: str) -> None:
    """Draw it once: what can not be drawn must never reach a document."""
    told, _ = apart.DRAWING.ask("tallystick.integrations.pdf.drawing:attempt", {"logo": svg})
    if not told["drawn"]:
        raise _refused(texts.marked("This picture can not be drawn. Save it anew, as a plain SVG or as PNG."))
