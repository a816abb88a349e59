"""What a conversion lost: errors between source colors and the palette colors they became."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors
from quantize.color.measure.difference import ciede2000_difference, summarize_differences
from quantize.color.measure.lost import find_lost
from quantize.color.remap import look_up
from quantize.color.spaces import premultiply
from quantize.parallel.threads import map_chunks
from quantize.records.picture import Histogram
from quantize.records.quantized import Quantized

if TYPE_CHECKING:
    from quantize.records.report import BlurredFacts, ErrorFacts, LossFacts

PEAK = 255.0

_STRIP = 1 << 18
"""Pixels whose pairs are looked up at a time: bounds what that takes."""


class Pairs(NamedTuple):
    """The unique pairs of a source color and the palette row it became.

    Attributes
    ----------
    colors : ndarray of shape (n_pairs, 3) or (n_pairs, 4), dtype uint8
    counts : ndarray of shape (n_pairs,)
        Pixels of each pair.
    labels : ndarray of shape (n_pairs,)
        Palette rows.
    """

    colors: NDArray[np.uint8]
    counts: NDArray[Any]
    labels: NDArray[Any]


def measure_error(quantized: Quantized) -> ErrorFacts:
    """Measure the error of a conversion, over its unique colors rather than its pixels."""
    return _measure_error(pair_colors(quantized), quantized.palette.colors)


def measure_loss(quantized: Quantized) -> LossFacts:
    """Measure what a conversion lost, still over its unique colors."""
    pairs = pair_colors(quantized)
    return _measure_loss(quantized, pairs, _measure_differences(quantized, pairs), with_spots=False)


def measure_everything(quantized: Quantized) -> LossFacts:
    """Measure everything, and where in the picture it happened."""
    from quantize.color.measure.ssim import measure_ssim
    from quantize.color.measure.worst_regions import find_regions

    pairs = pair_colors(quantized)
    differences = _measure_differences(quantized, pairs)
    facts = _measure_loss(quantized, pairs, differences, with_spots=True)
    facts["ssim"] = measure_ssim(quantized)
    if facts["blurred"]:
        from quantize.color.measure.blur import map_blurred_ciede2000

        blurred = map_blurred_ciede2000(quantized).reshape(-1)
        facts["blurred"]["ciede2000"] = summarize_differences(blurred, np.ones(len(blurred)))
    facts["regions"] = find_regions(_spread_over_pixels(quantized, pairs, differences))
    return facts


LEVELS: dict[str, Callable[[Quantized], LossFacts | None]] = {
    "none": lambda quantized: None,
    "basic": measure_loss,
    "full": measure_everything,
}
"""How much to measure, by the name of the report's level."""


def map_ciede2000(quantized: Quantized) -> NDArray[np.float32]:
    """Measure the CIEDE2000 of every pixel, in the shape of the labels."""
    pairs = pair_colors(quantized)
    return _spread_over_pixels(quantized, pairs, _measure_differences(quantized, pairs))


def pair_colors(quantized: Quantized) -> Pairs:
    """List the unique pairs of a source color and the palette row it became."""
    histogram = quantized.histogram
    if quantized.color_labels is not None:
        return Pairs(histogram.colors, histogram.counts, quantized.color_labels)
    # Not np.unique, which sorts a copy: eight bytes per pixel are enough.
    codes = _encode_pairs(quantized.picture.keys, quantized.labels).reshape(-1)
    codes.sort()
    first = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
    codes, counts = codes[first], np.diff(first, append=len(codes))
    keys = (codes >> np.uint64(16)).astype("<u4")
    return Pairs(Histogram(keys, counts, histogram.has_alpha).colors, counts, codes.astype(np.uint16))


