"""Which of two colors can be read on the other: the contrast of the Web Content Accessibility Guidelines 2."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantize.records.srgb import LUMINANCE, decode

MIN_CONTRAST = 4.5
"""Of text, at level AA."""


def measure_luminance(colors: ArrayLike) -> NDArray[np.float64]:
    """Measure the relative luminance of 8-bit sRGB colors of shape (..., 3): 0 to 1."""
    luminance: NDArray[np.float64] = decode(np.asarray(colors) / 255) @ LUMINANCE
    return luminance


def contrast_of(one: float, other: float) -> float:
    """Measure the contrast of two luminances: 1 to 21."""
    dark, light = sorted((one, other))
    return (light + 0.05) / (dark + 0.05)


def contrasting(rgb: Iterable[float]) -> tuple[int, int, int]:
    """Choose black or white, whichever has the larger contrast on an 8-bit sRGB color: at least 4.58."""
    luminance = float(measure_luminance(list(rgb)))
    return (0, 0, 0) if contrast_of(luminance, 0) > contrast_of(luminance, 1) else (255, 255, 255)
