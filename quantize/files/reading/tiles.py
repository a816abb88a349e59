"""A large TIFF piece by piece: each tile, or some strips, as a file of its own, so that no more is decoded at a time.

TIFF 6.0, sections 2, 3 and 15, and for JPEG Adobe's TIFF Technical Note 2.
"""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.files.reading.modes import Conversion, convert_to_keys, plan_conversion
from quantize.parallel.threads import map_chunks

_LARGE = 1 << 24
"""Pixels from which a picture is read in pieces: below, what Pillow holds of it takes 64 MB at most."""

_PIECE = 1 << 20
"""Pixels of as many strips as are read together: files have strips of one row."""

_LARGEST_PIECE = 1 << 24
"""Pixels of a tile or strip up to which it is decoded by itself."""

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _SAMPLES, _PLANES = 256, 257, 258, 259, 277, 284
_STRIP_OFFSETS, _STRIP_ROWS, _STRIP_SIZES = 273, 278, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_SIZES = 322, 323, 324, 325
_PHOTOMETRIC, _PREDICTOR, _COLORS, _EXTRA, _JPEG_TABLES, _SUBSAMPLING = 262, 317, 320, 338, 347, 530

_COPIED = (_BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _PREDICTOR, _COLORS, _EXTRA, _SUBSAMPLING)
"""What a piece has of the whole, in numbers of 16 bits; JPEG tables are bytes."""

_COMPRESSIONS = (1, 5, 7, 8, 32773, 32946, 34925, 50000)
"""None, LZW, JPEG, Deflate, PackBits, LZMA and Zstandard: each piece is compressed by itself."""

_MODES = ("L", "P", "LA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB")
"""Of eight bits a channel, whose conversion is the same for each piece."""

_SHORT, _LONG, _BYTES = (3, "H"), (4, "I"), (7, "B")


class Layout(NamedTuple):
    """Where a TIFF's pieces are, row after row of them: `together` tiles or strips make one.

    `whole` and `size` are the widths and heights of the picture, as its rows are stored, and of a tile or strip.
    """

    whole: tuple[int, int]
    size: tuple[int, int]
    together: int
    across: int
    offsets: Sequence[int]
    n_bytes: Sequence[int]
    is_tiled: bool

    def read(self, number: int, file: IO[bytes]) -> list[bytes]:
        """Read what one piece is made of."""
        parts = []
        for index in range(number * self.together, min((number + 1) * self.together, len(self.offsets))):
            file.seek(self.offsets[index])
            parts.append(file.read(self.n_bytes[index]))
            if len(parts[-1]) < self.n_bytes[index]:
                raise ValueError("truncated")
        return parts


