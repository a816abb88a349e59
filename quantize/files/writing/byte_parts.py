"""Where the bytes of an encoded picture are: palette, labels, and the container around both.

The payloads alone count as palette and labels; the length, name and checksum of each chunk are the container's.
PNG: W3C PNG, third edition. GIF: CompuServe, Graphics Interchange Format, version 89a. WebP: RFC 9649.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quantize.records.report import ByteParts


def measure_parts(data: bytes) -> ByteParts:
    """Measure the parts of an encoded picture.

    Parameters
    ----------
    data : bytes
        A whole PNG, GIF or WebP file, animated or not. In true color, the labels are the pixels.

    Returns
    -------
    ByteParts
        They sum to the length of `data`.
    """
    if data.startswith(b"\x89PNG"):
        palette, labels = _part_png(data)
    elif data.startswith(b"GIF"):
        palette, labels = _part_gif(data)
    else:
        labels = sum(size for name, size in _riff_chunks(data) if name in (b"VP8L", b"VP8 ", b"ALPH"))
        return {"palette": None, "labels": labels, "container": len(data) - labels}
    return {"palette": palette, "labels": labels, "container": len(data) - palette - labels}


def _part_png(data: bytes) -> tuple[int, int]:
    sizes: dict[bytes, int] = {}
    place = 8
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        # A frame's chunk begins with a sequence number of four bytes.
        sizes[name] = sizes.get(name, 0) + length - (4 if name == b"fdAT" else 0)
        place += length + 12
    return sizes.get(b"PLTE", 0) + sizes.get(b"tRNS", 0), sizes.get(b"IDAT", 0) + sizes.get(b"fdAT", 0)


def _part_gif(data: bytes) -> tuple[int, int]:
    palette, labels, place = _color_table(data[10]), 0, 13
    place += palette
    while data[place] != 0x3B:  # the trailer
        if data[place] == 0x21:  # an extension
            place = _skip_blocks(data, place + 2)
        else:  # a frame: ten bytes of place and size, perhaps a palette of its own, labels
            own = _color_table(data[place + 9])
            start = place + 10 + own
            place = _skip_blocks(data, start + 1)
            palette, labels = palette + own, labels + place - start
    return palette, labels


def _color_table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _skip_blocks(data: bytes, place: int) -> int:
    while data[place]:
        place += data[place] + 1
    return place + 1


def _riff_chunks(data: bytes, place: int = 12, end: int | None = None) -> Iterator[tuple[bytes, int]]:
    while place < (len(data) if end is None else end):
        name, length = struct.unpack_from("<4sI", data, place)
        if name == b"ANMF":  # a frame: 16 bytes of place and duration, then chunks of its own
            yield from _riff_chunks(data, place + 24, place + 8 + length)
        yield name, length
        place += 8 + length + length % 2
