"""What a conversion lost: errors between source colors and the palette colors they became."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.records import ErrorFacts, Histogram, Quantized

PEAK = 255.0


def measure_error(quantized: Quantized) -> ErrorFacts:
    """Measure what a conversion lost, over its unique colors rather than its pixels."""
    colors, counts, labels = pair_colors(quantized)
    mse = mean_squared_error(colors, counts, quantized.palette.colors[labels])
    return {"mse": mse, "rmse": math.sqrt(mse), "psnr": peak_signal_to_noise_ratio(mse, colors.shape[1])}


def pair_colors(quantized: Quantized) -> tuple[NDArray[np.uint8], NDArray[Any], NDArray[Any]]:
    """List the unique pairs of a source color and the palette row it became.

    Returns
    -------
    colors : ndarray of shape (n_pairs, 3) or (n_pairs, 4), dtype uint8
    counts : ndarray of shape (n_pairs,)
        Pixels of each pair.
    labels : ndarray of shape (n_pairs,)
        Palette rows.
    """
    histogram = quantized.histogram
    if quantized.color_labels is not None:
        return histogram.colors, histogram.counts, quantized.color_labels
    pairs = quantized.picture.keys.astype(np.uint64) << np.uint64(16) | quantized.labels
    unique, counts = np.unique(pairs, return_counts=True)
    keys = (unique >> np.uint64(16)).astype("<u4")
    return Histogram(keys, counts, histogram.has_alpha).colors, counts, unique & np.uint64(0xFFFF)


def mean_squared_error(colors: NDArray[np.uint8], counts: NDArray[Any], replacements: NDArray[np.uint8]) -> float:
    """Sum over the channels of the squared 8-bit error, averaged over pixels.

    Parameters
    ----------
    colors, replacements : ndarray of shape (n, 3) or (n, 4), dtype uint8
        A color and what became of it. With alpha, premultiplied colors are compared, and alpha is the fourth
        channel; so all fully transparent pixels are equal.
    counts : ndarray of shape (n,)
        Pixels of each color.

    Returns
    -------
    float
    """
    if colors.shape[1] == 4:
        difference = _premultiply(colors) - _premultiply(replacements)
        squares = np.einsum("ij,ij->i", difference, difference)
    else:
        integers = colors.astype(np.int32) - replacements
        squares = np.einsum("ij,ij->i", integers, integers)
    return float(squares @ counts / counts.sum())


def peak_signal_to_noise_ratio(mse: float, n_channels: int) -> float | None:
    """Peak signal-to-noise ratio per channel in dB; None for a picture without error.

    Parameters
    ----------
    mse : float
        As from `mean_squared_error`: summed over channels.
    n_channels : int
        Channels in that sum.
    """
    return 10 * math.log10(PEAK**2 * n_channels / mse) if mse else None


def _premultiply(colors: NDArray[np.uint8]) -> NDArray[np.float64]:
    wide = colors.astype(np.float64)
    wide[:, :3] *= wide[:, 3:] / PEAK
    return wide
