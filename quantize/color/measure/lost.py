"""Colors of the source that no palette color comes near: the small red thing on the large green field.

Cells of 8 levels a channel stand for the colors in them: a photograph has some thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.measure.difference import lay_out, to_oklab
from quantize.color.remap import look_up
from quantize.kmeans import nearest_center
from quantize.records.palette import Palette
from quantize.records.quantized import Quantized

if TYPE_CHECKING:
    from quantize.records.report import Box, LostColor, LostFacts

NEAR = 3.5
"""Difference in Oklab from which on a color is not near another: the just clearly visible one of W. Mokrzycki and
M. Tatol (Color difference Delta E: a survey, Machine Graphics and Vision 20:383, 2011)."""

_ALIKE = 4 * NEAR
"""Difference up to which lost colors are taken together: by eye, on photographs. With half of it, the list is filled
with shades of one thing."""

_MOST = 10
_CELL_BITS = 5


def find_lost(
    quantized: Quantized, colors: NDArray[np.uint8], counts: NDArray[Any], labels: NDArray[Any], *, with_spots: bool
) -> LostFacts:
    """Find the colors that matter most among those that the palette has nothing near for.

    Colors matter by their part in the squared difference. The one that matters most takes with it all lost colors
    that look like it, then the next, and so on.

    Parameters
    ----------
    quantized : Quantized
    colors, counts, labels : ndarray
        As of `pair_colors`.
    with_spots : bool
        Whether to find the box of each one's largest connected spot, too.

    Returns
    -------
    LostFacts
        With at most ten colors.
    """
    entries = _place(quantized.palette.colors)
    codes = _cells(colors)
    occupied, cells = _renumber(codes)
    sizes = np.bincount(cells, counts)
    weights = counts.astype(np.float64)
    sums = [np.bincount(cells, weights * channel) for channel in colors.T]
    means = np.rint(np.stack(sums, axis=1) / sizes[:, np.newaxis]).astype(np.uint8)
    points = _place(means)
    squares = nearest_center(points, entries)[1]
    far = np.flatnonzero(squares > NEAR**2)
    groups = _gather(points[far], sizes[far] * squares[far])
    table = np.full(occupied[-1] + 1, -1, np.int8)
    for number, group in enumerate(groups):
        table[occupied[far[group]]] = number
    became = _follow(table.take(codes), counts, labels, len(groups), len(entries))
    spots = _find_spots(quantized, table, len(groups)) if with_spots else [None] * len(groups)
    names, total = quantized.palette.hex, counts.sum()
    lost: list[LostColor] = []
    for group, label, spot in zip(groups, became, spots, strict=True):
        rows = far[group]
        pixels = sizes[rows]
        lost.append(
            {
                "hex": Palette(means[rows[:1]]).hex[0],
                "share": float(pixels.sum() / total),
                "became": names[label],
                "oklab": float(np.sqrt(squares[rows]) @ pixels / pixels.sum()),
                "spot": spot,
            }
        )
    return {"share": float(sizes[far].sum() / total), "colors": lost}


def _place(colors: NDArray[np.uint8]) -> NDArray[Any]:
    looks = lay_out(colors)
    return np.hstack([to_oklab(look) for look in looks]) / np.float32(len(looks) ** 0.5)


def _cells(colors: NDArray[np.uint8]) -> NDArray[np.intp]:
    cells = np.zeros(len(colors), np.intp)
    for channel in colors.T:
        cells <<= _CELL_BITS
        cells |= channel >> (8 - _CELL_BITS)
    return cells


def _renumber(codes: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the codes that occur, and which of them each is: with alpha, few of a million do."""
    numbers = np.zeros(codes.max() + 1, np.intp)
    numbers[codes] = 1
    occupied = np.flatnonzero(numbers)
    numbers[occupied] = np.arange(len(occupied))
    return occupied, numbers.take(codes)


def _gather(points: NDArray[Any], weights: NDArray[Any]) -> list[NDArray[np.intp]]:
    """Take points together: rows of those that are alike, the heaviest first, for the heaviest such groups."""
    left = np.argsort(-weights, kind="stable")
    columns, weights = points.T.take(left, axis=1), weights[left]
    groups: list[tuple[float, NDArray[np.intp]]] = []
    # Once all that is left weighs less than the last group of a full list, no other can enter it.
    while len(left) and (len(groups) < _MOST or weights.sum() > groups[-1][0]):
        alike = np.square(columns - columns[:, :1]).sum(axis=0) <= _ALIKE**2
        groups.append((float(weights[alike].sum()), left[alike]))
        groups = sorted(groups, key=lambda group: -group[0])[:_MOST]
        others = np.flatnonzero(~alike)
        left, columns, weights = left.take(others), columns.take(others, axis=1), weights.take(others)
    return [rows for _, rows in groups]


def _follow(
    groups: NDArray[np.int8], counts: NDArray[Any], labels: NDArray[Any], n_groups: int, n_colors: int
) -> list[int]:
    """Find the palette row that most pixels of each group became."""
    lost = np.flatnonzero(groups >= 0)
    moves = groups[lost] * np.intp(n_colors) + labels[lost].astype(np.intp)
    pixels = np.bincount(moves, counts[lost], n_groups * n_colors)
    return [int(row) for row in pixels.reshape(n_groups, n_colors).argmax(axis=1)]


def _find_spots(quantized: Quantized, table: NDArray[np.int8], n_groups: int) -> list[Box | None]:
    """Find the largest connected spot of each group, over all frames."""
    from skimage.measure import label

    groups = look_up(quantized.picture, quantized.histogram, table[_cells(quantized.histogram.colors)])
    largest: list[tuple[int, Box | None]] = [(0, None)] * n_groups
    for number, frame in enumerate(groups.reshape(-1, *groups.shape[-2:])):
        spots, n_spots = label(frame, background=-1, return_num=True, connectivity=2)
        areas = np.bincount(spots.reshape(-1), minlength=n_spots + 1)
        owners = np.full(n_spots + 1, -1)
        owners[spots] = frame
        for group in range(n_groups):
            own = np.flatnonzero(owners == group)
            spot = own[areas[own].argmax()] if len(own) else 0
            if len(own) and areas[spot] > largest[group][0]:
                largest[group] = int(areas[spot]), _frame_in(spots == spot, number)
    return [box for _, box in largest]


def _frame_in(mask: NDArray[np.bool_], frame: int) -> Box:
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    x, y = int(columns[0]), int(rows[0])
    return {"x": x, "y": y, "width": int(columns[-1]) + 1 - x, "height": int(rows[-1]) + 1 - y, "frame": frame}
