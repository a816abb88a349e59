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
from quantize.parallel.threads import map_chunks, run_beside
from quantize.records.picture import Histogram
from quantize.records.quantized import Quantized

if TYPE_CHECKING:
    from quantize.records.report import BlurredFacts, ErrorFacts, LossFacts, LostFacts

PEAK = 255.0

_STRIP = 1 << 18
"""Pixels whose pairs are looked up at a time: bounds what that takes."""


_PAIRED = 1 << 20
"""Pixels whose pairs are sorted at a time."""

_MOST_PAIRS = 1 << 21
"""Pairs that are listed: more of them belong to pictures whose pixels nearly all differ."""

_SAMPLE = 1 << 20
"""Pixels at even distances that stand for all where there are more pairs: the mean squared error alone is still that of
every pixel."""


class Pairs(NamedTuple):
    """The unique pairs of a source color and the palette row it became.

    Attributes
    ----------
    colors : ndarray of shape (n_pairs, 3) or (n_pairs, 4), dtype uint8
    counts : ndarray of shape (n_pairs,)
        Pixels of each pair.
    labels : ndarray of shape (n_pairs,)
        Palette rows.
    are_all : bool
        Whether these are all pairs, rather than those of some pixels.
    """

    colors: NDArray[np.uint8]
    counts: NDArray[Any]
    labels: NDArray[Any]
    are_all: bool = True


def measure_error(quantized: Quantized) -> ErrorFacts:
    """Measure the error of a conversion, over its unique colors rather than its pixels, unless they are as many."""
    return _measure_error(quantized, pair_colors(quantized))


def measure_loss(quantized: Quantized) -> LossFacts:
    """Measure what a conversion lost, still over its unique colors."""
    pairs = pair_colors(quantized)
    lost = run_beside(lambda: find_lost(quantized, *pairs[:3], with_spots=False), quantized.settings.n_threads)
    return _measure_loss(quantized, pairs, _measure_differences(quantized, pairs), lost)


