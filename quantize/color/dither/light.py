"""The values that add up where dots mix: 8-bit sRGB, or linear light.

Dots on a display with real dots (e-paper, LED, print) mix as light does: half of them white is 50% of the light, which
is gray 188. On a screen a picture is seen scaled, and most programs scale in sRGB: half white is gray 128.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.records.srgb import decode

Values = NDArray[np.float32]

_SRGB: Values = np.arange(256, dtype=np.float32)

_FINENESS = 256
"""Steps of linear light for one of sRGB: the darkest 8-bit values lie 20 apart. Sums of errors are still exact in
float32: white in 16 bits, errors of several times white, and shares of sixteenths."""

_LINEAR: Values = np.rint(255 * _FINENESS * decode(_SRGB / 255)).astype(np.float32)

_LIGHTS: dict[str, Values] = {"linear": _LINEAR}
"""The light of each 8-bit value, by the name of a color space; sRGB in all others."""

LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of R, G and B in luma: ITU-R BT.601, as programs turn pictures gray."""

_FLAT = 1e-3
"""Extent of a palette along an axis, of white, up to which it is flat: what rounding to 8 bits comes to."""


def light_of(space: str) -> Values:
    """Return the light of each 8-bit value, whole numbers from 0: (256,)."""
    return _LIGHTS.get(space, _SRGB)


def to_light(colors: NDArray[np.uint8], space: str) -> Values:
    """Turn colors (..., 3) or (..., 4) into premultiplied light and alpha, both from 0 to the light of white."""
    light = light_of(space)
    # Plane by plane: whoever adds light up does so, too. moveaxis takes longer than the light of a front.
    last = colors.ndim - 1
    planes = light.take(np.ascontiguousarray(colors[..., :3].transpose(last, *range(last))), mode="clip")
    values: Values = planes.transpose(*range(1, last + 1), 0)
    if colors.shape[-1] == 4:
        alpha = colors[..., 3:] / np.float32(255)
        values = np.concatenate([values * alpha, light[-1] * alpha], axis=-1)
    return values


def place_light(light: NDArray[Any]) -> NDArray[Any]:
    """Place premultiplied light, rows, where a distance is the difference in the mean on black and on white."""
    if light.shape[1] == 3:
        return light
    alpha = light[:, 3:]
    return np.hstack([light[:, :3] - alpha / 2, alpha * np.sqrt(0.75)])


def is_light(space: str) -> bool:
    """Tell whether the colors of a space are compared by their light, as they add up."""
    return space in ("rgb", "linear")


def to_nearest_colors(planes: Values, space: str) -> NDArray[np.uint8]:
    """Round planes of light (3, ...) or (4, ...) to 8-bit colors (n, 3) or (n, 4)."""
    values = planes.reshape(len(planes), -1)
    colors = np.empty(values.T.shape, np.uint8)
    if len(planes) == 4:
        white, alpha = light_of(space)[-1], values[3]
        colors[:, 3] = np.rint(alpha * (255 / white))
        values = values[:3] * np.divide(white, alpha, out=np.zeros_like(alpha), where=alpha > 0)
    colors[:, :3] = _to_bytes(values, space).T
    return colors


def _to_bytes(values: Values, space: str) -> NDArray[np.uint8]:
    light = light_of(space)
    if light is _SRGB:
        return np.rint(values).astype(np.uint8)
    return np.searchsorted((light[1:] + light[:-1]) / 2, values).astype(np.uint8)


def make_projection(entries: NDArray[np.uint8], space: str) -> Callable[[Values], Values]:
    """Make a function that takes light (..., 3) or (..., 4) to the nearest light in the line or plane of a palette.

    What is nearest has the same luma, if the palette allows: a photograph in black and white keeps its brightness.
    Light stays as it is where the palette spans all three dimensions.
    """
    white = float(light_of(space)[-1])
    light = to_light(entries[entries[:, 3:].min(axis=1, initial=255) > 0, :3], space).astype(np.float64)
    if not len(light):
        return lambda values: values
    center = light.mean(axis=0)
    roots = np.sqrt(LUMA)
    _, extents, axes = np.linalg.svd((light - center) * roots / np.sqrt(len(light)), full_matrices=False)
    axes = axes[extents > _FLAT * white]
    if len(axes) == 3:
        return lambda values: values
    matrix = (axes.T @ axes) * roots / roots[:, np.newaxis]
    offset = center - matrix @ center

    def project(values: Values) -> Values:
        alpha = values[..., 3:]
        colors = values[..., :3] @ matrix.T + offset * (alpha / white if alpha.size else 1)
        projected: Values = np.concatenate([np.rint(colors), alpha], axis=-1, dtype=np.float32)
        return projected

    return project
