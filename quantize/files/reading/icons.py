"""The pictures of an icon or cursor file, and the one to take: the deepest of the largest.

Pillow goes by what the file's directory says of them, which holds no size above 256 and often a wrong depth, and it
ignores the mask of a cursor.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from quantize.files.reading.png_chunks import SIGNATURE

_ENTRY = struct.Struct("<4B2H2I")
_BITMAP_HEADER = struct.Struct("<I2i2H")
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""PNG 1.2, 4.1.1: samples of a pixel, by color type."""


_ICNS_SIDES = {
    b"ic10": 1024,
    b"ic14": 512,
    b"ic09": 512,
    b"ic13": 256,
    b"ic08": 256,
    b"ic07": 128,
    b"ic12": 64,
    b"icp6": 64,
    b"ih32": 48,
    b"icp5": 32,
    b"ic11": 32,
    b"icp4": 16,
    b"it32": 128,
    b"il32": 32,
    b"is32": 16,
}
"""Pixels a side by the names of an ICNS file's blocks, as Pillow knows them."""


class _Entry(NamedTuple):
    width: int
    height: int
    bits: int
    data: bytes

    @property
    def rank(self) -> tuple[int, int]:
        return self.width * self.height, self.bits


def take_icon(file: IO[bytes]) -> tuple[IO[bytes], tuple[str, ...]] | None:
    """Take one picture out of an icon or cursor file.

    Parameters
    ----------
    file : binary file

    Returns
    -------
    file : binary file
        A PNG, or an icon file with this picture alone.
    notices : tuple of str
        That there are others.

    None where there is no picture: the files of TGA begin as those of cursors do.
    """
    entries = list(_read_entries(file))
    best = max(entries, key=lambda entry: entry.rank, default=None)
    if best is None:
        return None
    n_sizes = len({entry[:2] for entry in entries})
    size = f"{best.width}x{best.height}"
    notices = (f"holds {n_sizes} sizes; the largest, {size}, is used",) if n_sizes > 1 else ()
    return io.BytesIO(best.data if best.data.startswith(SIGNATURE) else _make_icon(best)), notices


def take_png_of_icns(file: IO[bytes]) -> tuple[IO[bytes], tuple[str, ...]] | None:
    """Take the largest picture out of a macOS icon, if that is a PNG: Pillow would lose its palette.

    Returns
    -------
    As `take_icon`; None where the largest is no PNG.
    """
    blocks: dict[int, bytes] = {}
    place = 8
    while True:
        file.seek(place)
        kind, size = struct.unpack(">4sI", file.read(8).ljust(8, b"\0"))
        if size <= 8:
            break
        side = _ICNS_SIDES.get(kind, 0)
        head = file.read(len(SIGNATURE))
        if side and (side not in blocks or head == SIGNATURE):
            blocks[side] = head + (file.read(size - 16) if head == SIGNATURE else b"")
        place += size
    data = blocks.get(max(blocks, default=0), b"")
    if not data.startswith(SIGNATURE):
        return None
    size = "{}x{}".format(*struct.unpack(">2I", data[16:24].ljust(8, b"\0")))
    return io.BytesIO(data), (f"holds {len(blocks)} sizes; the largest, {size}, is used",) if len(blocks) > 1 else ()


def _read_entries(file: IO[bytes]) -> Iterator[_Entry]:
    file.seek(4)
    n_entries = int.from_bytes(file.read(2), "little")
    directory = file.read(_ENTRY.size * n_entries)
    for number in range(len(directory) // _ENTRY.size):
        *_, size, start = _ENTRY.unpack_from(directory, number * _ENTRY.size)
        file.seek(start)
        head = file.read(26)
        if head.startswith(SIGNATURE) and len(head) == 26:
            width, height, depth, color_type = struct.unpack_from(">2I2B", head, 16)
            bits = depth * _CHANNELS.get(color_type, 1)
        elif len(head) >= _BITMAP_HEADER.size and head[:4] == b"\x28\0\0\0":
            # A bitmap has the rows of its mask below its own.
            _, width, height, _, bits = _BITMAP_HEADER.unpack_from(head)
            width, height = max(0, width), abs(height) // 2
        else:
            continue
        file.seek(start)
        yield _Entry(width, height, bits, file.read(size))


def _make_icon(entry: _Entry) -> bytes:
    bits = entry.bits
    if bits == 32 and not any(entry.data[_bitmap_start(entry) :][3 : 4 * entry.width * entry.height : 4]):
        bits = 24  # the depth from which Pillow takes the mask instead of alpha, which is empty here
    sides = [side if side < 256 else 0 for side in (entry.width, entry.height)]
    directory = _ENTRY.pack(*sides, 0, 0, 1, bits, len(entry.data), 4 + 2 + _ENTRY.size)
    return b"\0\0\1\0\1\0" + directory + entry.data


def _bitmap_start(entry: _Entry) -> int:
    return int.from_bytes(entry.data[:4], "little")
