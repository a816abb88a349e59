"""Where the chunks of a PNG file are (PNG 1.2, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FRAMING = 12
"""Bytes of a chunk beside its data: length, name and checksum."""


class Chunk(NamedTuple):
    """A chunk's name, where it begins in its file, and how many bytes of data it claims."""

    name: bytes
    start: int
    length: int

    @property
    def data(self) -> slice:
        """Where the data are."""
        return slice(self.start + 8, self.start + 8 + self.length)

    @property
    def whole(self) -> slice:
        """Where the chunk is, with its length and checksum."""
        return slice(self.start, self.start + _FRAMING + self.length)


def walk_chunks(file: IO[bytes]) -> Iterator[Chunk]:
    """List the chunks of an open PNG without reading what is in them; the last one may be cut short."""
    start = len(SIGNATURE)
    while True:
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:
            return
        chunk = Chunk(head[4:], start, int.from_bytes(head[:4], "big"))
        yield chunk
        start += _FRAMING + chunk.length


def is_animated(file: IO[bytes]) -> bool:
    """Tell whether an open PNG announces an animation before its first image data."""
    for chunk in walk_chunks(file):
        if chunk.name in (b"acTL", b"IDAT"):
            return chunk.name == b"acTL"
    return False
