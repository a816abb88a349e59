"""Pixels to unique colors and their counts: the compression that makes the stages after it cheap.

A photograph of ten million pixels has a few hundred thousand colors. Everything between loading and the
last table lookup works on those.
"""

import numpy as np

from quantize.records import Histogram, Picture

_STRIP = 1 << 22
"""Pixels sorted at a time: bounds the sorted copy to 16 MB; one sort is fastest below this."""


def count_colors(picture: Picture) -> Histogram:
    """Count the unique colors of a picture.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    Histogram
        With int64 counts that sum to the number of pixels.
    """
    keys = picture.keys.reshape(-1)
    strips = (keys[start : start + _STRIP] for start in range(0, keys.size, _STRIP))
    histograms = (Histogram(*np.unique(strip, return_counts=True), picture.has_alpha) for strip in strips)
    total = next(histograms)
    for histogram in histograms:
        total = total + histogram
    return total
