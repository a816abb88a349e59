"""Every pixel to its nearest palette color, exactly: each unique color is compared, each pixel looked up."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.numbering import TABLE_PIXELS, make_numbering
from quantize.color.spaces import to_points
from quantize.kmeans import nearest_label
from quantize.parallel.overflow import reserve
from quantize.parallel.threads import map_chunks
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

_COLORS = 1 << 18
"""Colors whose points are held at a time: all pixels may differ, and with alpha a point is six float64."""

_STRIP = 1 << 18
"""Pixels looked up at a time: their keys and labels stay in a core's cache."""


def remap(
    picture: Picture, histogram: Histogram, palette: Palette, settings: Settings
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Give every pixel the palette color that is nearest in the color space of the settings, and opaque if it is.

    Parameters
    ----------
    picture : Picture
    histogram : Histogram
        The unique colors of the picture.
    palette : Palette
        At most 4096 colors.
    settings : Settings
        Its `space` and `n_threads` are used.

    Returns
    -------
    labels : ndarray of shape (height, width), dtype uint8, or uint16 above 256 colors
        Palette row of each pixel; of equally near rows the first.
    color_labels : ndarray of shape (n_unique,), of the same dtype, or None
        Palette row of each unique color. None where the histogram holds cells, whose colors may become several.
    """
    if not histogram.is_exact:
        return _remap_pixels(picture, palette, settings), None
    color_labels = label_colors(histogram.colors, palette, settings.space, settings.n_threads)
    return look_up(picture, histogram, color_labels, settings.n_threads), color_labels


def label_colors(colors: NDArray[np.uint8], palette: Palette, space: str, n_threads: int = 1) -> NDArray[Any]:
    """Find what `find_nearest` does, of many colors, as uint8, or uint16 above 256 rows."""
    dtype = np.min_scalar_type(len(palette) - 1)

    def find(rows: slice) -> NDArray[Any]:
        return find_nearest(colors[rows], palette, space, n_threads).astype(dtype)

    return np.concatenate(map_chunks(find, len(colors), _COLORS))


def _remap_pixels(picture: Picture, palette: Palette, settings: Settings) -> NDArray[Any]:
    """Remap strip by strip, each with its own unique colors."""
    keys = picture.keys.reshape(-1)
    labels = np.empty(keys.size, np.min_scalar_type(len(palette) - 1))

    def fill(strip: slice) -> None:
        unique, _ = np.unique(keys[strip], return_counts=True)
        colors = Histogram(unique, unique, picture.has_alpha).colors
        labels[strip] = find_nearest(colors, palette, settings.space)[np.searchsorted(unique, keys[strip])]

    map_chunks(fill, keys.size, _COLORS, settings.n_threads)
    return labels.reshape(picture.keys.shape)


def find_nearest(colors: NDArray[np.uint8], palette: Palette, space: str, n_threads: int = 1) -> NDArray[Any]:
    """Find the palette row that is nearest to each color: to an opaque one of the opaque rows, if there are any."""
    points, entries = exact_points(colors, space), exact_points(palette.colors, space)
    labels = nearest_label(points, entries, n_jobs=n_threads)
    # What is opaque and dark may lie nearer to what is gone than to what is opaque and light.
    solid = np.flatnonzero(is_opaque(palette.colors))
    if 0 < len(solid) < len(palette):
        opaque = np.flatnonzero(is_opaque(colors))
        labels[opaque] = solid[nearest_label(points[opaque], entries[solid], n_jobs=n_threads)]
    return labels


def is_opaque(colors: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell of each color whether it is wholly opaque."""
    opaque: NDArray[np.bool_] = colors[:, 3:].min(axis=1, initial=255) == 255
    return opaque


def look_up(picture: Picture, histogram: Histogram, values: NDArray[Any], n_threads: int = 1) -> NDArray[Any]:
    """Spread one value per unique color over the pixels.

    Parameters
    ----------
    picture : Picture
    histogram : Histogram
        Holds every color of the picture, or its cell.
    values : ndarray of shape (n_unique,)
    n_threads : int

    Returns
    -------
    ndarray of shape (height, width)
    """
    find: Callable[[NDArray[np.uint32]], NDArray[Any]]
    if values.itemsize == 1 and not picture.has_alpha and histogram.is_exact and picture.keys.size >= TABLE_PIXELS:
        table = np.empty(1 << 24, values.dtype)
        table[histogram.keys] = values
        find = table.__getitem__
    else:
        number = make_numbering(histogram, picture.keys.size)

        def find(here: NDArray[np.uint32]) -> NDArray[Any]:
            return values.take(number(here))

    room = reserve(picture.keys.size * values.itemsize)
    spread: NDArray[Any] = np.ndarray(picture.keys.shape, values.dtype, room)
    keys, pixels = picture.keys.reshape(-1), spread.reshape(-1)

    def fill(strip: slice) -> None:
        pixels[strip] = find(keys[strip])

    map_chunks(fill, keys.size, _STRIP, n_threads, picture.n_frames)
    return spread


def exact_points(colors: NDArray[np.uint8], space: str) -> NDArray[Any]:
    """Place colors in a space so exactly that ties and near ties of distances fall as arithmetic says.

    Distances are those of `to_points` but for a factor.
    """
    # The engine's distances are exact for integers. In the other spaces neighbors in 8 bits lie as near as 1e-4, whose
    # square is lost in the rounding of float32.
    if space != "rgb":
        return to_points(colors, space).astype(np.float64)
    if colors.shape[1] == 3:
        return colors.astype(np.float32)
    alpha = colors[:, 3:].astype(np.float64)
    points = np.empty((len(colors), 6))
    np.multiply(colors[:, :3], alpha, out=points[:, :3])
    np.subtract(points[:, :3], 255 * alpha, out=points[:, 3:])
    return points
