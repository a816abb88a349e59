"""What sRGB says of its own values: the transfer curve, luminance, and what a color with alpha looks like on a ground.

IEC 61966-2-1:1999; the weights of luminance are those of ITU-R BT.709, whose primaries sRGB has.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Weights of R, G and B."""


def decode(values: NDArray[Any]) -> NDArray[Any]:
    """Take the transfer curve off values in 0..1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lay_on(colors: NDArray[np.uint8], ground: Any) -> NDArray[np.uint8]:
    """Lay colors of shape (..., 4) on a ground of 0 to 255, one for all or one for each: shape (..., 3), rounded."""
    alpha = colors[..., 3:].astype(np.float32) / 255
    laid: NDArray[np.uint8] = np.rint(colors[..., :3] * alpha + ground * (1 - alpha)).astype(np.uint8)
    return laid
