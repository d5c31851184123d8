"""Take logos for documents: what is drawn, what is refused and why, and that no picture brings anything of its own into a document."""

import io

import pytest
from PIL import Image

from integrations import papers, pdfs
from tallystick.integrations.pdf import documents, logos
from tallystick.lib import errors

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{}</svg>'


def _png(mode: str = "RGBA", size: tuple[int, int] = (300, 100)) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, 0).save(written, "PNG")
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        papers.LOGO.encode(),
        b"\xef\xbb\xbf" + papers.LOGO.encode(),
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">' + papers.LOGO.encode(),
        SVG.format(
            "<style>.a{fill:url(#g)}</style><defs><linearGradient id='g'><stop/></linearGradient></defs><rect class='a' width='9' height='9'/>"
        ).encode(),
        _png(),
        _png("P"),
        _png("1", (4000, 4000)),
    ],
)
def test_a_logo_is_drawn_on_a_document_that_stays_an_archive(content: bytes) -> None:
    svg = logos.read(content)
    made = documents.render("invoice", papers.changed("invoice", logo=svg))
    assert made == documents.render("invoice", papers.changed("invoice", logo=logos.read(content)))
    assert made.sha256 != documents.render("invoice", papers.INVOICE).sha256
    assert pdfs.faults(made.content) == []


def test_what_editors_note_is_left_out() -> None:
    noted = papers.LOGO.replace(
        "<rect", '<metadata>by me</metadata><x:view xmlns:x="urn:editor" onclick="x()"/><rect onclick="x()" x:id="3" xmlns:x="urn:editor"'
    )
    kept = logos.read(noted.encode())
    assert [word for word in ("by me", "editor", "onclick") if word in kept] == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SVG.format("<script>alert(1)</script>"), "has a script"),
        (SVG.format("<text>L</text>"), "has a text"),
        (SVG.format("<g><foreignObject/></g>"), "has a foreignObject"),
        (SVG.format("<image href='https://example.test/a.png'/>"), "has a image"),
        (SVG.format("<use href='#a'/>"), "has a use"),
        (SVG.format("<linearGradient href='https://example.test/a.svg#b'/>"), "outside of itself"),
        (SVG.format("<rect fill='url(https://example.test/a)'/>"), "outside of itself"),
        (SVG.format("<rect style='fill: URL( //example.test/a)'/>"), "outside of itself"),
        (SVG.format("<style>@import '//example.test'</style>"), "outside of itself"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("<rect/>"), "entities"),
        (SVG.format("<rect/>" * 3001), "3,000 shapes"),
        ("<svg/>", "Choose an SVG"),
        ("<html/>", "Choose an SVG"),
        ("GIF89a", "Choose an SVG"),
        ("", "Choose an SVG"),
        (" " * 600_000, "512 KB"),
    ],
)
def test_what_a_logo_may_not_have_is_said(content: str, words: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        logos.read(content.encode())
    assert words in refused.value.sentence
    assert (refused.value.code, refused.value.field) == ("logo_refused", "logo")


@pytest.mark.parametrize("content", [_png()[:60], b"\x89PNG\r\n\x1a\n", _png()[:-30] + b"x" * 30])
def test_a_broken_png_is_refused(content: bytes) -> None:
    with pytest.raises(errors.Invalid):
        logos.read(content)


def test_a_png_of_too_many_pixels_is_refused_before_it_is_read() -> None:
    with pytest.raises(errors.Invalid, match="too many pixels"):
        logos.read(_png("1", (5000, 4000)))
