"""8-bit sRGB to normalized points and back, by the name of a color space.

Colors with alpha become points of four dimensions, premultiplied: a color that is hardly there hardly counts,
and every fully transparent pixel is the same point, the origin.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Points = NDArray[Any]


class Space(NamedTuple):
    """Two functions between sRGB rows in 0..1 and rows of the space, both of shape (n, 3)."""

    from_srgb: Callable[[Points], Points]
    to_srgb: Callable[[Points], Points]


def _same(points: Points) -> Points:
    return points


SPACES: dict[str, Space] = {"rgb": Space(_same, _same)}


def to_points(colors: NDArray[np.uint8], space: str) -> NDArray[np.float32]:
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
        Points of the space; with alpha, premultiplied coordinates and then alpha in 0..1.
    """
    normalized = np.divide(colors, 255, dtype=np.float32)
    points = SPACES[space].from_srgb(normalized[:, :3]).astype(np.float32, copy=False)
    if colors.shape[1] == 3:
        return points
    alpha = normalized[:, 3:]
    return np.hstack([points * alpha, alpha])


def to_colors(points: Points, space: str) -> NDArray[np.uint8]:
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
        return _to_bytes(SPACES[space].to_srgb(points))
    alpha = _to_bytes(points[:, 3:])
    visible = alpha > 0
    straight = np.divide(points[:, :3], points[:, 3:], out=np.zeros_like(points[:, :3]), where=visible)
    return np.hstack([_to_bytes(SPACES[space].to_srgb(straight)) * visible, alpha])


def _to_bytes(values: Points) -> NDArray[np.uint8]:
    rounded: NDArray[np.uint8] = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    return rounded
