"""What remains of an error after the eye has blurred it: dots that lie close are seen as their mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.measure.ciede2000 import square_ciede2000, to_lab
from quantize.color.measure.difference import lay_on_black_and_white
from quantize.records.quantized import Quantized

SIGMA = 1.5
"""Standard deviation of the blur in pixels: what an eye at arm's length makes of a screen of 96 pixels per inch."""


_REACH = 6
"""Pixels on either side that the blur takes: four standard deviations."""

_WEIGHTS = np.exp(-0.5 * np.square(np.arange(-_REACH, _REACH + 1) / SIGMA)).astype(np.float32)
_WEIGHTS /= _WEIGHTS.sum()


def measure_blurred_mse(quantized: Quantized) -> float:
    """Measure the mean squared error after the blur, summed over the channels; with alpha, over black and white too.

    To blur both pictures is to blur their difference, which is done a channel at a time.
    """
    picture = quantized.picture
    width, height = picture.size
    before = picture.pixels.reshape(-1, height, width, picture.pixels.shape[-1])
    labels = quantized.labels.reshape(-1, height, width)
    total = 0.0
    for one, rows in zip(before, labels, strict=True):
        after = quantized.palette.colors[rows]
        looks = list(
            zip(*(lay_on_black_and_white(side.reshape(-1, side.shape[-1])) for side in (one, after)), strict=True)
        )
        for source, result in looks:
            for channel in range(3):
                difference = np.subtract(source[:, channel], result[:, channel], dtype=np.float32)
                smooth = _smooth(_smooth(difference.reshape(height, width)).T).reshape(-1)
                total += float(smooth @ smooth) / len(looks)
    return total / labels.size


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
    picture = quantized.picture
    width, height = picture.size
    before = picture.pixels.reshape(-1, height, width, picture.pixels.shape[-1])
    labels = quantized.labels.reshape(-1, height, width)
    frames = [_compare(one, quantized.palette.colors[rows]) for one, rows in zip(before, labels, strict=True)]
    return np.stack(frames).reshape(quantized.labels.shape)


def _compare(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.float32]:
    looks = zip(*(lay_on_black_and_white(side.reshape(-1, side.shape[-1])) for side in (before, after)), strict=True)
    height, width = before.shape[:2]
    squares = [square_ciede2000(*(to_lab(_blur(side.reshape(height, width, 3))) for side in pair)) for pair in looks]
    differences: NDArray[Any] = np.sqrt(np.mean(squares, axis=0)).reshape(height, width)
    return differences.astype(np.float32)


def _blur(pixels: NDArray[np.uint8]) -> NDArray[Any]:
    """Blur a look of shape (height, width, 3), and give its pixels row by row."""
    channels = [_smooth(_smooth(channel.astype(np.float32)).T).T for channel in np.moveaxis(pixels, -1, 0)]
    return np.stack(channels, axis=-1).reshape(-1, 3)
