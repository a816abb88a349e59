"""Frames of an animation to the pictures that are shown: each is drawn on what the ones before it left.

GIF 89a, section 23, and the APNG specification's chapter on fcTL chunks (now PNG, third edition, 11.3.6.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint32]

KEEP, CLEAR, RESTORE = range(3)
"""What becomes of a frame's box before the next frame: it stays, turns clear, or is as it was before the frame."""

_STRIP = 1 << 20
"""Pixels drawn at a time, to bound what is computed beside them."""


class Frame(NamedTuple):
    """A frame as it is stored: `box` is left, top, width and height on the canvas, and may reach outside of it.

    `read` gives its pixels, as keys with alpha; it raises nearly anything where the file is broken. A frame is drawn
    `over` what is there, or in its place.
    """

    box: tuple[int, int, int, int]
    milliseconds: float
    disposal: int
    over: bool
    read: Callable[[], Keys]


class Film(NamedTuple):
    """The frames of an animation, its canvas' width and height, and how often it plays (0 is forever)."""

    size: tuple[int, int]
    frames: tuple[Frame, ...]
    plays: int
    notices: tuple[str, ...] = ()


def play(film: Film) -> Iterator[Keys]:
    """Show an animation frame by frame.

    Yields
    ------
    ndarray of shape (height, width), dtype little-endian uint32
        The canvas, with alpha. It is drawn upon again when the next frame is asked for.
    """
    canvas = np.zeros(film.size[::-1], "<u4")
    for frame in film.frames:
        place, part = _cut(frame.box, film.size)
        target = canvas[place]
        before = target.copy() if frame.disposal == RESTORE else None
        pixels = frame.read()[part]
        if frame.over:
            _draw_over(target, pixels)
        else:
            target[:] = pixels
        yield canvas
        if before is not None:
            target[:] = before
        elif frame.disposal == CLEAR:
            target[:] = 0


def _cut(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[Any, Any]:
    """Cut a box to the canvas: the rows and columns that are left of it, on the canvas and in the frame."""
    left, top, width, height = box
    width, height = max(0, min(width, size[0] - left)), max(0, min(height, size[1] - top))
    return np.s_[top : top + height, left : left + width], np.s_[:height, :width]


def _draw_over(canvas: Keys, frame: Keys) -> None:
    step = max(1, _STRIP // max(1, canvas.shape[1]))
    for top in range(0, len(canvas), step):
        under, over = canvas[top : top + step], frame[top : top + step]
        alpha = over >> np.uint32(24)
        np.copyto(under, over, where=alpha == 255)
        partial = (alpha > 0) & (alpha < 255)
        if partial.any():
            under[partial] = _blend(under[partial], over[partial])


def _blend(under: Keys, over: Keys) -> Keys:
    """Blend colors of partial opacity, by the formula of the APNG specification, rounded."""
    under, over = (keys.view(np.uint8).reshape(-1, 4).astype(np.uint32) for keys in (under, over))
    above = over[:, 3:] * 255
    below = under[:, 3:] * (255 - over[:, 3:])
    alpha = above + below
    blended = np.empty(over.shape, np.uint8)
    blended[:, :3] = (over[:, :3] * above + under[:, :3] * below + alpha // 2) // alpha
    blended[:, 3:] = (alpha + 127) // 255
    return blended.view("<u4")[:, 0]
