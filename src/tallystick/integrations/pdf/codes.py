"""Draw QR codes for documents as one path of SVG: sharp at any size, no seams between the squares, the same text for the same words."""

from itertools import groupby
from typing import TypedDict

import segno


class Drawn(TypedDict):
    """Hold a code: the SVG text, and how many squares it is wide, by which a document chooses its size."""

    svg: str
    squares: int


def drawn(code: segno.QRCode | None) -> Drawn | None:
    """Draw a code without its quiet zone, which is the page's white; nothing for none."""
    if code is None:
        return None
    steps: list[str] = []
    for row, line in enumerate(code.matrix):
        column = 0
        for dark, squares in groupby(line):
            width = len(list(squares))
            if dark:
                steps.append(f"M{column} {row}h{width}v1h-{width}z")
            column += width
    size = len(code.matrix)
    return Drawn(svg=f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{"".join(steps)}"/></svg>', squares=size)


def seal(text: str) -> Drawn | None:
    """Draw the code of a text, such as a signature; nothing for an empty one. Raises ValueError for a text that no code can hold."""
    return drawn(segno.make_qr(text, error="m", boost_error=False)) if text else None
