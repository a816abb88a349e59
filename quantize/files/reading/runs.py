"""Run lengths of BMP, which Pillow unpacks byte by byte in Python: ten megapixels of short runs took half a minute.

https://learn.microsoft.com/windows/win32/gdi/bitmap-compression: records of two bytes, a count and a color. A count of
0 ends a line or the picture, skips pixels, or is followed by pixels as they are. What overruns a line is left out, and
what a line lacks is of color 0, as Pillow has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

Bytes = NDArray[np.uint8]

_PIECE = 1 << 18
"""Records unpacked at a time."""

_LINE, _END, _SKIP = 0, 1, 2
"""What a count of 0 says by the byte after it; a higher one is a number of pixels that follow."""


class RunDecoder(ImageFile.PyDecoder):
    """What Pillow asks for the pixels of a packed BMP."""

    _pulls_fd = True

    def decode(self, buffer: Any) -> tuple[int, int]:
        """Decode all at once."""
        assert self.fd is not None
        pixels = unpack_runs(self.fd.read(), self.state.xsize, self.state.ysize, has_nibbles=bool(self.args[1]))
        self.set_as_raw(bytes(pixels), "L" if self.mode in ("1", "L") else "P", (0, self.args[-1]))
        return -1, 0


def unpack_runs(data: bytes, width: int, height: int, *, has_nibbles: bool) -> bytearray:
    """Unpack the run lengths of a picture.

    Parameters
    ----------
    data : bytes
    width, height : int
    has_nibbles : bool
        Whether a byte is two pixels of four bits, which alternate in a run.

    Returns
    -------
    bytearray
        Palette indices, in the order of the file; fewer than the picture has pixels where the records end too soon.
    """
    n_pixels = width * height
    pixels = bytearray(n_pixels)
    records = np.frombuffer(data, np.uint8, len(data) // 2 * 2).reshape(-1, 2)
    escapes, others = np.flatnonzero(records[:, 0] == 0), np.flatnonzero(records.any(axis=1))
    place = x = row = 0
    while place < n_pixels and row < len(records):
        if count := data[2 * row]:
            end = min(_next(escapes, row, len(records)), row + _PIECE)
            run = _repeat(records[row:end], width - x, has_nibbles)[: n_pixels - place]
            pixels[place : place + len(run)] = run.data
            place, x, row = place + len(run), x + len(run), end
            if x == width:  # what follows in this line has no place
                row = _next(escapes, row, len(records))
            continue
        count, row = data[2 * row + 1], row + 1
        if count == _LINE:
            place, x = -(-place // width) * width, 0
            row = _next(others, row, len(records))  # a second end of a line says nothing
        elif count == _END:
            break
        elif count == _SKIP:
            if row == len(records):
                break
            place = min(n_pixels, place + data[2 * row] + data[2 * row + 1] * width)
            x, row = place % width, row + 1
        else:
            kept = min(count, n_pixels - place)
            n_bytes = -(-kept // 2) if has_nibbles else kept
            part = data[2 * row : 2 * row + n_bytes]
            part = _split(part)[:kept] if has_nibbles else part
            pixels[place : place + len(part)] = part
            if len(part) < kept:
                break
            place, x, row = place + kept, x + count, row + -(-n_bytes // 2)
    return pixels[:place]


def _next(rows: NDArray[np.intp], row: int, last: int) -> int:
    """The first of some rows that is not before a row, or else the last."""
    number = int(np.searchsorted(rows, row))
    return int(rows[number]) if number < len(rows) else last


def _repeat(records: Bytes, room: int, has_nibbles: bool) -> Bytes:
    """Repeat colors as often as they say, as far as there is room in the line."""
    ends = np.minimum(np.cumsum(records[:, 0], dtype=np.int64), max(room, 0))
    starts = np.concatenate([[0], ends[:-1]])
    colors = np.repeat(records[:, 1], ends - starts)
    if has_nibbles:
        is_second = (np.arange(len(colors)) - np.repeat(starts, ends - starts)) % 2 == 1
        colors = np.where(is_second, colors & 15, colors >> 4)
    return colors


def _split(part: bytes) -> bytes:
    return bytes(nibble for byte in part for nibble in (byte >> 4, byte & 15))