def measure_everything(quantized: Quantized) -> LossFacts:
    """Measure everything, and where in the picture it happened."""
    from quantize.color.measure.ssim import measure_ssim
    from quantize.color.measure.worst_regions import find_regions

    pairs = pair_colors(quantized)
    differences = _measure_differences(quantized, pairs)
    # Not beside the differences: a large picture has no room for both.
    facts = _measure_loss(quantized, pairs, differences, lambda: find_lost(quantized, *pairs[:3], with_spots=True))
    facts["ssim"] = measure_ssim(quantized)
    if facts["blurred"]:
        from quantize.color.measure.blur import map_blurred_ciede2000

        blurred = map_blurred_ciede2000(quantized).reshape(-1)
        facts["blurred"]["ciede2000"] = summarize_differences(blurred, np.broadcast_to(1, blurred.shape))
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
    """List the unique pairs of a source color and the palette row it became; of some pixels, where they are many."""
    histogram = quantized.histogram
    if quantized.color_labels is not None:
        return Pairs(histogram.colors, histogram.counts, quantized.color_labels)
    keys, labels = quantized.picture.keys.reshape(-1), quantized.labels.reshape(-1)
    found = _count_pairs(keys, labels) if histogram.is_exact else None
    if found is None:
        some = slice(None, None, -(-keys.size // _SAMPLE))
        found = np.unique(_encode_pairs(keys[some], labels[some]), return_counts=True)
        return _decode_pairs(*found, histogram.has_alpha)._replace(are_all=False)
    return _decode_pairs(*found, histogram.has_alpha)


def _list_pixels(quantized: Quantized) -> Pairs:
    """List all pixels as pairs that occur once; nothing is copied."""
    labels = quantized.labels.reshape(-1)
    colors = quantized.picture.pixels.reshape(labels.size, -1)
    return Pairs(colors, np.broadcast_to(np.int64(1), labels.shape), labels)


def _count_pairs(keys: NDArray[np.uint32], labels: NDArray[Any]) -> tuple[NDArray[np.uint64], NDArray[Any]] | None:
    """Count the codes of all pairs; None where they are more than `_MOST_PAIRS`."""
    codes, counts = np.empty(0, np.uint64), np.empty(0, np.int64)
    for start in range(0, keys.size, _PAIRED):
        strip = slice(start, start + _PAIRED)
        more = np.unique(_encode_pairs(keys[strip], labels[strip]), return_counts=True)
        if not start:
            codes, counts = more
            continue
        codes, counts = np.concatenate([codes, more[0]]), np.concatenate([counts, more[1]])
        order = codes.argsort(kind="stable")
        codes, counts = codes[order], counts[order]
        first = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
        codes, counts = codes[first], np.add.reduceat(counts, first)
        if len(codes) > _MOST_PAIRS:
            return None
    return codes, counts


def _decode_pairs(codes: NDArray[np.uint64], counts: NDArray[Any], has_alpha: bool) -> Pairs:
    keys = (codes >> np.uint64(16)).astype("<u4")
    return Pairs(Histogram(keys, counts, has_alpha).colors, counts, codes.astype(np.uint16))


def mean_squared_error(
    colors: NDArray[np.uint8], counts: NDArray[Any], labels: NDArray[Any], palette: NDArray[np.uint8]
) -> float:
    """Sum over red, green and blue of the squared 8-bit error, averaged over pixels.

    Parameters
    ----------
    colors : ndarray of shape (n, 3) or (n, 4), dtype uint8
        With alpha, the mean of the errors on black and on white: so all fully transparent pixels are equal, and an
        opaque pixel counts as it does without alpha.
    counts : ndarray of shape (n,)
        Pixels of each color.
    labels : ndarray of shape (n,)
        Rows of `palette` that the colors became.
    palette : ndarray of shape (n_colors, 3) or (n_colors, 4), dtype uint8

    Returns
    -------
    float
    """
    measure = _square_with_alpha if colors.shape[1] == 4 else _square
    total = 0.0
    for start in range(0, len(colors), _STRIP):
        rows = slice(start, start + _STRIP)
        total += float(measure(colors[rows], palette.take(labels[rows], axis=0)) @ counts[rows])
    return total / float(counts.sum())


def _square(colors: NDArray[np.uint8], replacements: NDArray[np.uint8]) -> NDArray[Any]:
    squares = np.zeros(len(colors), np.int32)
    for before, after in zip(colors.T, replacements.T, strict=True):  # a channel at a time, in half the time of rows
        squares += np.square(np.subtract(before, after, dtype=np.int32))
    return squares


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


def _measure_error(quantized: Quantized, pairs: Pairs) -> ErrorFacts:
    if not pairs.are_all:
        pairs = _list_pixels(quantized)
    mse = mean_squared_error(pairs.colors, pairs.counts, pairs.labels, quantized.palette.colors)
    return {"mse": mse, "rmse": math.sqrt(mse), "psnr": peak_signal_to_noise_ratio(mse)}


def _measure_differences(quantized: Quantized, pairs: Pairs) -> NDArray[np.float32]:
    return ciede2000_difference(pairs.colors, pairs.labels, quantized.palette.colors)


def _measure_loss(
    quantized: Quantized, pairs: Pairs, differences: NDArray[np.float32], lost: Callable[[], LostFacts]
) -> LossFacts:
    return {
        **_measure_error(quantized, pairs),
        "ciede2000": summarize_differences(differences, pairs.counts),
        "lost": lost(),
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
    """Give every pixel the CIEDE2000 of its pair."""
    if quantized.color_labels is not None:
        return look_up(quantized.picture, quantized.histogram, values)
    if not pairs.are_all:
        each = _measure_differences(quantized, _list_pixels(quantized))
        return each.reshape(quantized.labels.shape)
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
