"""A quantized picture as a GIF: one palette for all frames, of each frame only what changes.

GIF 89a, and the Netscape extension for the number of plays. Pillow packs the labels of a frame; the rest is written
here, because Pillow chooses palettes, merges and disposals of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.errors import OutputError
from quantize.files.seals import UNSEALED, seal
from quantize.files.writing.frame_boxes import FrameBox, merge_equal, round_durations, whole_box
from quantize.files.writing.gif_frames import KEEP, pack_box, plan_frames
from quantize.parallel.progress import counted
from quantize.records.palette import MAX_INDEXED, Palette
from quantize.records.picture import Animation
from quantize.records.quantized import Quantized

_MAX_DELAY = 0xFFFF
_MAX_PLAYS = 0xFFFF
_CENTISECOND = 10.0


def encode_gif(quantized: Quantized) -> tuple[bytes, str]:
    """Encode a quantized picture as GIF.

    Parameters
    ----------
    quantized : Quantized
        Of opaque and fully transparent colors only.

    Returns
    -------
    data : bytes
    encoder : str
        What compressed it, for the report.

    Raises
    ------
    OutputError
        More than 256 colors.
    """
    picture, palette = quantized.picture, quantized.palette
    name, (width, height) = picture.source.name, picture.size
    if len(palette) > MAX_INDEXED:
        raise OutputError(f"{name}: GIF holds at most 256 colors, not {len(palette)}; use --format png or webp")
    labels, clear = _settle_clear(quantized.labels, palette)
    parts = [_head(width, height, palette), _comment(UNSEALED)]
    if picture.metadata and (comment := picture.metadata.texts.get("Comment")):
        parts.append(_comment(comment))
    if picture.animation is None:
        parts += _frame(whole_box(labels), 0, clear, KEEP)
    else:
        parts += _repeat(picture.animation.plays)
        parts += _animate(labels, picture.animation, clear, thorough=quantized.settings.optimize)
    return seal(b"".join([*parts, b";"])), "LZW"


def _animate(labels: NDArray[Any], animation: Animation, clear: int | None, *, thorough: bool) -> Iterator[bytes]:
    times = list(_time_frames(labels, animation))
    frames = [labels[index] for index, _ in times]
    planned = plan_frames(frames, clear, thorough=thorough)
    for frame, (_, delay) in zip(planned, counted(times), strict=True):
        yield from _frame(frame.box, delay, clear, frame.disposal)


def _time_frames(labels: NDArray[Any], animation: Animation) -> Iterator[tuple[int, int]]:
    """Index and centiseconds of each frame: the too short are left out, the equal joined, the too long repeated."""
    delays = round_durations(animation.durations, _CENTISECOND)
    # A frame without a duration is one that players show as they like: it stays.
    seen = [index for index, delay in enumerate(delays) if delay or not animation.durations[index]] or [0]
    kept, sums = merge_equal([labels[index] for index in seen], [delays[index] for index in seen])
    for index, delay in zip(kept, sums, strict=True):
        while delay > _MAX_DELAY:
            yield seen[index], _MAX_DELAY
            delay -= _MAX_DELAY
        yield seen[index], int(delay)


def _head(width: int, height: int, palette: Palette) -> bytes:
    size = max(1, (len(palette) - 1).bit_length())
    colors = palette.colors[:, :3].tobytes().ljust(3 << size, b"\0")
    # A global table of 2^size colors, 8 bits of resolution, background 0, square pixels.
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF0 | (size - 1), 0, 0) + colors


def _comment(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    blocks = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"!\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def _repeat(plays: int) -> list[bytes]:
    # Browsers count the repetitions after the first play; 0 is forever, and no extension is one play.
    if plays == 1:
        return []
    return [b"!\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", min(max(0, plays - 1), _MAX_PLAYS)) + b"\0"]


def _frame(box: FrameBox, delay: int, clear: int | None, disposal: int) -> list[bytes]:
    height, width = box.labels.shape
    packed = pack_box(box, clear)
    flags = disposal << 2 | (packed.hole is not None)
    control = b"!\xf9\x04" + struct.pack("<BHB", flags, delay, packed.hole or 0) + b"\0"
    place = b"," + struct.pack("<HHHHB", box.x, box.y, width, height, 0)
    return [control, place, packed.data]


def _settle_clear(labels: NDArray[Any], palette: Palette) -> tuple[NDArray[Any], int | None]:
    """Give all that is less than half opaque one label, as GIF has one that is transparent, and tell which."""
    if palette.colors.shape[1] == 3:
        return labels, None
    alphas = palette.colors[:, 3]
    clear, is_clear = int(alphas.argmin()), alphas < 128
    if not is_clear.any():
        return labels, None
    settled = np.arange(len(palette), dtype=labels.dtype)
    settled[is_clear] = clear
    return (labels if is_clear.sum() == 1 else settled[labels]), clear
