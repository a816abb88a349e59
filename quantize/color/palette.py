"""Centers to a palette: rounded to 8 bits, without duplicates, in the order in which it is stored."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.spaces import to_colors
from quantize.records import Fit, Histogram, Palette

_LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Weights of R, G and B in luminance: ITU-R BT.709, the primaries of sRGB."""


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
    return Palette(_in_storage_order(colors), fit)


def take_colors(histogram: Histogram) -> Palette:
    """Make a palette of all colors of a histogram, in storage order."""
    return Palette(_in_storage_order(histogram.colors))


def measure_spacing(entries: NDArray[Any]) -> NDArray[Any]:
    """Return the distance from each row to the nearest that is not the same; 0 where there is none."""
    spacing = np.zeros(len(entries), entries.dtype)
    for row, entry in enumerate(entries):
        squares = np.square(entries - entry).sum(axis=1)
        spacing[row] = np.sqrt(squares[squares > 0].min(initial=np.inf))
    spacing[np.isinf(spacing)] = 0
    return spacing


def _in_storage_order(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # By luminance, neighbors in a picture get neighboring labels, which deflate packs better than labels by
    # frequency. The least opaque come first, because a PNG's tRNS chunk ends at the last of them.
    # Asked for the counts, too: without them numpy would load its masked arrays, in 10 ms.
    colors, _ = np.unique(colors, axis=0, return_counts=True)
    order = [colors[:, :3] @ _LUMA]
    if colors.shape[1] == 4:
        order.append(colors[:, 3])
    return colors[np.lexsort(order)]
