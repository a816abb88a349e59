"""Colors of the source that no palette color comes near: the small red thing on the large green field.

Cells of 8 levels a channel stand for the colors in them: a photograph has some thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import sum_by_label
from quantize.color.measure.difference import (
    ciede2000_difference,
    place_looks,
    summarize_differences,
)
from quantize.color.remap import look_up
from quantize.kmeans import nearest_center
from quantize.records.palette import Palette
from quantize.records.quantized import Quantized

if TYPE_CHECKING:
    from quantize.records.report import Box, LostColor, LostFacts

NEAR = 20.0
"""Difference in Oklab from which on a color is another one. Of 26 photographs in 6, 8 and 16 colors, what is farther
than this from all entries has another name in three cases of four (the eleven basic ones, from the survey of xkcd,
2010): green became brown, yellow became beige. At 10 it is one in two, and mostly a shade of the same: a quarter of a
photograph in 6 colors would be called lost. Lost colors that are nearer to one another than this are taken together:
one more entry could serve them all."""

LEAST_SHARE = 5e-4
"""Part of a picture below which nobody sees a color at arm's length: a square of 14 pixels in 768 x 512."""

_MOST = 10

_COUNTED = 1 << 20
"""Pixels of spots that are counted at a time."""

_CELL_BITS = 5


class LostGroup(NamedTuple):
    """Colors that look alike and have no palette color near.

    Attributes
    ----------
    color : ndarray of shape (n_channels,), dtype uint8
        The one that matters most.
    cells : ndarray of int
        The cells that hold them.
    n_pixels : float
    difference : float
        Mean CIEDE2000 from the nearest palette colors.
    """

    color: NDArray[np.uint8]
    cells: NDArray[np.intp]
    n_pixels: float
    difference: float


