"""Read the text of a QR code back from its drawn squares, as a banking app does, without correcting anything.

Source: ISO/IEC 18004: the zigzag of the data squares, the eight masks, the interleaving of the blocks, byte mode.
"""

from collections.abc import Iterator

import segno
from segno import consts

_DATA = {consts.TYPE_DATA_DARK, consts.TYPE_DATA_LIGHT}
_MASKS = (
    lambda row, column: (row + column) % 2,
    lambda row, _column: row % 2,
    lambda _row, column: column % 3,
    lambda row, column: (row + column) % 3,
    lambda row, column: (row // 2 + column // 3) % 2,
    lambda row, column: row * column % 2 + row * column % 3,
    lambda row, column: (row * column % 2 + row * column % 3) % 2,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2,
)
_BYTE_MODE = 0b0100
_LONG_COUNT_FROM_VERSION = 10


def read(code: segno.QRCode) -> str:
    """Give the text of a code of one segment in byte mode and UTF-8."""
    assert isinstance(code.version, int), "no micro code"
    bits = "".join(str(bit) for bit in _bits(code))
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits) - 7, 8)]
    stream = "".join(f"{word:08b}" for word in _uninterleaved(words, code.version))
    assert int(stream[:4], 2) == _BYTE_MODE, "the segment is in byte mode"
    begins = 4 + (16 if code.version >= _LONG_COUNT_FROM_VERSION else 8)
    count = int(stream[4:begins], 2)
    return bytes(int(stream[at : at + 8], 2) for at in range(begins, begins + 8 * count, 8)).decode()


def _bits(code: segno.QRCode) -> Iterator[int]:
    kinds = [list(row) for row in code.matrix_iter(border=0, verbose=True)]
    size, hides = len(kinds), _MASKS[code.mask]
    upward = True
    for right in (column if column > 6 else column - 1 for column in range(size - 1, 0, -2)):  # column 6 is the timing pattern
        for row in range(size - 1, -1, -1) if upward else range(size):
            for column in (right, right - 1):
                # the library names one square too many a square of the format: left of its second copy there is data
                if kinds[row][column] in _DATA or (row, column) == (8, size - 9):
                    yield int(code.matrix[row][column]) ^ int(hides(row, column) == 0)
        upward = not upward


def _uninterleaved(words: list[int], version: int) -> list[int]:
    sizes = [part.num_data for part in consts.ECC[version][consts.ERROR_LEVEL_M] for _ in range(part.num_blocks)]
    blocks: list[list[int]] = [[] for _ in sizes]
    left = iter(words)
    for place in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if place < size:
                block.append(next(left))
    return [word for block in blocks for word in block]
