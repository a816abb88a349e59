"""A quantized picture as a GIF: one palette for all frames, of each frame only what changes.

GIF 89a, and the Netscape extension for the number of plays. Pillow packs the labels of a frame; the rest is written
here, because Pillow chooses palettes, merges and disposals of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from quantize.errors import OutputError
from quantize.files.writing.frame_boxes import FrameBox, changed_regions, round_durations, visible_regions
from quantize.parallel.progress import counted
from quantize.records.palette import MAX_INDEXED, Palette
from quantize.records.picture import Animation
from quantize.records.quantized import Quantized
from quantize.version import MARK

_MAX_DELAY = 0xFFFF
_MAX_PLAYS = 0xFFFF
_KEEP, _CLEAR = 1, 2
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
    clear = _find_clear(palette)
    parts = [_head(width, height, palette), _comment(MARK)]
    if picture.metadata and (comment := picture.metadata.texts.get("Comment")):
        parts.append(_comment(comment))
    if picture.animation is None:
        parts += _frame(FrameBox(quantized.labels, 0, 0), 0, clear, _KEEP)
    else:
        parts += _repeat(picture.animation.plays)
        parts += _animate(quantized.labels, picture.animation, clear)
    return b"".join([*parts, b";"]), "LZW"


def _animate(labels: NDArray[Any], animation: Animation, clear: int | None) -> Iterator[bytes]:
    kept, delays = _merge(labels, animation.durations, round_durations(animation.durations, _CENTISECOND))
    frames = [labels[index] for index in kept]
    # A transparent pixel cannot be drawn over an opaque one, so each frame is cleared away before the next.
    regions, disposal = (changed_regions(frames), _KEEP) if clear is None else (visible_regions(frames, clear), _CLEAR)
    for region, delay in zip(regions, counted(delays), strict=True):
        while delay > _MAX_DELAY:
            yield from _frame(region, _MAX_DELAY, clear, disposal)
            delay -= _MAX_DELAY
        yield from _frame(region, delay, clear, disposal)


def _merge(labels: NDArray[Any], durations: Sequence[float], delays: Sequence[int]) -> tuple[list[int], list[int]]:
    """Leave out what is shown for less than a centisecond, and join frames that became equal."""
    kept: list[int] = []
    sums: list[int] = []
    for index, (duration, delay) in enumerate(zip(durations, delays, strict=True)):
        if duration and not delay:
            continue
        # A frame without a duration is one that players show as they like: it stays.
        if kept and duration and durations[kept[-1]] and np.array_equal(labels[kept[-1]], labels[index]):
            sums[-1] += delay
        else:
            kept.append(index)
            sums.append(delay)
    return (kept, sums) if kept else ([0], [0])


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


def _frame(region: FrameBox, delay: int, clear: int | None, disposal: int) -> list[bytes]:
    height, width = region.labels.shape
    flags = disposal << 2 | (clear is not None)
    control = b"!\xf9\x04" + struct.pack("<BHB", flags, delay, clear or 0) + b"\0"
    labels = np.ascontiguousarray(region.labels, np.uint8)
    image = Image.frombuffer("L", (width, height), labels, "raw", "L", 0, 1)
    return [control, *GifImagePlugin.getdata(image, (region.x, region.y))]


def _find_clear(palette: Palette) -> int | None:
    if palette.colors.shape[1] == 3:
        return None
    clear = np.flatnonzero(palette.colors[:, 3] < 128)
    return int(clear[0]) if clear.size else None
