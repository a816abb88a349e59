"""How good a result is, in the measures that a target may name: one number each, of a `Quantized`.

SSIM (Z. Wang et al., IEEE Transactions on Image Processing 13:600, 2004) and CIEDE2000 (CIE 142-2001) come from
scikit-image, imported when one of them is asked for. What has alpha is laid on black and on white, and both count.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.metrics import measure_error, pair_colors
from quantize.errors import InputError
from quantize.records import Quantized

Colors = NDArray[np.uint8]

SSIM_WINDOW = 11
"""Pixels a side of the window of SSIM: the paper's."""


def psnr(quantized: Quantized) -> float:
    """Peak signal-to-noise ratio in dB, as in the report; infinite without error."""
    value = measure_error(quantized)["psnr"]
    return math.inf if value is None else value


def ssim(quantized: Quantized) -> float:
    """Mean structural similarity over all windows and channels, up to 1, with the paper's window and constants.

    Raises
    ------
    InputError
        The picture is smaller than a window.
    """
    from skimage.metrics import structural_similarity

    width, height = quantized.picture.size
    if min(width, height) < SSIM_WINDOW:
        raise InputError(
            f"{quantized.picture.source.name}: is {width}x{height}, too small for ssim, which compares windows of "
            f"{SSIM_WINDOW}x{SSIM_WINDOW}; use psnr or delta-e"
        )
    values = [
        structural_similarity(
            one.astype(np.float32), other.astype(np.float32), gaussian_weights=True, sigma=1.5,
            use_sample_covariance=False, data_range=255, channel_axis=-1,
        )
        for before, after in zip(_looks(quantized.picture.pixels), _looks(quantized.pixels), strict=True)
        for one, other in zip(before.reshape(-1, height, width, 3), after.reshape(-1, height, width, 3), strict=True)
    ]  # fmt: skip
    return float(np.mean(values))


def delta_e(quantized: Quantized) -> float:
    """Mean CIEDE2000 between the colors and what they became, over all pixels."""
    from skimage.color import deltaE_ciede2000

    colors, counts, labels = pair_colors(quantized)
    squares = [
        deltaE_ciede2000(_to_lab(one), _to_lab(other)[labels]) ** 2
        for one, other in zip(_looks(colors), _looks(quantized.palette.colors), strict=True)
    ]
    differences = np.sqrt(np.mean(squares, axis=0))
    return float(differences @ counts / counts.sum())


def _to_lab(colors: Colors) -> NDArray[Any]:
    from skimage.color import rgb2lab

    lab: NDArray[Any] = rgb2lab(np.divide(colors, 255, dtype=np.float32))
    return lab


def _looks(colors: Colors) -> list[Colors]:
    if colors.shape[-1] == 3:
        return [colors]
    alpha = colors[..., 3:] / np.float32(255)
    return [np.rint(colors[..., :3] * alpha + back * (1 - alpha)).astype(np.uint8) for back in (0, 255)]
