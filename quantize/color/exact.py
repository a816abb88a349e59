"""Entries that are exactly the color that people expect: paper white, ink black, the red of a logo.

The mean of a cluster that is mostly paper is nearly white, for its edges are gray; but people see at once that paper is
not white any more. So an entry becomes the one color that most of its pixels have, where that hardly costs anything.
"""

from dataclasses import replace

import numpy as np

from quantize.color.histogram import pack_colors
from quantize.color.remap import find_nearest, is_opaque
from quantize.color.rounding import sort_colors
from quantize.color.spaces import to_points
from quantize.records.palette import Palette
from quantize.records.picture import Histogram

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
    labels = find_nearest(histogram.colors, palette, space, n_threads)
    counts = histogram.counts.astype(np.float64)
    weights = np.bincount(labels, counts, n)
    modes = modes[counts[modes] > weights[labels[modes]] / 2]
    modes = modes[is_opaque(histogram.colors[modes]) == is_opaque(colors[labels[modes]])]
    modes = modes[~np.isin(pack_colors(colors[labels[modes]]), kept.keys)]
    rows = labels[modes]
    points, entries = (to_points(values, space).astype(np.float64) for values in (histogram.colors, colors))
    error = float(np.square(points - entries[labels]).sum(axis=1) @ counts)
    sums = np.stack([np.bincount(labels, counts * column, n)[rows] for column in points.T], axis=1)
    means = sums / weights[rows, np.newaxis]
    losses = weights[rows] * (
        np.square(points[modes] - means).sum(axis=1) - np.square(entries[rows] - means).sum(axis=1)
    )
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
