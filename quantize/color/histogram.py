"""Pixels to unique colors and their counts: the compression that makes the stages after it cheap.

A photograph of ten million pixels has a few hundred thousand colors. Everything between loading and the
last table lookup works on those.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans import draw_systematically
from quantize.parallel.threads import map_chunks
from quantize.records.picture import Histogram, Picture

_STRIP = 1 << 21
"""Pixels sorted at a time: bounds the sorted copies, and gives several threads something to share."""


def count_colors(picture: Picture, n_threads: int = 1) -> Histogram:
    """Count the unique colors of a picture.

    Parameters
    ----------
    picture : Picture
    n_threads : int

    Returns
    -------
    Histogram
        With int64 counts that sum to the number of pixels.
    """
    keys = picture.keys.reshape(-1)

    def count(strip: slice) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        return np.unique(keys[strip], return_counts=True)

    strips = map_chunks(count, keys.size, _STRIP, n_threads)
    unique, counts = strips[0] if len(strips) == 1 else _merge(strips)
    return Histogram(unique, counts, picture.has_alpha)


def _merge(
    strips: list[tuple[NDArray[np.uint32], NDArray[np.int64]]],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    # A key and its count in one integer: sorting those is several times as fast as an argsort of the keys.
    packed = np.concatenate([keys.astype(np.uint64) << np.uint64(32) | counts.view("u8") for keys, counts in strips])
    packed.sort()
    keys = (packed >> np.uint64(32)).astype("<u4")
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[first], np.add.reduceat((packed & np.uint64(0xFFFFFFFF)).view("i8"), first)


def list_colors(colors: Sequence[tuple[int, int, int]], has_alpha: bool = False) -> Histogram:
    """Make a histogram of some opaque colors, each once, that count for nothing."""
    opaque = 0xFF000000 if has_alpha else 0
    keys = np.array(sorted({r | g << 8 | b << 16 | opaque for r, g, b in colors}), "<u4")
    return Histogram(keys, np.zeros(len(keys)), has_alpha)


def pack_colors(colors: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Pack colors, rows of 3 or 4 channels, into keys as in `Picture`."""
    channels = np.zeros((len(colors), 4), np.uint8)
    channels[:, : colors.shape[1]] = colors
    keys: NDArray[np.uint32] = channels.view("<u4")[:, 0]
    return keys


def draw_colors(histogram: Histogram, n_draws: int) -> Histogram:
    """Draw a sample of the pixels, by even steps along the cumulative counts.

    Parameters
    ----------
    histogram : Histogram
    n_draws : int

    Returns
    -------
    Histogram
        The colors that were drawn, with how often they were; all of them as they are if there are no more.
    """
    if len(histogram) <= n_draws:
        return histogram
    rows, counts = np.unique(draw_systematically(np.cumsum(histogram.counts), n_draws), return_counts=True)
    return Histogram(histogram.keys[rows], counts, histogram.has_alpha)
