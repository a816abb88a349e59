"""How good a result is, in the measures that a target may name: one number each, of a `Quantized`, as in its report."""

import math

from quantize.color.measure.difference import ciede2000_difference, summarize_differences
from quantize.color.measure.metrics import measure_error, pair_colors
from quantize.color.measure.ssim import measure_ssim
from quantize.errors import InputError
from quantize.records.quantized import Quantized


def psnr(quantized: Quantized) -> float:
    """Peak signal-to-noise ratio in dB, as in the report; infinite without error."""
    value = measure_error(quantized)["psnr"]
    return math.inf if value is None else value


def ssim(quantized: Quantized) -> float:
    """Mean structural similarity, up to 1.

    Raises
    ------
    InputError
        The picture is smaller than a window.
    """
    value = measure_ssim(quantized)
    if value is None:
        width, height = quantized.picture.size
        raise InputError(
            f"{quantized.picture.source.name}: is {width}x{height}, too small for ssim, which compares windows of "
            "11x11; use psnr or delta-e"
        )
    return value


def delta_e(quantized: Quantized) -> float:
    """Mean CIEDE2000 between the colors and what they became, over all pixels."""
    pairs = pair_colors(quantized)
    differences = ciede2000_difference(pairs.colors, pairs.labels, quantized.palette.colors)
    return summarize_differences(differences, pairs.counts)["mean"]
