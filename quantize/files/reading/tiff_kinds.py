"""Kinds of TIFF that Pillow does not read, told by the tags of their first page.

TIFF 6.0, sections 2 and 8, and for later codes the tables of libtiff.
"""

from __future__ import annotations

import struct
from typing import IO

_COMPRESSIONS = {
    2: "CCITT", 3: "CCITT Group 3", 4: "CCITT Group 4", 5: "LZW", 6: "old JPEG", 7: "JPEG", 8: "Deflate",
    9: "JBIG", 10: "JBIG", 32766: "NeXT", 32773: "PackBits", 32809: "ThunderScan", 32908: "PixarFilm",
    32909: "PixarLog", 32946: "Deflate", 32947: "DCS", 33003: "JPEG 2000", 33005: "JPEG 2000", 34661: "JBIG",
    34676: "SGI Log", 34677: "SGI Log", 34712: "JPEG 2000", 34887: "LERC", 34892: "lossy JPEG", 34925: "LZMA",
    50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip

_COLORS = {
    0: "gray", 1: "gray", 2: "RGB", 3: "palette", 4: "a mask", 5: "CMYK", 6: "YCbCr", 8: "CIELAB", 9: "ICCLAB",
    10: "ITULAB", 32803: "raw camera data", 32844: "LogL", 32845: "LogLuv", 34892: "raw camera data",
}  # fmt: skip

_READ = frozenset((1, *range(2, 9), 32771, 32773, 32946, 34925, 50000, 50001))
"""Compressions that Pillow knows, where its libtiff has them."""

_USUAL = frozenset((0, 1, 2, 3, 5, 6, 8))
"""Colors that Pillow reads, of up to four channels."""

_LITTLE_END_ONLY = frozenset(((0, 16, 1), (1, 32, 1)))
"""Color, bits and sample format of what Pillow reads with the little end first and not with the big."""

_BITS, _COMPRESSION, _COLOR, _SAMPLES, _FORMAT = 258, 259, 262, 277, 339
_SIZES = {1: "B", 3: "H", 4: "I"}
"""Types of entries that are whole numbers: of one, two and four bytes."""

_MOST_ENTRIES = 4096


def name_tiff(file: IO[bytes]) -> str | None:
    """Say what kind of TIFF a file is, and how to convert it; None if that is no reason why it cannot be read."""
    try:
        tags = _read_tags(file)
    except struct.error:
        return None
    compression = tags.get(_COMPRESSION, 1)
    if compression not in _READ:
        kind = f"compressed as {_COMPRESSIONS.get(compression, f'number {compression}')}"
    else:
        color, samples, bits = tags.get(_COLOR, 0), tags.get(_SAMPLES, 1), tags.get(_BITS, 1)
        is_usual = (
            color in _USUAL and samples <= 4 and (bits in (8, 16) or (samples == 1 and bits in (1, 2, 4, 12, 32)))
        )
        file.seek(0)
        if is_usual and (file.read(2) == b"II" or (color, bits, tags.get(_FORMAT, 1)) not in _LITTLE_END_ONLY):
            return None  # something else is wrong with it
        channels = "1 channel" if samples == 1 else f"{samples} channels"
        kind = f"of {_COLORS.get(color, f'color number {color}')}, {channels} of {bits} bits"
    return f"is a TIFF {kind}, which Pillow does not read; convert it first, as with ImageMagick to PNG"


def _read_tags(file: IO[bytes]) -> dict[int, int]:
    """Read the first value of each entry of the first page that holds whole numbers."""
    file.seek(0)
    order = "<" if file.read(2) == b"II" else ">"
    file.seek(4)
    (start,) = struct.unpack(f"{order}I", file.read(4))
    file.seek(start)
    (n_entries,) = struct.unpack(f"{order}H", file.read(2))
    tags = {}
    for place in range(start + 2, start + 2 + 12 * min(n_entries, _MOST_ENTRIES), 12):
        file.seek(place)
        tag, kind, count = struct.unpack(f"{order}HHI", file.read(8))
        if size := _SIZES.get(kind):
            if count * struct.calcsize(size) > 4:
                file.seek(*struct.unpack(f"{order}I", file.read(4)))
            (tags[tag],) = struct.unpack(f"{order}{size}", file.read(struct.calcsize(size)))
    return tags
