"""Pixels to unique colors and their counts: the compression that makes the stages after it cheap.

A photograph of ten million pixels has a few hundred thousand colors. Everything between loading and the
last table lookup works on those.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

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

    if keys.size <= _STRIP:
        return Histogram(*count(slice(keys.size)), picture.has_alpha)
    # A key and its count in one integer: sorting those is several times as fast as an argsort of the keys.
    strips = map_chunks(lambda strip: _pack(*count(strip)), keys.size, _STRIP, n_threads, picture.n_frames)
    packed = np.concatenate(strips)
    packed.sort()
    return Histogram(*_merge(packed), picture.has_alpha)


def _pack(keys: NDArray[np.uint32], counts: NDArray[np.int64]) -> NDArray[np.uint64]:
    packed: NDArray[np.uint64] = keys.astype(np.uint64)
    packed <<= np.uint64(32)
    packed |= counts.view("u8")
    return packed


def _merge(packed: NDArray[np.uint64]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Add up the counts of equal keys, which stand together; in place, as all pixels may be of different colors."""
    keys = (packed >> np.uint64(32)).astype("<u4")
    packed &= np.uint64(0xFFFFFFFF)
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    if len(first) == len(keys):
        return keys, packed.view("i8")
    return keys[first], np.add.reduceat(packed.view("i8"), first)


def sum_by_label(labels: NDArray[Any], n_labels: int, *factors: NDArray[Any]) -> NDArray[np.float64]:
    """Sum up weights, which are products of factors, for each label.

    Parameters
    ----------
    labels : ndarray of shape (n,), dtype any integer
    n_labels : int
    *factors : ndarrays of shape (n,)

    Returns
    -------
    ndarray of shape (n_labels,)
        As of ``np.bincount``, which would hold all labels and weights in eight bytes each.
    """
    sums = np.zeros(n_labels)
    for start in range(0, len(labels), _STRIP):
        strip = slice(start, start + _STRIP)
        sums += np.bincount(labels[strip], math.prod(factor[strip].astype(np.float64) for factor in factors), n_labels)
    return sums


def add_up(histograms: Iterable[Histogram]) -> Histogram | None:
    """Add up histograms that are taken one at a time; None where there is none.

    Those of about one size are added to each other first: a frame's few colors are not sorted into those of a million
    frames each time, and what is held is at most three times the largest.
    """
    waiting: list[Histogram] = []
    for histogram in histograms:
        waiting.append(histogram)
        while len(waiting) > 1 and len(waiting[-2]) < 2 * len(waiting[-1]):
            waiting[-2:] = [waiting[-2] + waiting[-1]]
    while len(waiting) > 1:
        waiting[-2:] = [waiting[-2] + waiting[-1]]
    return waiting[0] if waiting else None


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
