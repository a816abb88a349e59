"""The chunks of a PNG: header, palette, what is said beside the pixels, and the file around them all.

PNG 1.2, and for texts and metadata the W3C's PNG, third edition.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from quantize.files.seals import UNSEALED, seal
from quantize.records.picture import Metadata

Chunk = tuple[str, bytes | memoryview]

GRAY, RGB, INDEXED, RGBA = 0, 2, 3, 6
"""Color types."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def write_header(width: int, height: int, bits: int, color_type: int) -> Chunk:
    return "IHDR", struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)


def write_palette(colors: NDArray[np.uint8]) -> list[Chunk]:
    """Write a palette of shape (n_colors, 3) or (n_colors, 4), and its alpha as far as there is any."""
    chunks: list[Chunk] = [("PLTE", colors[:, :3].tobytes())]
    if colors.shape[1] == 4 and (alpha := colors[:, 3].tobytes().rstrip(b"\xff")):
        chunks.append(("tRNS", alpha))
    return chunks


def write_metadata(metadata: Metadata | None) -> list[Chunk]:
    """Write our mark, and what is said beside the pixels."""
    chunks: list[Chunk] = [("tEXt", b"Software\0" + UNSEALED.encode())]
    if metadata is None:
        return chunks
    if metadata.icc:
        chunks.append(("iCCP", b"ICC Profile\0\0" + zlib.compress(metadata.icc, 9)))
    if metadata.dpi:
        x, y = (max(1, round(value / 0.0254)) for value in metadata.dpi)
        chunks.append(("pHYs", struct.pack(">IIB", x, y, 1)))
    if metadata.exif:
        chunks.append(("eXIf", metadata.exif))
    for key, text in metadata.texts.items():
        # iTXt, uncompressed, of no named language: the one chunk that holds any text.
        chunks.append(("iTXt", key.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8", "replace")))
    return chunks


def join_chunks(chunks: Iterable[Chunk]) -> bytes:
    """Join chunks to a file, and seal it if it is marked; IEND is added."""
    parts: list[bytes | memoryview] = [_SIGNATURE]
    for name, data in (*chunks, ("IEND", b"")):
        tag = name.encode()
        parts += [struct.pack(">I", len(data)), tag, data, struct.pack(">I", zlib.crc32(data, zlib.crc32(tag)))]
    return seal(b"".join(parts))
