"""8-bit sRGB to normalized points and back, by the name of a color space.

Two colors with alpha are as different as they look, on average, on black and on white. For a color c of opacity a, and
the white w of the space, that is the distance of the points (a c - a w/2, a |w|/2): their squared distance is the mean
of the squared distances of a c and of a c + (1 - a) w. So every fully transparent pixel is the origin, and opaque
colors are as far apart as without alpha.

IEC 61966-2-1:1999 for sRGB; B. Ottosson: A perceptual color space for image processing, 2020,
https://bottosson.github.io/posts/oklab/; CIE 15:2004 under D65, by scikit-image, for CIELAB.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.records.srgb import decode

Colors = NDArray[np.uint8]
Points = NDArray[Any]


class Space(NamedTuple):
    """The way from 8-bit sRGB rows to float32 rows of the space, and the way back to sRGB in 0..1 before clipping."""

    from_srgb: Callable[[Colors], Points]
    to_srgb: Callable[[Points], Points]


def encode(values: Points) -> Points:
    """Put the sRGB transfer curve on linear light, clipped to 0..1."""
    values = values.clip(0, 1)
    return np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


_LIGHT = decode(np.arange(256) / 255).astype(np.float32)
"""Linear light of each 8-bit value: a look-up takes a tenth of the time of the power."""

# Ottosson's matrices, for columns: linear sRGB to cone responses, and their cube roots to L, a and b.
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OPPONENTS = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

_CHROMA = 2
"""Weight of Oklab's a and b against L. As they are, lightness outweighs them; doubled, the mean CIEDE2000 falls by
most of what it can, and beyond it is the squared error that grows (six Kodak photographs, 1.5 to 3)."""

_AT_ONCE = 1 << 18
"""Colors with alpha that are placed at a time."""

_GRAY = 5e-5
"""Largest difference between the channels of a gray, 0 to 1: what the rounding of a float32 mean may come to, and a
hundredth of a step in 8 bits."""

_WEIGHTED = OPPONENTS * [[1], [_CHROMA], [_CHROMA]]


def _rgb_from_srgb(colors: Colors) -> Points:
    return np.divide(colors, 255, dtype=np.float32)


def _linear_from_srgb(colors: Colors) -> Points:
    return _LIGHT.take(colors, mode="clip")  # for what cannot be out of bounds: a quarter of the time


def _oklab_from_srgb(colors: Colors) -> Points:
    cones: Points = np.cbrt(_linear_from_srgb(colors) @ CONES.T.astype(np.float32))
    return cones @ _WEIGHTED.T.astype(np.float32)


def _oklab_to_srgb(points: Points) -> Points:
    cones = (points @ np.linalg.inv(_WEIGHTED).T) ** 3
    return encode(cones @ np.linalg.inv(CONES).T)


def _lab_from_srgb(colors: Colors) -> Points:
    from skimage.color import rgb2lab

    lab: Points = rgb2lab(_rgb_from_srgb(colors))
    return lab / np.float32(100)


def _lab_to_srgb(points: Points) -> Points:
    from skimage.color import lab2rgb

    values: Points = lab2rgb(points.astype(np.float64) * 100)
    return values


SPACES: dict[str, Space] = {
    "rgb": Space(_rgb_from_srgb, lambda points: points),
    "linear": Space(_linear_from_srgb, encode),
    "oklab": Space(_oklab_from_srgb, _oklab_to_srgb),
    "lab": Space(_lab_from_srgb, _lab_to_srgb),
}


def to_points(colors: Colors, space: str) -> NDArray[np.float32]:
    """Place colors in a color space.

    Parameters
    ----------
    colors : ndarray of shape (n, 3) or (n, 4), dtype uint8
        sRGB, with straight alpha as the fourth column.
    space : str
        A name in `SPACES`.

    Returns
    -------
    ndarray of shape (n, 3) or (n, 4), dtype float32
        Points of the space, scaled so that black and white are 1 apart in lightness; with alpha, the points of this
        module's head, whose last coordinate is alpha times `measure_height`.
    """
    if colors.shape[1] == 3:
        return SPACES[space].from_srgb(colors)
    points = np.empty((len(colors), 4), np.float32)
    for start in range(0, len(colors), _AT_ONCE):  # few pictures with alpha have more, but then it is millions
        some = slice(start, start + _AT_ONCE)
        alpha = np.divide(colors[some, 3:], 255, dtype=np.float32)
        np.multiply(SPACES[space].from_srgb(colors[some, :3]) - _gray_of(space), alpha, out=points[some, :3])
        np.multiply(measure_height(space), alpha, out=points[some, 3:])
    return points


def measure_height(space: str) -> np.float32:
    """Return the last coordinate of the points of opaque colors, where points have one for alpha."""
    return np.float32(np.linalg.norm(_gray_of(space)))


def to_colors(points: Points, space: str) -> Colors:
    """Round points of a color space to the nearest 8-bit sRGB, clipping what lies outside.

    Parameters
    ----------
    points : ndarray of shape (n, 3) or (n, 4)
        As from `to_points`.
    space : str
        A name in `SPACES`.

    Returns
    -------
    ndarray of shape (n, 3) or (n, 4), dtype uint8
        A row whose alpha rounds to 0 is all zeros.
    """
    if points.shape[1] == 3:
        return _to_bytes(_to_srgb(points, space))
    opacity = points[:, 3:] / measure_height(space)
    alpha = _to_bytes(opacity)
    visible = alpha > 0
    straight = np.divide(points[:, :3], opacity, out=np.zeros_like(points[:, :3]), where=visible) + _gray_of(space)
    return np.hstack([_to_bytes(_to_srgb(straight, space)) * visible, alpha])


def premultiply(colors: Colors) -> NDArray[np.float64]:
    """Multiply the red, green and blue of colors (..., 3) or (..., 4) by their alpha, 0 to 255 as before."""
    wide = colors.astype(np.float64)
    if wide.shape[-1] == 4:
        wide[..., :3] *= wide[..., 3:] / 255
    return wide


@cache
def _gray_of(space: str) -> NDArray[np.float32]:
    """Return the middle between black and white, of shape (3,)."""
    white = SPACES[space].from_srgb(np.full((1, 3), 255, np.uint8))
    gray: NDArray[np.float32] = (white[0] / 2).astype(np.float32)
    return gray


def _to_srgb(points: Points, space: str) -> Points:
    srgb = SPACES[space].to_srgb(points)
    # What is gray but for rounding is gray: the three values must not fall to either side of a half.
    is_gray = np.ptp(srgb, axis=1, keepdims=True) < _GRAY
    return np.where(is_gray, srgb[:, :1], srgb)


def _to_bytes(values: Points) -> Colors:
    rounded: Colors = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    return rounded
