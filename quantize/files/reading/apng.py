"""The chunks of an animated PNG to its frames: each becomes a PNG of its own, which Pillow decodes.

PNG, third edition, 11.3.6 and 4.9.2. An animation that breaks its rules is left aside for the default image. Pillow
composes frames otherwise than the specification says, so that `compositing` does.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from quantize.files.reading.compositing import CLEAR, KEEP, RESTORE, Film, Frame, Keys
from quantize.files.reading.limits import MAX_FRAMES
from quantize.files.reading.png_chunks import SIGNATURE, Chunk, walk_chunks
from quantize.files.writing.png_container import join_chunks

_ANIMATION = (b"acTL", b"fcTL", b"fdAT")
_COLOR = (b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP")
"""Chunks that say what the pixels of every frame mean."""

_CONTROL = struct.Struct(">5I2H2B")
_DISPOSALS = (KEEP, CLEAR, RESTORE)

ReadPng = Callable[[bytes], Keys]


class _InvalidError(Exception):
    """The animation breaks a rule, named in the message."""


class _Stored(NamedTuple):
    """A frame's control chunk, and the places of its data."""

    width: int
    height: int
    left: int
    top: int
    delay: tuple[int, int]
    disposal: int
    blend: int
    parts: list[slice]


def read_apng(data: bytes, read_png: ReadPng) -> tuple[bytes, Film | None, tuple[str, ...]]:
    """Part an animated PNG into its default image and its animation.

    Parameters
    ----------
    data : bytes
    read_png : callable
        From the bytes of a PNG that stands still to its keys with alpha.

    Returns
    -------
    default : bytes
        The file without its animation.
    film : Film or None
        None if the animation is invalid.
    notices : tuple of str

    Raises
    ------
    ValueError
        It holds more frames than `MAX_FRAMES`.
    """
    chunks = list(walk_chunks(io.BytesIO(data)))
    default = SIGNATURE + b"".join(data[chunk.whole] for chunk in chunks if chunk.name not in _ANIMATION)
    try:
        return default, _find_film(data, chunks, read_png), ()
    except _InvalidError as error:
        return default, None, (f"its animation is invalid ({error}); its default image is used",)


def _find_film(data: bytes, chunks: list[Chunk], read_png: ReadPng) -> Film:
    header = next((data[chunk.data] for chunk in chunks if chunk.name == b"IHDR"), b"")
    if len(header) != 13:
        raise _InvalidError("it has no header")
    size = struct.unpack_from(">2I", header)
    n_frames, plays = _read_counts(data, chunks)
    stored = _collect_frames(data, chunks, size)
    if not stored:
        raise _InvalidError("it has no frames")
    first_data = next(number for number, chunk in enumerate(chunks) if chunk.name == b"IDAT")
    color = [(chunk.name.decode(), data[chunk.data]) for chunk in chunks[:first_data] if chunk.name in _COLOR]
    notices: tuple[str, ...] = ()
    if len(stored) < n_frames:
        notices = (f"announces {n_frames:,} frames, of which it holds {len(stored):,}",)
    frames = tuple(_to_frame(data, one, header[8:], color, read_png) for one in stored[:n_frames])
    return Film(size, frames, plays, notices)


def _read_counts(data: bytes, chunks: list[Chunk]) -> tuple[int, int]:
    counts = [data[chunk.data] for chunk in chunks if chunk.name == b"acTL"]
    if len(counts) != 1 or len(counts[0]) != 8:
        raise _InvalidError("it has not one acTL chunk of 8 bytes")
    n_frames, plays = struct.unpack(">2I", counts[0])
    if not n_frames:
        raise _InvalidError("it announces no frames")
    return n_frames, plays


def _collect_frames(data: bytes, chunks: list[Chunk], size: tuple[int, int]) -> list[_Stored]:
    """Collect the frames, of which the last may be cut short."""
    frames: list[_Stored] = []
    number, seen_image = 0, False
    for chunk in chunks:
        seen_image |= chunk.name == b"IDAT"
        if chunk.name == b"IDAT" and frames:
            if len(frames) > 1:
                raise _InvalidError("its default image stands among its frames")
            frames[0].parts.append(chunk.data)
        if chunk.name not in (b"fcTL", b"fdAT"):
            continue
        body = data[chunk.data]
        if len(data) < chunk.whole.stop and (chunk.name == b"fcTL" or len(body) < 4):
            break
        if len(body) < 4 or int.from_bytes(body[:4], "big") != number:
            raise _InvalidError(f"its {chunk.name.decode()} chunk is out of sequence")
        number += 1
        if chunk.name == b"fcTL":
            if frames and not frames[-1].parts:
                raise _InvalidError("it has a frame without data")
            if int.from_bytes(data[chunk.data.stop : chunk.whole.stop], "big") != zlib.crc32(b"fcTL" + body):
                raise _InvalidError("the checksum of an fcTL chunk is wrong")
            if len(frames) == MAX_FRAMES:
                raise ValueError(f"it has more than {MAX_FRAMES:,} frames")
            frames.append(_read_control(body, size))
            if not seen_image and (len(frames) > 1 or frames[0][:4] != (*size, 0, 0)):
                raise _InvalidError("its first frame is not as large as the picture")
        elif not frames or not seen_image:
            raise _InvalidError("it has data before its first frame")
        else:
            frames[-1].parts.append(slice(chunk.data.start + 4, chunk.data.stop))
    return [frame for frame in frames if frame.parts]


def _read_control(body: bytes, size: tuple[int, int]) -> _Stored:
    if len(body) != _CONTROL.size:
        raise _InvalidError("an fcTL chunk has not 26 bytes")
    _, width, height, left, top, *delay, disposal, blend = _CONTROL.unpack(body)
    if not (width and height) or left + width > size[0] or top + height > size[1]:
        raise _InvalidError("a frame reaches outside of the picture")
    if disposal >= len(_DISPOSALS) or blend > 1:
        raise _InvalidError("a frame is disposed of or blended in an unknown way")
    return _Stored(width, height, left, top, (delay[0], delay[1]), disposal, blend, [])


def _to_frame(data: bytes, stored: _Stored, kind: bytes, color: list[tuple[str, bytes]], read_png: ReadPng) -> Frame:
    def read() -> Keys:
        header = struct.pack(">2I", stored.width, stored.height) + kind
        pixels = b"".join(data[part] for part in stored.parts)
        return read_png(join_chunks([("IHDR", header), *color, ("IDAT", pixels)]))

    numerator, denominator = stored.delay
    milliseconds = 1000 * numerator / (denominator or 100)
    box = (stored.left, stored.top, stored.width, stored.height)
    return Frame(box, milliseconds, _DISPOSALS[stored.disposal], stored.blend == 1, read)
