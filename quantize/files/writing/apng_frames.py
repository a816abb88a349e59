"""The frames of an APNG: of each only what changes, laid over what is shown or in its place, whichever is smaller.

The APNG specification 1.0 of Mozilla; blend operations SOURCE and OVER. No frame is disposed of: where a pixel becomes
clear, SOURCE makes it so.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, pairwise
from typing import NamedTuple

import numpy as np

from quantize.files.writing.deflate import Deflate
from quantize.files.writing.frame_boxes import FrameBox, can_lie_over, cut_box, merge_equal, round_durations, whole_box
from quantize.files.writing.png_container import Chunk
from quantize.files.writing.png_forms import PngForm, plain_form
from quantize.parallel.progress import counted
from quantize.records.palette import Palette
from quantize.records.picture import Animation
from quantize.records.quantized import Quantized

_KEEP = 0
_SOURCE, _OVER = 0, 1
_MAX_DELAY = 0xFFFF


class _Body(NamedTuple):
    """A frame's compressed rows, and how they are blended with what is shown."""

    data: bytes
    blend: int


def encode_frames(quantized: Quantized, animation: Animation, deflate: Deflate) -> tuple[PngForm, list[Chunk]]:
    """Encode the frames of an animation.

    Returns
    -------
    form : PngForm
        Where the palette has room and use for a clear entry that it did not have, that is added at its end.
    chunks : list of (str, bytes)
        From acTL to the last frame.
    """
    palette = quantized.palette
    kept, durations = list(range(len(quantized.labels))), list(animation.durations)
    if quantized.settings.optimize:
        kept, durations = merge_equal(list(quantized.labels), durations)
    frames = [quantized.labels[index] for index in kept]
    boxes = [whole_box(frames[0]), *(cut_box(after, before != after) for before, after in pairwise(frames))]
    form, bodies = _choose_bodies(boxes, palette, deflate)
    return form, list(_write_frames(boxes, bodies, _split_seconds(durations), animation.plays))


def _choose_bodies(boxes: Sequence[FrameBox], palette: Palette, deflate: Deflate) -> tuple[PngForm, list[_Body]]:
    """Compress every box, whole or with what is shown already left out, whichever is smaller."""
    form, (wider, hole) = plain_form(palette), _find_hole(palette)
    wider_form = plain_form(wider)
    whole = [_Body(deflate(form.pack(box.labels), form.step), _SOURCE) for box in counted(boxes)]
    mixed = list(whole)
    for index, box in enumerate(boxes):
        if wider_form.bits > form.bits:
            mixed[index] = _Body(deflate(wider_form.pack(box.labels), form.step), _SOURCE)
        if hole is not None and can_lie_over(box, palette):
            over = _Body(deflate(wider_form.pack(box.fill_unchanged(hole)), form.step), _OVER)
            mixed[index] = min(mixed[index], over, key=_size)
    # An entry that was added has to save more than it costs.
    added = sum(len(data) for _, data in wider_form.palette) - sum(len(data) for _, data in form.palette)
    if sum(map(_size, mixed)) + added < sum(map(_size, whole)):
        return wider_form, mixed
    return form, whole


def _find_hole(palette: Palette) -> tuple[Palette, int | None]:
    """Find the clear entry of a palette, or add one where there is room."""
    colors = palette.colors
    if colors.shape[1] == 4 and not colors[:, 3].all():
        return palette, int(colors[:, 3].argmin())
    if len(colors) >= 1 << (palette.asked_bits or 8):
        return palette, None
    channels = np.full((len(colors) + 1, 4), 255, np.uint8)
    channels[:-1, : colors.shape[1]], channels[-1] = colors, 0
    return replace(palette, colors=channels), len(colors)


def _size(body: _Body) -> int:
    return len(body.data)


def _write_frames(
    boxes: Sequence[FrameBox], bodies: Sequence[_Body], delays: Sequence[tuple[int, int]], plays: int
) -> Iterator[Chunk]:
    yield "acTL", struct.pack(">II", len(boxes), plays)
    numbers = count()
    for box, body, delay in zip(boxes, bodies, delays, strict=True):
        height, width = box.labels.shape
        place = (next(numbers), width, height, box.x, box.y)
        yield "fcTL", struct.pack(">IIIIIHHBB", *place, *delay, _KEEP, body.blend)
        yield ("IDAT", body.data) if box is boxes[0] else ("fdAT", struct.pack(">I", next(numbers)) + body.data)


def _split_seconds(durations: Sequence[float]) -> list[tuple[int, int]]:
    """Fractions of a second: milliseconds, or centiseconds and seconds where these do not fit into 16 bits."""
    whole = round_durations(durations, 1)
    units = [next((unit for unit in (1, 10, 1000) if delay <= unit * _MAX_DELAY), 1000) for delay in whole]
    return [(min(round(delay / unit), _MAX_DELAY), 1000 // unit) for delay, unit in zip(whole, units, strict=True)]
