"""How much of the structure is left: SSIM (Z. Wang et al., IEEE Transactions on Image Processing 13:600, 2004).

The Gaussian window, sigma and constants of the paper, as scikit-image has them, on all three channels, at full scale.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.measure.difference import lay_on_black_and_white
from quantize.parallel.progress import counted
from quantize.parallel.threads import map_chunks
from quantize.records.quantized import Quantized

_SIGMA = 1.5
_RADIUS = 5
"""Of the window at that sigma: 11 by 11 pixels in the paper, and by the rule of scikit-image."""

_STRIP = 1 << 18
"""Pixels compared at a time: scikit-image holds about a dozen arrays of them."""

_WIDEST = _STRIP // (2 * _RADIUS)
"""Pixels in a row from which on a strip would be less than its margins."""


def measure_ssim(quantized: Quantized) -> float | None:
    """Measure the mean structural similarity between a picture and what it became.

    Parameters
    ----------
    quantized : Quantized

    Returns
    -------
    float or None
        Up to 1, which is no difference: mean over all windows that lie in the picture whole, over the channels and
        over the frames. With alpha, mean of the pictures laid on black and on white. None below 11 pixels a side.
    """
    width, height = quantized.picture.size
    if min(width, height) <= 2 * _RADIUS:
        return None
    labels = quantized.labels.reshape(-1, height, width)
    frames = quantized.picture.pixels.reshape(*labels.shape, -1)
    values = [_compare(quantized, *pair) for pair in zip(frames, counted(labels), strict=True)]
    return float(np.mean(values))


def _compare(quantized: Quantized, frame: NDArray[np.uint8], labels: NDArray[Any]) -> float:
    if labels.shape[1] > max(labels.shape[0], _WIDEST):
        frame, labels = frame.swapaxes(0, 1), labels.T  # the window is the same either way
    height, width = labels.shape
    n_centers = height - 2 * _RADIUS

    def sum_up(rows: slice) -> float:
        # Strips overlap by the margin that each window needs, and that scikit-image leaves out of its mean: their sums
        # together are the sum over the whole, in bounded memory.
        strip = slice(rows.start, rows.stop + 2 * _RADIUS)
        return float(_ssim(frame[strip], quantized.palette.colors[labels[strip]]) * (rows.stop - rows.start))

    step = max(1, _STRIP // width)
    return float(sum(map_chunks(sum_up, n_centers, step, quantized.settings.n_threads)) / n_centers)


def _ssim(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    from skimage.metrics import structural_similarity

    looks = zip(*(lay_on_black_and_white(pixels.reshape(-1, pixels.shape[-1])) for pixels in (one, other)), strict=True)
    shape = (*one.shape[:2], 3)
    values = [
        structural_similarity(
            before.reshape(shape).astype(np.float32),  # as near as 1e-8 to float64, in half its time
            after.reshape(shape).astype(np.float32),
            gaussian_weights=True,
            sigma=_SIGMA,
            use_sample_covariance=False,
            data_range=255,
            channel_axis=-1,
        )
        for before, after in looks
    ]
    return float(np.mean(values))
