"""CIEDE2000, the standard difference of two colors.

The formula is that of G. Sharma, W. Wu and E. N. Dalal (Color Research & Application 30:21, 2005).
In single precision and without an angle where a product of vectors says as much: two hundred thousand pairs take 25 ms,
where scikit-image takes 100 and its import 200 more. Of 8-bit colors the result is right to 0.001, but for hues that
are opposite to the last digit, where the formula itself jumps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.records.srgb import decode

Floats = NDArray[Any]

_TO_XYZ = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
"""From linear sRGB to CIE XYZ: ITU-R BT.709, to the digits that scikit-image and OpenCV have."""

_WHITE = np.array([0.95047, 1.0, 1.08883])
"""D65 for the observer of 2 degrees: a black and white picture is gray in CIELAB, too."""

_RELATIVE = (_TO_XYZ / _WHITE[:, np.newaxis]).astype(np.float32)
_LAB = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]], np.float32)

_DARK, _SLOPE, _FOOT = np.float32(0.008856), np.float32(7.787), np.float32(16 / 116)
"""Up to this much of white, CIELAB's curve is a line of this slope and foot: CIE 15."""

_LIGHT = decode(np.arange(256) / 255).astype(np.float32)
_TINY = np.float32(1e-30)
"""Keeps a gray, which has no hue, from a division by zero."""

_BLUE = 275
"""Degrees of hue around which the formula turns the ellipses of equal difference."""


def to_lab(colors: NDArray[Any]) -> Floats:
    """Place opaque colors in CIELAB under D65.

    Parameters
    ----------
    colors : ndarray of shape (n, 3), dtype uint8, or floats from 0 to 255

    Returns
    -------
    ndarray of shape (3, n), dtype float32
        L from 0 to 100, a and b.
    """
    light = _LIGHT.take(colors.T, mode="clip") if colors.dtype == np.uint8 else decode(colors.T / np.float32(255))
    relative = _multiply(_RELATIVE, light.astype(np.float32, copy=False))
    # A cube root by logarithms: np.cbrt takes four times as long.
    curve = np.exp(np.log(np.maximum(relative, _DARK)) / np.float32(3))
    is_dark = relative <= _DARK
    if is_dark.any():
        curve[is_dark] = _SLOPE * relative[is_dark] + _FOOT
    lab = _multiply(_LAB, curve)
    lab[0] -= 16
    return lab


def _multiply(matrix: Floats, colors: Floats) -> Floats:
    """Multiply as every processor does: the sums of BLAS differ in their last bits from one kind to another."""
    product: Floats = np.einsum("ij,jn->in", matrix, colors)
    return product


def square_ciede2000(one: Floats, other: Floats) -> Floats:
    """Measure the squared CIEDE2000 of pairs of colors.

    Parameters
    ----------
    one, other : ndarray of shape (3, n), dtype float32 or float64
        In CIELAB.

    Returns
    -------
    ndarray of shape (n,)
        The names of what is in between are those of the paper.
    """
    (l1, a1, b1), (l2, a2, b2) = one, other
    g = 1.5 - 0.5 * _rise((_length(a1, b1) + _length(a2, b2)) / 2)
    a1, a2 = a1 * g, a2 * g
    c1, c2 = _length(a1, b1), _length(a2, b2)
    c, x, y = (c1 + c2) / 2, *_mean_direction(a1, b1, c1, a2, b2, c2)
    from_middle = np.square((l1 + l2) / 2 - 50)
    delta_l = (l2 - l1) / (1 + 0.015 * from_middle / np.sqrt(20 + from_middle))
    delta_c = (c2 - c1) / (1 + 0.045 * c)
    delta_h = _subtract_hues(a1, b1, c1, a2, b2, c2) / (1 + 0.015 * c * _weigh_hue(x, y))
    squares: Floats = delta_l * delta_l + delta_c * delta_c + delta_h * delta_h
    # A right angle away from blue nothing is left of the rotation.
    blue = np.flatnonzero(_turn(x, y, _BLUE) > 0)
    squares[blue] -= _rotate(*(part.take(blue) for part in (x, y, c))) * (delta_c * delta_h).take(blue)
    return squares.clip(0, out=squares)


def _length(a: Floats, b: Floats) -> Floats:
    length: Floats = np.sqrt(a * a + b * b)
    return length


def _rise(chroma: Floats) -> Floats:
    """Rise from 0 for grays to 1 for vivid colors, with the seventh power and its middle at 25."""
    square = chroma * chroma
    power = square * square * square * chroma
    risen: Floats = np.sqrt(power / (power + 25.0**7))
    return risen


def _subtract_hues(a1: Floats, b1: Floats, c1: Floats, a2: Floats, b2: Floats, c2: Floats) -> Floats:
    """Give 2 sqrt(c1 c2) sin(h / 2), where h is the angle between two hues, from their products."""
    both, dot, cross = c1 * c2, a1 * a2 + b1 * b2, a1 * b2 - a2 * b1
    # Of two forms of one formula, each where it subtracts nothing from nearly the same.
    near = cross * np.sqrt(2 / np.maximum(both + dot, _TINY))
    far = np.copysign(np.sqrt(2 * np.maximum(both - dot, 0)), cross)
    subtracted: Floats = np.where(dot < 0, far, near)
    return subtracted


def _mean_direction(a1: Floats, b1: Floats, c1: Floats, a2: Floats, b2: Floats, c2: Floats) -> tuple[Floats, Floats]:
    """Give the cosine and sine of the mean hue; where one of the colors is gray, the other has it."""
    x, y = a1 * c2 + a2 * c1, b1 * c2 + b2 * c1
    if (is_gray := (c1 * c2 == 0)).any():
        x[is_gray], y[is_gray] = (a1 + a2)[is_gray], (b1 + b2)[is_gray]
    length = np.maximum(_length(x, y), _TINY)
    return x / length, y / length


def _turn(x: Floats, y: Floats, degrees: float) -> Floats:
    """Give the cosine of an angle less so many degrees, from its cosine and sine."""
    angle = np.radians(degrees)
    turned: Floats = float(np.cos(angle)) * x + float(np.sin(angle)) * y
    return turned


def _weigh_hue(x: Floats, y: Floats) -> Floats:
    """Give T, from the cosine and sine of the mean hue: those of its multiples are products."""
    x2, y2 = x * x - y * y, 2 * x * y
    x3, y3, x4, y4 = x2 * x - y2 * y, y2 * x + x2 * y, x2 * x2 - y2 * y2, 2 * x2 * y2
    weight: Floats = 1 - 0.17 * _turn(x, y, 30) + 0.24 * x2 + 0.32 * _turn(x3, y3, -6) - 0.2 * _turn(x4, y4, 63)
    return weight


def _rotate(x: Floats, y: Floats, c: Floats) -> Floats:
    """Give the weight of the product of both differences near blue."""
    away = np.degrees(np.arctan2(_turn(x, y, _BLUE - 270), _turn(x, y, _BLUE))) / 25
    rotated: Floats = 2 * _rise(c) * np.sin(np.pi / 3 * np.exp(-away * away))
    return rotated
