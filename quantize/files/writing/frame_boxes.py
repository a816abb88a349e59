"""What changes from one frame of an animation to the next: only that is stored."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class FrameBox(NamedTuple):
    """What a frame changes: its pixels, and where in the picture their upper left corner is."""

    labels: NDArray[Any]
    x: int
    y: int


def changed_regions(frames: Iterable[NDArray[Any]]) -> Iterator[FrameBox]:
    """Cut each frame to the box of what differs from the one before; the first is whole, an equal one a single pixel.

    Parameters
    ----------
    frames : iterable of ndarray of shape (height, width)
    """
    first, *others = frames
    yield FrameBox(first, 0, 0)
    for before, after in pairwise([first, *others]):
        yield _cut(after, before != after)


def visible_regions(frames: Iterable[NDArray[Any]], clear: int) -> Iterator[FrameBox]:
    """Cut each frame to the box of what is not transparent; one that is nowhere visible is a single pixel."""
    for frame in frames:
        yield _cut(frame, frame != clear)


def round_durations(durations: Sequence[float], unit: float) -> list[int]:
    """Round durations to whole units so that every frame begins within half a unit of its moment.

    Parameters
    ----------
    durations : sequence of float
        Milliseconds.
    unit : float
        Milliseconds.
    """
    moments = [round(moment / unit) for moment in accumulate(durations, initial=0.0)]
    return [end - start for start, end in pairwise(moments)]


def _cut(frame: NDArray[Any], inside: NDArray[np.bool_]) -> FrameBox:
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return FrameBox(frame[:1, :1], 0, 0)
    top, left = int(rows[0]), int(columns[0])
    return FrameBox(frame[top : rows[-1] + 1, left : columns[-1] + 1], left, top)
