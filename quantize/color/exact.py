"""Entries that are exactly the color that people expect: paper white, ink black, the red of a logo.

The mean of a cluster that is mostly paper is nearly white, for its edges are gray; but people see at once that paper is
not white any more. So an entry becomes the one color that most of its pixels have, where that hardly costs anything.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors, sum_by_label
from quantize.color.remap import is_opaque, label_colors
from quantize.color.rounding import sort_colors
from quantize.color.spaces import to_points
from quantize.records.palette import Palette
from quantize.records.picture import Histogram

_COLORS = 1 << 18
"""Colors whose points are held at a time."""

_LEAST_SHARE = 0.01
"""The part of a picture that a color has to cover: the ink of a page of text has some hundredths, and no color of a
photograph has as much, but for white or black where it is clipped."""

_MOST_LOSS = 0.01
"""What such entries may add to the squared error of a picture, as a fraction of it."""

_DRAWING = 0.4
"""The part of a picture that exact colors cover together from which on it is a drawing. Of 26 photographs, that of a
tablet computer on white paper has most, 0.36; slightly blurred text has 0.44."""

_MOST_DRAWING_LOSS = 0.25
"""What exact entries may add to the error of a drawing where one of them covers half of it. In two colors, white costs
2 to 4% of the error of a page of text, 10% where its letters are blurred, and more in drawings with few shades, whose
error is small; and everybody sees paper that is gray. The limit of a color is the part that it covers, times that of
all exact ones: little for the ink of thin lines, whose cluster is as light as their edges."""


def settle_exact(
    palette: Palette, histogram: Histogram, kept: Histogram, space: str, n_threads: int = 1
) -> tuple[Palette, Histogram]:
    """Put exact colors of a picture in the place of entries that mostly stand for one.

    Parameters
    ----------
    palette : Palette
        Found in `space` for this histogram.
    histogram : Histogram
    kept : Histogram
        Colors of the palette that stay.
    space : str
    n_threads : int

    Returns
    -------
    palette : Palette
        In storage order.
    settled : Histogram
        The colors of the palette that are to stay now: those that did, and exact ones.
    """
    modes = np.flatnonzero(histogram.counts >= _LEAST_SHARE * histogram.total)
    if not len(modes):
        return palette, kept
    colors, n = palette.colors, len(palette)
    labels = label_colors(histogram.colors, palette, space, n_threads)
    counts = histogram.counts
    weights = sum_by_label(labels, n, counts)
    modes = modes[counts[modes] > weights[labels[modes]] / 2]
    modes = modes[is_opaque(histogram.colors[modes]) == is_opaque(colors[labels[modes]])]
    modes = modes[~np.isin(pack_colors(colors[labels[modes]]), kept.keys)]
    rows = labels[modes]
    entries = to_points(colors, space).astype(np.float64)
    error, sums = _sum_up(histogram, labels, entries, space)
    means = sums[rows] / weights[rows, np.newaxis]
    points = to_points(histogram.colors[modes], space).astype(np.float64)
    losses = weights[rows] * (np.square(points - means).sum(axis=1) - np.square(entries[rows] - means).sum(axis=1))
    shares = counts[modes] / histogram.total
    most = _MOST_DRAWING_LOSS if shares.sum() >= _DRAWING else _MOST_LOSS
    limits = error * np.clip(shares * shares.sum(), _MOST_LOSS, most)
    chosen, spent = [], 0.0
    for row in np.argsort(losses, kind="stable"):
        if spent + losses[row] <= limits[row]:
            spent += losses[row]
            chosen.append(row)
    if not chosen:
        return palette, kept
    colors = colors.copy()
    colors[rows[chosen]] = histogram.colors[modes[chosen]]
    keys = histogram.keys[np.sort(modes[chosen])]
    return replace(palette, colors=sort_colors(colors)), kept + Histogram(
        keys, np.zeros(len(keys)), histogram.has_alpha
    )


def _sum_up(
    histogram: Histogram, labels: NDArray[Any], entries: NDArray[Any], space: str
) -> tuple[float, NDArray[Any]]:
    """Give the squared error of a palette, and the sum of the points of each entry."""
    error, sums = 0.0, np.zeros_like(entries)
    for start in range(0, len(histogram), _COLORS):
        some = slice(start, start + _COLORS)
        points, counts = to_points(histogram.colors[some], space).astype(np.float64), histogram.counts[some]
        error += float(np.square(points - entries[labels[some]]).sum(axis=1) @ counts.astype(np.float64))
        for total, column in zip(sums.T, points.T, strict=True):
            total += np.bincount(labels[some], counts * column, len(entries))
    return error, sums
