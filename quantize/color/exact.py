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
"""What such entries may add to the squared error of the picture, as a fraction of it."""

_MOST_PAPER_LOSS = 0.25
"""The same for a color that covers half of the picture. In two colors, white costs 1.5% of the error of a page of text,
5% where its letters are blurred, and more in drawings with few shades, whose error is small; and everybody sees paper
that is gray. White that is clipped in a photograph covers less."""


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
    order = np.argsort(losses)
    is_paper = counts[modes[order]] >= histogram.total / 2
    chosen = order[np.cumsum(losses[order]) <= error * np.where(is_paper, _MOST_PAPER_LOSS, _MOST_LOSS)]
    if not len(chosen):
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
