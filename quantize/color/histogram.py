"""Pixels to unique colors and their counts: the compression that makes the stages after it cheap.

A photograph of ten million pixels has a few hundred thousand colors. Everything between loading and the
last table lookup works on those.
"""

import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans import draw_systematically
from quantize.parallel.threads import map_chunks
from quantize.records.picture import Histogram, Picture, coarsen

MOST_COLORS = {False: 1 << 22, True: 1 << 21}
"""Colors that are held each for itself, without and with alpha, whose points have a dimension more: photographs
of ten megapixels have half a million. Beyond, the search for a palette sees cells, and all pixels are still remapped
and measured as they are. On two photographs with noise, in 16, 64 and 256 colors, cells of 7 bits changed the mean over
eight seeds of the mean squared error by 0.06% at most, where one seed differs from the next by 0.4%. RGBA noise is put
into cells of 5 bits, at 0.3%."""

_STRIP = 1 << 20
"""Pixels sorted at a time: bounds the sorted copies, and gives several threads something to share."""


_KEY = np.uint64(0xFFFFFFFF00000000)

_AT_ONCE = 1 << 18
"""Labels and weights that are held in eight bytes each."""


def count_colors(picture: Picture, n_threads: int = 1) -> Histogram:
    """Count the unique colors of a picture.

    Parameters
    ----------
    picture : Picture
    n_threads : int

    Returns
    -------
    Histogram
        With int64 counts that sum to the number of pixels. Of cells, where there are too many colors to hold.
    """
    keys = picture.keys.reshape(-1)
    if keys.size <= _STRIP:
        return Histogram(*np.unique(keys, return_counts=True), picture.has_alpha)
    tally = Tally(MOST_COLORS[picture.has_alpha])

    def count(strip: slice) -> None:
        tally.add(*np.unique(keys[strip], return_counts=True))

    map_chunks(count, keys.size, _STRIP, n_threads, picture.n_frames)
    return tally.sum_up(picture.has_alpha)


class Tally:
    """Colors counted strip by strip, in any order, and put into coarser cells whenever there are more than `most`."""

    def __init__(self, most: int) -> None:
        self.n_bits = 8
        self._most = most
        # A key and its count in one integer: sorting those is several times as fast as an argsort of the keys.
        self._packed = np.empty(most + _STRIP, "<u8")
        self._n = 0
        self._lock = threading.Lock()

    def add(self, keys: NDArray[np.uint32], counts: NDArray[np.int64]) -> None:
        """Count the keys of a strip, that many times each; from any thread."""
        with self._lock:
            if self._n + len(keys) > len(self._packed):
                self._merge()
            added = self._packed[self._n : self._n + len(keys)]
            added[:] = coarsen(keys, self.n_bits)
            added <<= np.uint64(32)
            added |= counts.view("u8")
            self._n += len(keys)

    def sum_up(self, has_alpha: bool) -> Histogram:
        """Give all that was counted."""
        self._merge()
        packed = self._packed[: self._n].view("<u4")
        return Histogram(packed[1::2].copy(), packed[::2].astype(np.int64), has_alpha, self.n_bits)

    def _merge(self) -> None:
        self._add_equal()
        while self._n > self._most:
            self.n_bits -= 1
            keys = self._packed.view("<u4")[1::2]
            for start in range(0, self._n, _AT_ONCE):
                some = slice(start, min(start + _AT_ONCE, self._n))
                keys[some] = coarsen(keys[some].copy(), self.n_bits)
            self._add_equal()

    def _add_equal(self) -> None:
        """Add up the counts of equal keys, without a copy where there are none: all pixels may be of other colors."""
        packed = self._packed[: self._n]
        packed.sort()
        keys = packed.view("<u4")[1::2]
        first = np.ones(len(packed), bool)
        np.not_equal(keys[1:], keys[:-1], out=first[1:])
        if first.all():
            return
        starts = np.flatnonzero(first)
        merged = packed[starts] & _KEY
        packed &= ~_KEY
        merged |= np.add.reduceat(packed, starts)
        self._n = len(merged)
        packed[: self._n] = merged


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
    for start in range(0, len(labels), _AT_ONCE):
        strip = slice(start, start + _AT_ONCE)
        sums += np.bincount(labels[strip], math.prod(factor[strip].astype(np.float64) for factor in factors), n_labels)
    return sums


def count_labels(labels: NDArray[Any], n_labels: int) -> NDArray[np.int64]:
    """Count the pixels of each label: ``np.bincount`` would hold each label in eight bytes."""
    flat = labels.reshape(-1)
    counts = np.zeros(n_labels, np.int64)
    for start in range(0, flat.size, _AT_ONCE):
        counts += np.bincount(flat[start : start + _AT_ONCE], minlength=n_labels)
    return counts


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


def find_rows(histogram: Histogram, keys: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Find the rows of some colors in a histogram, each once; of those that it has."""
    keys = np.unique(keys)
    rows = np.searchsorted(histogram.keys, keys).clip(max=len(histogram) - 1)
    found: NDArray[np.intp] = rows[histogram.keys[rows] == keys]
    return found


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
    return replace(histogram, keys=histogram.keys[rows], counts=counts)
