"""The number of each pixel's color among those of a histogram."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.records.picture import Histogram, coarsen

TABLE_PIXELS = 1 << 16
"""From about this many pixels on, filling a table of 2^24 bytes costs less than one binary search per pixel."""

_BLOCK_BITS = 8
"""Of a key, that tell it apart in its block: a block has no more colors than a byte tells apart."""


def make_numbering(histogram: Histogram, n_pixels: int) -> Callable[[NDArray[np.uint32]], NDArray[Any]]:
    """Make a function that takes keys of pixels to the rows of a histogram, strip by strip.

    Parameters
    ----------
    histogram : Histogram
        Holds every color that will be asked for, or its cell.
    n_pixels : int
        How many will be asked for in all.
    """
    keys = histogram.keys
    if histogram.has_alpha or not histogram.is_exact or n_pixels < TABLE_PIXELS:
        return lambda here: np.searchsorted(keys, coarsen(here, histogram.n_bits))
    # Rows in two parts, since a table of whole ones has four times the bytes: 64 MB take longer than all the rest.
    places = np.empty(1 << 24, np.uint8)
    if len(keys) <= 1 << 8:
        places[keys] = np.arange(len(keys))
        return lambda here: places.take(here, mode="clip")
    blocks = keys >> _BLOCK_BITS
    starts = np.flatnonzero(np.diff(blocks, prepend=blocks[:1] + 1))
    firsts = np.zeros(1 << (24 - _BLOCK_BITS), np.intp)
    firsts[blocks[starts]] = starts
    places[keys] = np.arange(len(keys)) - firsts.take(blocks)

    def number(here: NDArray[np.uint32]) -> NDArray[Any]:
        # Nothing is out of bounds; to clip what is not takes a quarter of the time of looking.
        rows = firsts.take(here >> _BLOCK_BITS, mode="clip")
        rows += places.take(here, mode="clip")
        return rows

    return number
