"""The values that add up where dots mix: 8-bit sRGB, or linear light.

Dots on a display with real dots (e-paper, LED, print) mix as light does: half of them white is 50% of the light, which
is gray 188. On a screen a picture is seen scaled, and most programs scale in sRGB: half white is gray 128.
"""

import numpy as np
from numpy.typing import NDArray

from quantize.color.spaces import decode

Values = NDArray[np.float32]

_SRGB: Values = np.arange(256, dtype=np.float32)

_FINENESS = 256
"""Steps of linear light for one of sRGB: the darkest 8-bit values lie 20 apart. Sums of errors are still exact in
float32: white in 16 bits, errors of several times white, and shares of sixteenths."""

_LINEAR: Values = np.rint(255 * _FINENESS * decode(_SRGB / 255)).astype(np.float32)

_LIGHTS: dict[str, Values] = {"linear": _LINEAR}
"""The light of each 8-bit value, by the name of a color space; sRGB in all others."""

_BLACK = np.float32(0)


def light_of(space: str) -> Values:
    """Return the light of each 8-bit value, whole numbers from 0: (256,)."""
    return _LIGHTS.get(space, _SRGB)


def to_light(colors: NDArray[np.uint8], space: str) -> Values:
    """Turn colors (..., 3) or (..., 4) into premultiplied light and alpha, both from 0 to the light of white."""
    light = light_of(space)
    values: Values = light.take(colors[..., :3])
    if colors.shape[-1] == 4:
        alpha = colors[..., 3:] / np.float32(255)
        values = np.concatenate([values * alpha, light[-1] * alpha], axis=-1)
    return values


def to_nearest_colors(planes: Values, space: str) -> NDArray[np.uint8]:
    """Clip and round planes of light (3, ...) or (4, ...) to 8-bit colors (n, 3) or (n, 4)."""
    white = light_of(space)[-1]
    values = planes.reshape(len(planes), -1)
    colors = np.empty(values.T.shape, np.uint8)
    if len(planes) == 4:
        alpha = values[3].clip(0, white)
        colors[:, 3] = np.rint(alpha * (255 / white))
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.nan_to_num(values[:3] * (white / alpha))
    colors[:, :3] = _to_bytes(np.maximum(np.minimum(values, white), _BLACK), space).T
    return colors


def _to_bytes(values: Values, space: str) -> NDArray[np.uint8]:
    light = light_of(space)
    if light is _SRGB:
        return np.rint(values).astype(np.uint8)
    return np.searchsorted((light[1:] + light[:-1]) / 2, values).astype(np.uint8)