def mean_squared_error(colors: NDArray[np.uint8], counts: NDArray[Any], replacements: NDArray[np.uint8]) -> float:
    """Sum over red, green and blue of the squared 8-bit error, averaged over pixels.

    Parameters
    ----------
    colors, replacements : ndarray of shape (n, 3) or (n, 4), dtype uint8
        A color and what became of it. With alpha, the mean of the errors on black and on white: so all fully
        transparent pixels are equal, and an opaque pixel counts as it does without alpha.
    counts : ndarray of shape (n,)
        Pixels of each color.

    Returns
    -------
    float
    """
    if colors.shape[1] == 4:
        squares = np.empty(len(colors))
        for start in range(0, len(colors), _STRIP):
            rows = slice(start, start + _STRIP)
            squares[rows] = _square_with_alpha(colors[rows], replacements[rows])
    else:
        squares = np.zeros(len(colors), np.int32)
        for before, after in zip(
            colors.T, replacements.T, strict=True
        ):  # a channel at a time, in half the time of rows
            squares += np.square(np.subtract(before, after, dtype=np.int32))
    return float(squares @ counts / counts.sum())


def _square_with_alpha(colors: NDArray[np.uint8], replacements: NDArray[np.uint8]) -> NDArray[Any]:
    difference = premultiply(colors) - premultiply(replacements)
    on_black, alpha = difference[:, :3], difference[:, 3:]
    squares: NDArray[Any] = (np.square(on_black) + np.square(on_black - alpha)).sum(axis=1) / 2
    return squares


def peak_signal_to_noise_ratio(mse: float) -> float | None:
    """Peak signal-to-noise ratio per channel in dB; None for a picture without error.

    Parameters
    ----------
    mse : float
        As from `mean_squared_error`: summed over three channels.
    """
    return 10 * math.log10(3 * PEAK**2 / mse) if mse else None


def _measure_error(pairs: Pairs, palette: NDArray[np.uint8]) -> ErrorFacts:
    mse = mean_squared_error(pairs.colors, pairs.counts, palette.take(pairs.labels, axis=0))
    return {"mse": mse, "rmse": math.sqrt(mse), "psnr": peak_signal_to_noise_ratio(mse)}


def _measure_differences(quantized: Quantized, pairs: Pairs) -> NDArray[np.float32]:
    return ciede2000_difference(pairs.colors, pairs.labels, quantized.palette.colors)


def _measure_loss(
    quantized: Quantized, pairs: Pairs, differences: NDArray[np.float32], *, with_spots: bool
) -> LossFacts:
    return {
        **_measure_error(pairs, quantized.palette.colors),
        "ciede2000": summarize_differences(differences, pairs.counts),
        "lost": find_lost(quantized, *pairs, with_spots=with_spots),
        "blurred": _measure_blurred(quantized),
        "ssim": None,
        "regions": None,
    }


def _measure_blurred(quantized: Quantized) -> BlurredFacts | None:
    # Without a dither there are no dots for the eye to mix.
    if quantized.settings.dither == "none":
        return None
    from quantize.color.measure.blur import measure_blurred_mse

    return {"psnr": peak_signal_to_noise_ratio(measure_blurred_mse(quantized)), "ciede2000": None}


def _spread_over_pixels(quantized: Quantized, pairs: Pairs, values: NDArray[Any]) -> NDArray[Any]:
    """Give every pixel the value of its pair."""
    if quantized.color_labels is not None:
        return look_up(quantized.picture, quantized.histogram, values)
    codes = _encode_pairs(pack_colors(pairs.colors), pairs.labels)
    spread = np.empty(quantized.labels.shape, values.dtype)
    keys, labels, pixels = (array.reshape(-1) for array in (quantized.picture.keys, quantized.labels, spread))

    def fill(strip: slice) -> None:
        pixels[strip] = values[np.searchsorted(codes, _encode_pairs(keys[strip], labels[strip]))]

    map_chunks(fill, keys.size, _STRIP)
    return spread


def _encode_pairs(keys: NDArray[np.uint32], labels: NDArray[Any]) -> NDArray[np.uint64]:
    codes: NDArray[np.uint64] = keys.astype(np.uint64)
    codes <<= np.uint64(16)
    codes |= labels.astype(np.uint16)
    return codes