def find_layout(image: Image.Image) -> Layout | None:
    """Find the pieces of a picture that is to be read one by one; None where Pillow is to read it as a whole.

    Parameters
    ----------
    image : PIL.Image.Image
        Not loaded yet.
    """
    if image.format != "TIFF" or image.mode not in _MODES or image.width * image.height < _LARGE:
        return None
    tags: Mapping[int, Any] = image.tag_v2  # type: ignore[attr-defined]
    width, height = tags[_WIDTH], tags[_HEIGHT]  # the image may have its sides turned already
    is_tiled = _TILE_OFFSETS in tags
    if is_tiled:
        size = tags.get(_TILE_WIDTH, 0), tags.get(_TILE_HEIGHT, 0)
        offsets, n_bytes = tags[_TILE_OFFSETS], tags.get(_TILE_SIZES, ())
    else:
        size = width, min(tags.get(_STRIP_ROWS, height), height)
        offsets, n_bytes = tags.get(_STRIP_OFFSETS, ()), tags.get(_STRIP_SIZES, ())
    if min(size) < 1 or size[0] * size[1] > _LARGEST_PIECE:
        return None
    across, down = -(-width // size[0]), -(-height // size[1])
    is_fit = (
        set(tags.get(_BITS, ())) == {8}
        and tags.get(_COMPRESSION, 1) in _COMPRESSIONS
        and tags.get(_PLANES, 1) == 1
        and across * down == len(offsets) == len(n_bytes)
    )
    together = 1 if is_tiled else max(1, _PIECE // (size[0] * size[1]))
    return Layout((width, height), size, together, across, offsets, n_bytes, is_tiled) if is_fit else None


def convert_pieces(
    image: Image.Image, layout: Layout, file: IO[bytes], keys: NDArray[np.uint32], n_threads: int
) -> Conversion:
    """Convert a picture into keys, piece by piece.

    Parameters
    ----------
    image : PIL.Image.Image
        Not loaded yet.
    layout : Layout
    file : binary file
        Where it was opened from.
    keys : ndarray of shape (height, width), dtype little-endian uint32
        What is filled, as the file stores its rows.
    n_threads : int

    Returns
    -------
    Conversion
        What was done with each piece.

    Raises
    ------
    Exception
        Nearly any, on broken files.
    """
    tags: Mapping[int, Any] = image.tag_v2  # type: ignore[attr-defined]
    height = layout.size[1] * layout.together
    one_at_a_time = threading.Lock()

    def open_piece(number: int) -> Image.Image:
        from PIL.TiffImagePlugin import TiffImageFile

        with one_at_a_time:
            parts = layout.read(number, file)
        top = number // layout.across * height
        piece = TiffImageFile(io.BytesIO(_write_tiff(layout, min(height, layout.whole[1] - top), parts, tags)))
        piece.load()
        return piece

    conversion = plan_conversion(open_piece(0), image.info.get("icc_profile"))

    def convert_row(numbers: slice) -> None:
        top = numbers.start // layout.across * height
        for number in range(numbers.start, numbers.stop):
            left = number % layout.across * layout.size[0]
            place = keys[top : top + height, left : left + layout.size[0]]
            convert_to_keys(open_piece(number).crop((0, 0, *place.shape[::-1])), conversion, place)

    n_pieces = -(-len(layout.offsets) // layout.together)
    map_chunks(convert_row, n_pieces, layout.across, n_threads, n_frames=1)
    return conversion


def _write_tiff(layout: Layout, height: int, parts: Sequence[bytes], tags: Mapping[int, Any]) -> bytes:
    """Write a TIFF of one piece, in the byte order of the whole."""
    mark: bytes = tags.prefix  # type: ignore[attr-defined]
    order = "<" if mark == b"II" else ">"
    width, rows = layout.size
    entries = {tag: (_SHORT, _as_tuple(tags[tag])) for tag in _COPIED if tag in tags}
    if tables := tags.get(_JPEG_TABLES):
        entries[_JPEG_TABLES] = _BYTES, tuple(tables)
    starts = [8]
    for part in parts:
        starts.append(starts[-1] + len(part))
    sizes = tuple(map(len, parts))
    if layout.is_tiled:
        height = rows
        entries |= {_TILE_WIDTH: (_LONG, (width,)), _TILE_HEIGHT: (_LONG, (rows,))}
        entries |= {_TILE_OFFSETS: (_LONG, tuple(starts[:-1])), _TILE_SIZES: (_LONG, sizes)}
    else:
        entries |= {_STRIP_ROWS: (_LONG, (rows,)), _STRIP_OFFSETS: (_LONG, tuple(starts[:-1]))}
        entries |= {_STRIP_SIZES: (_LONG, sizes)}
    entries |= {_WIDTH: (_LONG, (width,)), _HEIGHT: (_LONG, (height,))}
    place = starts[-1]
    beside = place + 2 + 12 * len(entries) + 4
    directory, values = struct.pack(f"{order}H", len(entries)), b""
    for tag, ((code, kind), numbers) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(numbers)}{kind}", *numbers)
        directory += struct.pack(f"{order}HHI", tag, code, len(numbers))
        if len(packed) <= 4:
            directory += packed.ljust(4, b"\0")
        else:
            directory += struct.pack(f"{order}I", beside + len(values))
            values += packed
    head = mark + struct.pack(f"{order}HI", 42, place)
    return b"".join([head, *parts, directory, bytes(4), values])


def _as_tuple(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)
