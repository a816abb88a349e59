"""The order in which people look at a palette: the commonest first, from dark to light, or by hue.

None of them is the order in which the colors are stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.spaces import to_points
from quantize.records.quantized import Quantized

_N_HUES = 12
"""Sectors of the circle of hues, as on a painter's wheel: within each, colors go from dark to light."""

_GRAYISH = 0.06
"""Chroma up to which a color goes with the grays, in Oklab with a and b doubled: that of #808080 against #887d7a, by
eye on palettes of photographs. What hue such a color has is hard to see."""

Order = NDArray[np.intp]


def by_share(quantized: Quantized) -> Order:
    """Put the most frequent color first."""
    return np.argsort(-quantized.counts, kind="stable")


def by_lightness(quantized: Quantized) -> Order:
    """Put the darkest color first, in Oklab."""
    return np.argsort(_place(quantized)[:, 0], kind="stable")


def by_hue(quantized: Quantized) -> Order:
    """Put grays first, then sectors of hue from red on, each from dark to light."""
    lightness, a, b = _place(quantized).T
    hues = np.arctan2(b, a) / (2 * np.pi) * _N_HUES
    sectors = np.where(np.hypot(a, b) <= _GRAYISH, -1, np.floor(hues) % _N_HUES)
    return np.lexsort((lightness, sectors))


SORTS: dict[str, Callable[[Quantized], Order]] = {"hue": by_hue, "lightness": by_lightness, "share": by_share}


def _place(quantized: Quantized) -> NDArray[Any]:
    # By the color itself, however transparent it is.
    return to_points(quantized.palette.colors[:, :3], "oklab")