def find_lost(
    quantized: Quantized, colors: NDArray[np.uint8], counts: NDArray[Any], labels: NDArray[Any], *, with_spots: bool
) -> LostFacts:
    """Find the colors that matter most among those that the palette has nothing near for.

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
    groups, n_lost = group_lost(colors, counts, quantized.palette.colors)
    codes = _cells(colors)
    numbers = np.full(1 << _CELL_BITS * colors.shape[1], -1, np.int8)  # of all cells: the colors may be a sample
    for number, group in enumerate(groups):
        numbers[group.cells] = number
    became = _follow(numbers.take(codes), counts, labels, len(groups), len(quantized.palette))
    spots = _find_spots(quantized, numbers, len(groups)) if with_spots else [None] * len(groups)
    total = float(counts.sum())
    return {
        "share": n_lost / total,
        "colors": [
            _describe(group, quantized.palette.hex[label], spot, total)
            for group, label, spot in zip(groups, became, spots, strict=True)
        ],
    }


def group_lost(
    colors: NDArray[np.uint8], counts: NDArray[Any], palette: NDArray[np.uint8], n_most: int = _MOST
) -> tuple[list[LostGroup], float]:
    """Take together those colors that are far from a palette and look alike.

    Colors matter by their part in the squared difference. The one that matters most takes with it all lost colors
    that look like it, then the next, and so on: each group is what one more entry could serve. Specks are left out.

    Parameters
    ----------
    colors : ndarray of shape (n, 3) or (n, 4), dtype uint8
    counts : ndarray of shape (n,)
        Pixels of each color.
    palette : ndarray of shape (n_colors, 3) or (n_colors, 4), dtype uint8
    n_most : int
        Groups at most.

    Returns
    -------
    groups : list of LostGroup
        Those that matter most, in order.
    n_lost : float
        Pixels of all lost colors.
    """
    occupied, cells = _renumber(_cells(colors))
    sizes = sum_by_label(cells, len(occupied), counts)
    means = np.empty((len(occupied), colors.shape[1]), np.uint8)
    for mean, channel in zip(means.T, colors.T, strict=True):
        mean[:] = np.rint(sum_by_label(cells, len(occupied), counts, channel) / sizes)
    points = place_looks(means)
    nearest, squares = nearest_center(points, place_looks(palette))
    far = np.flatnonzero(squares > NEAR**2)
    rows_of_groups = [
        far[rows] for rows in gather_alike(points[far], squares[far], sizes[far], LEAST_SHARE * sizes.sum(), n_most)
    ]
    groups = [
        LostGroup(
            means[rows[0]],
            occupied[rows],
            float(sizes[rows].sum()),
            summarize_differences(ciede2000_difference(means[rows], nearest[rows], palette), sizes[rows])["mean"],
        )
        for rows in rows_of_groups
    ]
    return groups, float(sizes[far].sum())


def _describe(group: LostGroup, became: str, spot: Box | None, total: float) -> LostColor:
    return {
        "hex": Palette(group.color[np.newaxis]).hex[0],
        "share": group.n_pixels / total,
        "became": became,
        "ciede2000": group.difference,
        "spot": spot,
    }


def _cells(colors: NDArray[np.uint8]) -> NDArray[np.int32]:
    cells = np.zeros(len(colors), np.int32)
    for channel in colors.T:
        cells <<= _CELL_BITS
        cells |= channel >> (8 - _CELL_BITS)
    return cells


def _renumber(codes: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
    """Return the codes that occur, and which of them each is: with alpha, few of a million do."""
    numbers = np.zeros(codes.max() + 1, np.int32)
    numbers[codes] = 1
    occupied = np.flatnonzero(numbers)
    numbers[occupied] = np.arange(len(occupied))
    return occupied, numbers.take(codes)


def gather_alike(
    points: NDArray[Any], squares: NDArray[Any], sizes: NDArray[Any], least: float, n_most: int
) -> list[NDArray[np.intp]]:
    """Take points together: rows of those that are alike, the heaviest first, for the heaviest groups of a size."""
    weights = sizes * squares
    left = np.argsort(-weights, kind="stable")
    columns, weights = points.T.take(left, axis=1), weights[left]
    groups: list[tuple[float, NDArray[np.intp]]] = []
    # Once all that is left weighs less than the last group of a full list, no other can enter it.
    while len(left) and (len(groups) < n_most or weights.sum() > groups[-1][0]):
        alike = np.square(columns - columns[:, :1]).sum(axis=0) <= NEAR**2
        if sizes[left[alike]].sum() >= least:
            groups.append((float(weights[alike].sum()), left[alike]))
        groups = sorted(groups, key=lambda group: -group[0])[:n_most]
        others = np.flatnonzero(~alike)
        left, columns, weights = left.take(others), columns.take(others, axis=1), weights.take(others)
    return [rows for _, rows in groups]


def _follow(
    groups: NDArray[np.int8], counts: NDArray[Any], labels: NDArray[Any], n_groups: int, n_colors: int
) -> list[int]:
    """Find the palette row that most pixels of each group became."""
    # What is not lost counts in a row of its own, which is left out.
    moves = (groups + np.int32(1)) * np.int32(n_colors)
    moves += labels
    pixels = sum_by_label(moves, (n_groups + 1) * n_colors, counts)[n_colors:]
    return [int(row) for row in pixels.reshape(n_groups, n_colors).argmax(axis=1)]


def _find_spots(quantized: Quantized, table: NDArray[np.int8], n_groups: int) -> list[Box | None]:
    """Find the largest connected spot of each group, over all frames."""
    groups = look_up(quantized.picture, quantized.histogram, table[_cells(quantized.histogram.colors)])
    largest: list[tuple[int, Box | None]] = [(0, None)] * n_groups
    for number, frame in enumerate(groups.reshape(-1, *groups.shape[-2:])):
        for group in range(n_groups):
            spot = _find_largest(frame == group)
            if spot is not None and spot[0] > largest[group][0]:
                largest[group] = spot[0], {**spot[1], "frame": number}
    return [box for _, box in largest]


def _find_largest(mask: NDArray[np.bool_]) -> tuple[int, Box] | None:
    """Find the area of the largest connected spot of a mask, and its box in a first frame."""
    from scipy.ndimage import label

    box = _frame(mask)
    if box is None:
        return None
    spots, n_spots = label(_cut(mask, box), np.ones((3, 3)))
    # Some at a time: what is counted is held in eight bytes each.
    flat, areas = spots.reshape(-1), np.zeros(n_spots + 1, np.intp)
    for start in range(0, flat.size, _COUNTED):
        areas += np.bincount(flat[start : start + _COUNTED], minlength=n_spots + 1)
    areas[0] = 0
    spot = areas.argmax()
    inner = _frame(spots == spot)
    assert inner is not None
    return int(areas[spot]), {**inner, "x": box["x"] + inner["x"], "y": box["y"] + inner["y"]}


def _frame(mask: NDArray[np.bool_]) -> Box | None:
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return None
    x, y = int(columns[0]), int(rows[0])
    return {"x": x, "y": y, "width": int(columns[-1]) + 1 - x, "height": int(rows[-1]) + 1 - y, "frame": 0}


def _cut(mask: NDArray[np.bool_], box: Box) -> NDArray[np.bool_]:
    return mask[box["y"] : box["y"] + box["height"], box["x"] : box["x"] + box["width"]]
