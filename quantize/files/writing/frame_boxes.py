"""What changes from one frame of an animation to the next: only that is stored."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.records.palette import Palette

Labels = NDArray[Any]
Mask = NDArray[np.bool_]


class FrameBox(NamedTuple):
    """A part of a frame: its pixels, where in the picture their upper left corner is, and which of them changed."""

    labels: Labels
    changed: Mask
    x: int = 0
    y: int = 0

    @property
    def has_unchanged(self) -> bool:
        """Whether some of its pixels are shown already."""
        return not self.changed.all()

    def fill_unchanged(self, label: int) -> Labels:
        """Give what is shown already a label that lets it show through."""
        filled: Labels = np.where(self.changed, self.labels, self.labels.dtype.type(label))
        return filled


def cut_box(frame: Labels, changed: Mask, inside: Mask | None = None, step: int = 1) -> FrameBox:
    """Cut a frame to the smallest box around its changed pixels; one without any to its first pixel.

    Parameters
    ----------
    frame : ndarray of shape (height, width)
    changed : ndarray of shape (height, width), dtype bool
    inside : ndarray of shape (height, width), dtype bool, optional
        What the box has to cover instead.
    step : int
        The box begins at multiples of this.
    """
    covered = changed if inside is None else inside
    rows, columns = (np.flatnonzero(covered.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return FrameBox(frame[:1, :1], changed[:1, :1])
    top, left = (int(places[0]) // step * step for places in (rows, columns))
    box = slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1)
    return FrameBox(frame[box], changed[box], left, top)


def whole_box(frame: Labels) -> FrameBox:
    """Take a frame as it is, all of it new."""
    return FrameBox(frame, np.ones(frame.shape, np.bool_))


def can_lie_over(box: FrameBox, palette: Palette) -> bool:
    """Tell whether a box looks the same laid over what is shown: some shows through, and nothing blends with it."""
    if not box.has_unchanged:
        return False
    return palette.colors.shape[1] == 3 or bool((palette.colors[box.labels[box.changed], 3] == 255).all())


def merge_equal(frames: Sequence[Labels], durations: Sequence[float]) -> tuple[list[int], list[float]]:
    """Join frames that show the same, but never all of them: an animation stays one.

    Parameters
    ----------
    frames : sequence of ndarray of shape (height, width)
    durations : sequence of float
        Milliseconds. A frame of 0 is one that players show as they like: it stays.

    Returns
    -------
    kept : list of int
        Indices of the frames that stay.
    sums : list of float
        How long each of them is shown.
    """
    kept: list[int] = []
    sums: list[float] = []
    for index, duration in enumerate(durations):
        is_last_chance = len(kept) == 1 and index == len(durations) - 1
        equal = bool(kept) and np.array_equal(frames[kept[-1]], frames[index])
        if equal and duration and durations[kept[-1]] and not is_last_chance:
            sums[-1] += duration
        else:
            kept.append(index)
            sums.append(duration)
    return kept, sums


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
