"""What is refused before it is unpacked: a small file may claim more pixels, frames or work than any machine has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from PIL import Image

from quantize.errors import InputError

_TOO_MANY = "more than {:,}; if you trust it, allow more with --max-pixels"

_SIZE = re.compile(rb"P[1-6f](?:(?:\s|#[^\r\n]*[\r\n])+[^\s#]+){2}")
"""The beginning of a PNM file up to its size, with comments between."""

_DECODED_AS = {"JPEG2000": 1.4, "WEBP": 1.25}
"""How many pixels' memory the decoders of some formats take for one: 19 and 17 bytes were measured, where a conversion
has 14."""

_MAX_SCANS = 200
"""Scans of a progressive JPEG: each goes through the whole picture again. Encoders make about ten."""

MAX_FRAMES = 50_000
"""Frames that one file may have: half an hour at 30 a second. Reading and writing one takes about 0.2 ms beside its
pixels, so that two million frames of one pixel would take minutes."""

_MAX_STRIPS = 1 << 19
"""Strips or tiles of a TIFF: Pillow takes 10 microseconds for each, whatever is in it. Ten million pixels in strips of
one row have some thousands."""

_PIECE = 1 << 20
_HEAD = 1 << 16

_MOST_SEGMENTS = 1 << 16
"""Segments of a JPEG before its pixels, and bytes that belong to none: Pillow takes 0.2 to 1 microseconds for each.
Profiles, EXIF and XMP take some hundred segments."""

_JPEG, _SCAN, _ALONE = b"\xff\xd8\xff", 0xDA, (0x00, 0x01, *range(0xD0, 0xDA), 0xFF)
"""ITU-T T.81, B.1.1: its beginning, the marker of its pixels, and what follows 0xFF without a segment."""

_STRIP_OFFSETS, _TILE_OFFSETS = 273, 324
"""TIFF 6.0, sections 3 and 15: where each strip or tile is."""

_BESIDE_PIXELS = 64 << 20
"""Bytes of an animation beside its pixels."""


def refuse_long(name: str, n_bytes: int, max_pixels: int) -> None:
    """Refuse a file that is read into memory as a whole, and is longer than its pixels could make it.

    Raises
    ------
    InputError
    """
    # GIF's codes have 12 bits a pixel where nothing repeats.
    most = _BESIDE_PIXELS + 2 * max_pixels
    if n_bytes > most:
        raise InputError(
            f"{name}: has {n_bytes:,} bytes, more than {most:,}; if you trust it, give a higher --max-pixels"
        )


def refuse_large(
    name: str, size: tuple[int, int], n_frames: int, max_pixels: int, source_format: str | None = None
) -> None:
    """Refuse a picture of more pixels than are allowed, all frames together.

    Where the decoder of its format takes more memory than a conversion, it counts as so many more pixels.

    Raises
    ------
    InputError
        The sentence says how many it has.
    """
    width, height = size
    n_pixels = width * height * n_frames
    if not n_pixels:
        raise InputError(f"{name}: not a readable image (it has no pixels)")
    if n_pixels > max_pixels:
        shape = f"{width}x{height}" + (f" in {n_frames:,} frames" if n_frames > 1 else "")
        raise InputError(f"{name}: has {shape} = {n_pixels:,} pixels, {_TOO_MANY.format(max_pixels)} {n_pixels}")
    n_decoded = int(width * height * _DECODED_AS.get(source_format or "", 1))
    if n_decoded > max_pixels:
        raise InputError(
            f"{name}: has {width}x{height} = {n_pixels:,} pixels, which take the decoder of {source_format} as much "
            f"memory as {n_decoded:,}, {_TOO_MANY.format(max_pixels)} {n_decoded}"
        )


def name_bomb(error: Image.DecompressionBombError, max_pixels: int) -> str:
    """Say what Pillow's own limit found inside of a file."""
    n_pixels = int(re.findall(r"\d+", str(error))[0])
    return f"has {n_pixels:,} pixels, {_TOO_MANY.format(max_pixels)} {n_pixels}"


@contextmanager
def bounded(max_pixels: int) -> Iterator[None]:
    """Let Pillow watch the size of every picture inside of a file, where its own limit is off (`quiet_pillow`)."""
    if Image.MAX_IMAGE_PIXELS is not None:
        yield
        return
    # Pillow only warns up to twice its limit.
    Image.MAX_IMAGE_PIXELS = (max_pixels + 1) // 2
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = None


def refuse_long_header(name: str, head: bytes) -> None:
    """Refuse a PNM file whose size stands behind more comments than are read by the byte.

    Raises
    ------
    InputError
    """
    if re.match(rb"P[1-6f]\s", head) and len(head) >= _HEAD and not _SIZE.match(head):
        raise InputError(f"{name}: has more than {_HEAD:,} bytes of comments before its size")


def refuse_many_segments(file: IO[bytes]) -> None:
    """Refuse a JPEG with more before its pixels than `_MOST_SEGMENTS`; the file stands at its beginning again.

    Raises
    ------
    OSError
        Without the name of the file.
    """
    place = len(_JPEG) - 1 if file.read(len(_JPEG)) == _JPEG else None
    n_segments = 0
    while place is not None and n_segments <= _MOST_SEGMENTS:
        file.seek(place)
        head = file.read(4)
        if len(head) < 4 or (head[0] == 0xFF and head[1] == _SCAN):
            break
        is_segment = head[0] == 0xFF and head[1] not in _ALONE
        place += 2 + max(2, int.from_bytes(head[2:], "big")) if is_segment else 1
        n_segments += 1
    file.seek(0)
    if n_segments > _MOST_SEGMENTS:
        raise OSError(f"it has more than {_MOST_SEGMENTS:,} segments or stray bytes before its pixels")


def refuse_many_scans(name: str, image: Image.Image, file: IO[bytes]) -> None:
    """Refuse a JPEG that would be gone through more often than `_MAX_SCANS`.

    Raises
    ------
    InputError
    """
    if not image.info.get("progressive"):
        return
    place = file.tell()
    file.seek(0)
    n_scans, end = 0, b""
    while piece := file.read(_PIECE):
        n_scans += (end + piece).count(b"\xff\xda")
        end = piece[-1:]
    file.seek(place)
    if n_scans > _MAX_SCANS:
        raise InputError(f"{name}: is a JPEG of {n_scans:,} scans, more than {_MAX_SCANS}; save it again as baseline")


def refuse_many_strips(name: str, image: Image.Image) -> None:
    """Refuse a TIFF in more strips or tiles than `_MAX_STRIPS`.

    Raises
    ------
    InputError
    """
    tags = getattr(image, "tag_v2", {})
    n_strips = max(len(tags.get(tag, ())) for tag in (_STRIP_OFFSETS, _TILE_OFFSETS))
    if n_strips > _MAX_STRIPS:
        raise InputError(f"{name}: is a TIFF of {n_strips:,} strips, more than {_MAX_STRIPS:,}; save it again in fewer")
