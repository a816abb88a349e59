"""What remains of an error after the eye has blurred it: dots that lie close are seen as their mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.measure.ciede2000 import square_ciede2000, to_lab
from quantize.color.measure.difference import lay_on_black_and_white
from quantize.records.quantized import Quantized

SIGMA = 1.5
"""Standard deviation of the blur in pixels: what an eye at arm's length makes of a screen of 96 pixels per inch."""


_REACH = 6
"""Pixels on either side that the blur takes: four standard deviations."""

_STRIP = 1 << 18
"""Pixels blurred at a time: they take some 200 bytes each."""

_WEIGHTS = np.exp(-0.5 * np.square(np.arange(-_REACH, _REACH + 1) / SIGMA)).astype(np.float32)
_WEIGHTS /= _WEIGHTS.sum()


def measure_blurred_mse(quantized: Quantized) -> float:
    """Measure the mean squared error after the blur, summed over the channels; with alpha, over black and white too.

    To blur both pictures is to blur their difference, which is done a channel at a time.
    """
    total = sum(map(_sum_squares, _cut_strips(quantized)))
    return total / quantized.labels.size


class _Strip(NamedTuple):
    """Rows of a frame before and after, with what the blur takes from above and below the `inner` ones."""

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    inner: slice

    @property
    def looks(self) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
        """The two, on black and on white where they have alpha."""
        sides = (
            [look.reshape(*side.shape[:2], 3) for look in lay_on_black_and_white(side.reshape(-1, side.shape[-1]))]
            for side in (self.before, self.after)
        )
        return list(zip(*sides, strict=True))


def _cut_strips(quantized: Quantized) -> Iterator[_Strip]:
    """Cut all frames into strips, because the blur holds them in more bytes than a large picture has room for."""
    width, height = quantized.picture.size
    frames = quantized.picture.pixels.reshape(-1, height, width, quantized.picture.pixels.shape[-1])
    n_rows = max(1, _STRIP // width)
    for before, labels in zip(frames, quantized.labels.reshape(-1, height, width), strict=True):
        for top in range(0, height, n_rows):
            start, stop = max(0, top - _REACH), min(height, top + n_rows + _REACH)
            inner = slice(top - start, min(height, top + n_rows) - start)
            yield _Strip(before[start:stop], quantized.palette.colors[labels[start:stop]], inner)


def _sum_squares(strip: _Strip) -> float:
    total = 0.0
    for before, after in strip.looks:
        for channel in range(3):
            difference = np.subtract(before[..., channel], after[..., channel], dtype=np.float32)
            smooth = _smooth(_smooth(difference)[strip.inner].T).reshape(-1)
            total += float(smooth @ smooth) / len(strip.looks)
    return total


def _smooth(values: NDArray[Any]) -> NDArray[Any]:
    """Blur along the first axis; beyond the edge stands what stands at it."""
    length = len(values)
    padded = np.pad(values, ((_REACH, _REACH), (0, 0)), mode="edge")
    smooth = np.zeros_like(values)
    for offset, weight in enumerate(_WEIGHTS):
        smooth += weight * padded[offset : offset + length]
    return smooth


def map_blurred_ciede2000(quantized: Quantized) -> NDArray[np.float32]:
    """Measure CIEDE2000 of each pixel between the picture and its result, both blurred, in the shape of the labels.

    A picture with alpha is blurred on black and on white, as `ciede2000_difference` measures it.
    """
    strips = [_compare(strip) for strip in _cut_strips(quantized)]
    return np.concatenate(strips).reshape(quantized.labels.shape)


def _compare(strip: _Strip) -> NDArray[np.float32]:
    squares = [
        square_ciede2000(*(to_lab(_blur(side)[strip.inner].reshape(-1, 3)) for side in look)) for look in strip.looks
    ]
    differences: NDArray[Any] = np.sqrt(np.mean(squares, axis=0))
    return differences.astype(np.float32)


def _blur(pixels: NDArray[np.uint8]) -> NDArray[Any]:
    """Blur a look of shape (height, width, 3)."""
    channels = [_smooth(_smooth(channel.astype(np.float32)).T).T for channel in np.moveaxis(pixels, -1, 0)]
    return np.stack(channels, axis=-1)
