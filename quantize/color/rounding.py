"""Centers to a palette: rounded to 8 bits, without duplicates, in the order in which it is stored."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors
from quantize.color.spaces import to_colors
from quantize.kmeans import descend_on_grid
from quantize.records.palette import Fit, Palette
from quantize.records.picture import Histogram
from quantize.records.srgb import LUMINANCE


def make_palette(centers: NDArray[Any], space: str, fit: Fit | None = None, *, gray: bool = False) -> Palette:
    """Round centers to colors.

    Parameters
    ----------
    centers : ndarray of shape (n, 3) or (n, 4)
        Points of `space`.
    space : str
        The color space that the centers are in.
    fit : Fit, optional
        How the centers were found, to travel with the palette.
    gray : bool
        Whether the centers are those of gray colors: then the palette is gray too, however a space rounds.

    Returns
    -------
    Palette
        At most n colors, in storage order.
    """
    colors = to_colors(centers, space)
    if gray:
        colors[:, :3] = colors[:, 1:2]
    return Palette(sort_colors(colors), "found", fit)


def polish_palette(
    palette: Palette, histogram: Histogram, kept: Histogram, n_rounds: int, n_threads: int = 1
) -> Palette:
    """Move the colors of a palette by single 8-bit steps to where the squared error in sRGB is smallest nearby.

    Parameters
    ----------
    palette : Palette
        Found in rgb, with the kept colors among its own.
    histogram : Histogram
        Opaque colors. Gray ones keep a gray palette.
    kept : Histogram
        Colors that stay.
    n_rounds : int
        Looks at the colors at most. Most of the gain comes in the first 8.
    n_threads : int

    Returns
    -------
    Palette
        In storage order, with no more colors than before.
    """
    if not n_rounds:
        return palette
    is_kept = np.isin(pack_colors(palette.colors), kept.keys)
    start = np.concatenate([palette.colors[is_kept], palette.colors[~is_kept]])
    channels = slice(1) if histogram.is_gray else slice(3)
    moved = descend_on_grid(
        histogram.colors[:, channels].astype(np.float32),
        start[:, channels],
        histogram.counts,
        low=0,
        high=255,
        n_fixed=int(is_kept.sum()),
        max_rounds=n_rounds,
        n_jobs=n_threads,
    )
    colors = np.broadcast_to(moved.astype(np.uint8), start.shape)
    return replace(palette, colors=sort_colors(colors))


def take_colors(histogram: Histogram) -> Palette:
    """Make a palette of all colors of a histogram, in storage order."""
    return Palette(sort_colors(histogram.colors), "found")


def measure_spacing(entries: NDArray[Any]) -> NDArray[Any]:
    """Return the distance from each row to the nearest that is not the same; 0 where there is none."""
    spacing = np.zeros(len(entries), entries.dtype)
    for row, entry in enumerate(entries):
        squares = np.square(entries - entry).sum(axis=1)
        spacing[row] = np.sqrt(squares[squares > 0].min(initial=np.inf))
    spacing[np.isinf(spacing)] = 0
    return spacing


def sort_colors(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return unique rows of colors in storage order: the least opaque first, then from dark to light."""
    # By luminance, neighbors in a picture get neighboring labels, which deflate packs better than labels by
    # frequency. A PNG's tRNS chunk ends at the last entry that is not opaque.
    # np.unique is asked for the counts, too: without them it would load masked arrays, in 10 ms.
    colors, _ = np.unique(colors, axis=0, return_counts=True)
    order = [colors[:, :3] @ LUMINANCE]
    if colors.shape[1] == 4:
        order.append(colors[:, 3])
    return colors[np.lexsort(order)]
