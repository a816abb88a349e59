"""The blocks of a GIF to the frames of its animation, decoded by Pillow one at a time and composed by `compositing`.

GIF89a Specification, CompuServe 1990, https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from PIL import Image

from quantize.files.reading.compositing import CLEAR, KEEP, RESTORE, Film, Frame, Keys
from quantize.files.reading.limits import MAX_FRAMES

_DISPOSALS = {2: CLEAR, 3: RESTORE, 4: RESTORE}
"""By the field's value; the fourth is what some writers took the third for. All others leave the frame."""

_EXTENSION, _IMAGE, _TRAILER = b"!", b",", b";"
_CONTROL, _COMMENT, _APPLICATION = 0xF9, 0xFE, 0xFF


class _Control(NamedTuple):
    """What a graphic control extension says of the image after it."""

    disposal: int = KEEP
    milliseconds: float = 0.0
    transparent: int | None = None


class _BrokenError(Exception):
    """The data end, or go on with what is no block."""


def read_gif(data: bytes) -> tuple[Film, bytes]:
    """Find the frames of a GIF.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    film : Film
        Of as many frames as are there before the data end or break; without any, the file is no picture.
    comment : bytes
        The first comment.

    Raises
    ------
    ValueError
        It is no GIF, or holds more frames than `MAX_FRAMES`.
    """
    if len(data) < 13 or not data.startswith((b"GIF87a", b"GIF89a")):
        raise ValueError("truncated")
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    colors, place = _read_colors(data, 13, flags)
    control, plays, comment = _Control(), 1, b""
    frames: list[Frame] = []
    notices: tuple[str, ...] = ()
    try:
        while (kind := data[place : place + 1]) != _TRAILER:
            if kind == _EXTENSION:
                label = data[place + 1 : place + 2]
                end = _skip_blocks(data, place + 2)
                if label == bytes([_CONTROL]):
                    control = _read_control(data[place + 3 : end])
                elif label == bytes([_COMMENT]):
                    comment = comment or _join_blocks(data, place + 2)
                elif label == bytes([_APPLICATION]):
                    plays = _read_plays(data[place + 2 : end], plays)
                place = end
            elif kind == _IMAGE:
                if len(frames) == MAX_FRAMES:
                    raise ValueError(f"it has more than {MAX_FRAMES:,} frames")
                frame, place = _read_image(data, place, colors, control)
                frames.append(frame)
                control = _Control()
            else:
                raise _BrokenError
    except _BrokenError:
        # Many files lack their last byte, and nothing else.
        if frames and place < len(data):
            notices = (f"breaks off after its frame {len(frames)}",)
    if frames and not (width and height):
        width, height = frames[0].box[2:]
    return Film((width, height), tuple(frames), plays, notices), comment


def _read_colors(data: bytes, place: int, flags: int) -> tuple[Keys | None, int]:
    """Read a color table, if the flags announce one: opaque keys, always 256, and where the table ends."""
    if not flags & 0x80:
        return None, place
    end = place + 3 * (2 << (flags & 7))
    levels = np.zeros((256, 4), np.uint8)
    rows = np.frombuffer(data[place:end], np.uint8)
    levels[: len(rows) // 3, :3] = rows[: len(rows) // 3 * 3].reshape(-1, 3)
    levels[:, 3] = 255
    return levels.view("<u4")[:, 0], end


_GRAYS = np.arange(256, dtype="<u4") * np.uint32(0x010101) | np.uint32(0xFF000000)
"""For an image without any color table: the specification leaves it to the reader, and Pillow takes grays."""


def _read_control(block: bytes) -> _Control:
    if len(block) < 4:
        return _Control()
    flags, hundredths, index = struct.unpack_from("<BHB", block)
    return _Control(_DISPOSALS.get(flags >> 2 & 7, KEEP), 10.0 * hundredths, index if flags & 1 else None)


def _read_plays(extension: bytes, plays: int) -> int:
    """Read how often an animation plays: browsers take the Netscape extension's number as repetitions."""
    if extension[:12] in (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0") and extension[12:14] == b"\3\1":
        repetitions = int.from_bytes(extension[14:16], "little")
        return repetitions + 1 if repetitions else 0
    return plays


def _read_image(data: bytes, place: int, colors: Keys | None, control: _Control) -> tuple[Frame, int]:
    if len(data) < place + 11:
        raise _BrokenError
    left, top, width, height, flags = struct.unpack_from("<4HB", data, place + 1)
    own, place = _read_colors(data, place + 10, flags)
    try:
        end = _skip_blocks(data, place + 1)
    except _BrokenError:
        end = len(data)
    table = own if own is not None else _GRAYS if colors is None else colors
    is_interlaced = bool(flags & 0x40)

    def read() -> Keys:
        bits = data[place]
        indices = Image.frombytes("P", (width, height), data[place + 1 : end], "gif", bits, is_interlaced)
        shown = table
        if control.transparent is not None:
            shown = table.copy()
            shown[control.transparent] = 0
        keys: Keys = shown[np.asarray(indices)]
        return keys

    box = (left, top, width, height)
    return Frame(box, control.milliseconds, control.disposal, True, read), end


def _skip_blocks(data: bytes, place: int) -> int:
    """Find the end of a row of blocks that each begin with their length, the last with 0."""
    while place < len(data):
        length = data[place]
        place += 1 + length
        if not length:
            return place
    raise _BrokenError


def _join_blocks(data: bytes, place: int) -> bytes:
    parts = []
    while place < len(data) and (length := data[place]):
        parts.append(data[place + 1 : place + 1 + length])
        place += 1 + length
    return b"".join(parts)
