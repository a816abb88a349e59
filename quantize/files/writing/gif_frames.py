"""How each frame of a GIF is drawn: in which box, over what, and what is left of it for the next one.

GIF 89a, 23 (disposal methods) and appendix F (LZW). A pixel once drawn can be drawn over, but it becomes clear only
where the frame that is shown before it is disposed of: cleared away, or taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.files.writing.frame_boxes import FrameBox, Labels, Mask, cut_box, whole_box

KEEP, CLEAR_AWAY, TAKE_BACK = 1, 2, 3
"""Disposal methods: do not dispose, restore to background, restore to previous."""


class GifFrame(NamedTuple):
    """One way to draw a frame: its box, its disposal, and what the canvas shows after that (None is nothing yet)."""

    box: FrameBox
    disposal: int
    canvas: Labels


class Packed(NamedTuple):
    """The pixels of a box in LZW, with the label that shows nothing, if any of them has it."""

    data: bytes
    hole: int | None


def plan_frames(frames: Sequence[Labels], clear: int | None, *, thorough: bool = False) -> Iterator[GifFrame]:
    """Choose a way to draw each frame: the one that costs the fewest bytes together with the next frame.

    Parameters
    ----------
    frames : sequence of ndarray of shape (height, width), dtype uint8
        What is shown.
    clear : int or None
        The label of what is transparent.
    thorough : bool
        Whether ways are compared where the plainest one, which leaves the frame where it is, would do.
    """
    canvas = None if clear is None else np.full_like(frames[0], clear)
    for index, shown in enumerate(frames):
        following = frames[index + 1] if index + 1 < len(frames) else None
        ways = _list_ways(canvas, shown, following, clear)
        if following is None or len(ways) == 1 or (not thorough and ways[0].disposal == KEEP):
            chosen = ways[0]
        else:
            costs = [_count_bytes(way, following, clear) for way in ways]
            chosen = ways[costs.index(min(costs))]
        yield chosen
        canvas = chosen.canvas


def _list_ways(canvas: Labels | None, shown: Labels, following: Labels | None, clear: int | None) -> list[GifFrame]:
    box = whole_box(shown) if canvas is None else cut_box(shown, canvas != shown)
    ways = [GifFrame(box, KEEP, shown)]
    if following is None:
        return ways
    if clear is not None and _vanishing(shown, following, clear).any():
        ways.clear()
    if canvas is not None and (clear is None or not _vanishing(canvas, following, clear).any()):
        ways.append(GifFrame(box, TAKE_BACK, canvas))
    if canvas is not None and clear is not None:
        changed = canvas != shown
        wider = cut_box(shown, changed, inside=changed | _vanishing(shown, following, clear))
        height, width = wider.labels.shape
        cleared = shown.copy()
        cleared[wider.y : wider.y + height, wider.x : wider.x + width] = clear
        ways.append(GifFrame(wider, CLEAR_AWAY, cleared))
    return ways


def _vanishing(before: Labels, after: Labels, clear: int) -> Mask:
    vanishing: Mask = (before != clear) & (after == clear)
    return vanishing


def _count_bytes(way: GifFrame, following: Labels, clear: int | None) -> int:
    after = cut_box(following, way.canvas != following)
    return len(pack_box(way.box, clear).data) + len(pack_box(after, clear).data)


def pack_box(box: FrameBox, clear: int | None) -> Packed:
    """Compress a box, with what is shown already left as it is or let show through, whichever is smaller."""
    plain = Packed(_compress(box.labels), clear)
    if not box.has_unchanged:
        return plain
    hole = _find_unused(box) if clear is None else clear
    if hole is None:
        return plain
    return min(plain, Packed(_compress(box.fill_unchanged(hole)), hole), key=lambda packed: len(packed.data))


def _find_unused(box: FrameBox) -> int | None:
    # A frame says itself which label is transparent: any that is not drawn will do, the lowest with the fewest bits.
    used = np.zeros(257, np.bool_)
    used[box.labels[box.changed]] = True
    free = int(used.argmin())
    return free if free < 256 else None


def _compress(labels: NDArray[Any]) -> bytes:
    """LZW from the fewest bits that hold the labels, in blocks, behind the byte that tells how many bits."""
    height, width = labels.shape
    bits = max(2, int(labels.max()).bit_length())
    image = Image.frombuffer("L", (width, height), np.ascontiguousarray(labels, np.uint8), "raw", "L", 0, 1)
    return bytes([bits]) + image.tobytes("gif", "L", bits, 0) + b"\0"
