"""A checksum behind our mark: a file vouches for itself, until another program has changed it and kept the mark.

The mark of a picture, and of a text that has a place for one, is followed by eight hexadecimal digits, the CRC-32 of
the whole file but for what depends on them. That is no secret, and guards against accidents alone. Earlier versions
wrote marks without: such a file is ours unless a report beside it knows another content.
"""

from __future__ import annotations

import re
import zlib
from typing import NamedTuple

from quantize.version import MARK, SOFTWARE

UNSEALED = f"{MARK} {0:08x}"
"""The mark as encoders write it, with room for the checksum."""

_SEAL = re.compile(rb"%s \d+\.\d+\.\d+ ([0-9a-f]{8})" % SOFTWARE.encode())
_PNG = b"\x89PNG"
_TEXT = b"tEXt"


class _Place(NamedTuple):
    """Where a seal stands, where what it depends on goes on, and the checksum of all else."""

    seal: slice
    end: int
    checksum: int


def seal(data: bytes) -> bytes:
    """Write the checksum of a file that carries our mark behind it, in a place that is there already."""
    place = _find_seal(data)
    if place is None:
        return data
    digits = b"%08x" % place.checksum
    middle = b""
    if place.end > place.seal.stop:
        text = data.rindex(_TEXT, 0, place.seal.start)
        middle = zlib.crc32(data[text : place.seal.start] + digits).to_bytes(4, "big")
    return b"".join([data[: place.seal.start], digits, middle, data[place.end :]])


def seal_text(text: str) -> bytes:
    """Encode a text with the checksum of all of it behind its first mark, where it has one."""
    return seal(text.encode().replace(MARK.encode(), UNSEALED.encode(), 1))


def is_sealed(data: bytes) -> bool | None:
    """Tell whether a file's seal is that of its content; None where it has none."""
    place = _find_seal(data)
    return None if place is None else data[place.seal] == b"%08x" % place.checksum


def _find_seal(data: bytes) -> _Place | None:
    match = _SEAL.search(data)
    if match is None:
        return None
    view = memoryview(data)
    # The text of a PNG has a checksum of its own behind it.
    end = match.end(1) + 4 * data.startswith(_PNG)
    return _Place(slice(*match.span(1)), end, zlib.crc32(view[end:], zlib.crc32(view[: match.start(1)])))
