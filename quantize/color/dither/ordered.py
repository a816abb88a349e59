"""Ordered dither: each pixel is one of two palette colors between which its own lies, as a mask says that is laid over.

A color gets the palette color that is nearest and a partner on its other side, and the mask decides between them pixel
by pixel, as often for the one as the color lies close to it: the amplitude is the distance of the two. What a pixel
becomes depends on its own color and place alone, so that what stands still in an animation does not flicker.

J. Yliluoma: Arbitrary-palette positional dithering algorithm, 2011, for the choice of a pair that mixes to a color
without much noise; B. E. Bayer: An optimum method for two-level rendition of continuous-tone pictures, 1973.
"""

import io
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors
from quantize.color.remap import find_nearest, look_up, remap
from quantize.color.rounding import measure_spacing
from quantize.color.spaces import premultiply
from quantize.data import read_data
from quantize.parallel.threads import map_chunks
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

Mask = NDArray[np.uint8]
Labels = NDArray[Any]

_N_CANDIDATES = 16
"""Palette colors around the nearest that a partner is chosen of. With twice as many, error and error after blur are the
same within 1%."""

_NOISE = 0.25
"""Weight of a mixture's noise, the variance of its two colors, against its squared error. Less brings single dots of
far colors, which stand out, and more brings bands: at 0.1 the error of photographs is 17% higher, and after blur 15%
lower; at 0.4 it is the other way around."""

_BITS = {3: 6, 4: 5}
"""Bits a channel, by the number of channels, of the cells that have one pair of colors."""

_FEW = 32
"""Colors up to which a bit less serves: their palettes are so coarse that both errors stay the same within 1%."""

_PIXELS_AT_ONCE = 1 << 16
"""Pixels whose mask is laid at a time."""

_BAYER_ORDER = 3
"""The mask has 2^3 rows: 64 levels."""


class Mixtures(NamedTuple):
    """Of each color, two palette rows and the `parts` of 255 that the upper one has in its mixture."""

    lower: Labels
    upper: Labels
    parts: NDArray[np.uint8]


def bayer_mask() -> NDArray[np.float64]:
    """Return Bayer's mask of shape (8, 8): thresholds in 0..1, each once."""
    ranks = np.zeros((1, 1))
    for _ in range(_BAYER_ORDER):
        ranks = np.block([[4 * ranks, 4 * ranks + 2], [4 * ranks + 3, 4 * ranks + 1]])
    return _to_thresholds(ranks)


@cache
def blue_noise_mask() -> NDArray[np.float64]:
    """Return the mask of shape (64, 64) that `quantize.data.blue_noise` makes: thresholds in 0..1, each once."""
    return _to_thresholds(np.load(io.BytesIO(read_data("blue_noise.npy"))))


def dither_by_mask(
    picture: Picture,
    histogram: Histogram,
    palette: Palette,
    settings: Settings,
    *,
    make_mask: Callable[[], NDArray[np.float64]],
) -> tuple[Labels, Labels | None]:
    """Give every pixel one of the two palette colors that mix to its own, as a mask says.

    Parameters
    ----------
    picture : Picture
    histogram : Histogram
        The unique colors of the picture.
    palette : Palette
        At most 4096 colors.
    settings : Settings
        Its `space`, `dither_strength` and `n_threads` are used. The strength is the part of the way between two
        colors, 0 to 1, along which they are mixed; on the rest of it a pixel gets the nearer one.
    make_mask : callable
        Gives thresholds in 0..1, of shape (height, width), to be repeated over the picture.

    Returns
    -------
    labels : ndarray of the picture's shape, dtype uint8, or uint16 above 256 colors
    color_labels : None
        A color has no one label; but at strength 0, it has the labels of `remap`.
    """
    if not settings.dither_strength:
        return remap(picture, histogram, palette, settings)
    lower, upper, parts = (
        look_up(picture, histogram, values, settings.n_threads).reshape(-1, picture.keys.shape[-1])
        for values in mix_colors(histogram, palette, settings.space)
    )
    height, width = picture.keys.shape[-2:]
    # Below 255 and above 0: a color that is all of one entry gets no other.
    thresholds = (255 * (0.5 + settings.dither_strength * (make_mask() - 0.5))).astype(np.uint8)
    wide = np.tile(thresholds, -(-width // len(thresholds)))[:, :width]

    def choose(strip: slice) -> None:
        rows = np.arange(strip.start, strip.stop) % height % len(thresholds)
        # A product, for no processor foretells which way a mask goes.
        lower[strip] += (upper[strip] - lower[strip]) * (parts[strip] > wide[rows])

    map_chunks(choose, len(lower), max(1, _PIXELS_AT_ONCE // width), settings.n_threads)
    return lower.reshape(picture.keys.shape), None


def mix_colors(histogram: Histogram, palette: Palette, space: str) -> Mixtures:
    """Find the two palette colors that mix to each color, in 8-bit sRGB, premultiplied where there is alpha.

    Colors in the palette are one of its rows alone. An opaque color is mixed of opaque ones.
    """
    cells, index = _list_cells(histogram.colors, _BITS[palette.colors.shape[1]] - (len(palette) <= _FEW))
    nearest = find_nearest(cells, palette, space).astype(np.intp)
    partners = _find_partners(cells, nearest, palette)
    # Whichever is nearer, the same of the two gets the pixels above the mask: no seam where they change places.
    lower, upper = np.minimum(nearest, partners), np.maximum(nearest, partners)
    entries = premultiply(palette.colors).astype(np.float32)
    vectors = entries[upper] - entries[lower]
    vectors /= np.maximum(np.einsum("ij,ij->i", vectors, vectors), 1)[:, np.newaxis]
    offsets = np.einsum("ij,ij->i", vectors, entries[lower])
    parts = -offsets.take(index)
    for channel, vector in zip(premultiply(histogram.colors).T, vectors.T, strict=True):
        parts += vector.take(index) * channel
    parts = np.rint(255 * parts.clip(0, 1)).astype(np.uint8)
    dtype = np.min_scalar_type(len(palette) - 1)
    lower, upper = lower.astype(dtype).take(index), upper.astype(dtype).take(index)
    in_palette = np.flatnonzero(np.isin(histogram.keys, pack_colors(palette.colors)))
    if len(in_palette):
        lower[in_palette] = upper[in_palette] = find_nearest(histogram.colors[in_palette], palette, space)
    return Mixtures(lower, upper, parts)


def _list_cells(colors: NDArray[np.uint8], bits: int) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Put colors into cells of equal leading bits: the colors that stand for the cells, and the cell of each color."""
    n_channels = colors.shape[1]
    codes = np.zeros(len(colors), np.intp)
    for channel in colors.T:
        codes = codes << bits | channel >> (8 - bits)
    places = np.zeros(1 << bits * n_channels, np.int32)
    places[codes] = 1
    occupied = np.flatnonzero(places)
    places[occupied] = np.arange(len(occupied))
    shifts = bits * np.arange(n_channels - 1, -1, -1)
    levels = occupied[:, np.newaxis] >> shifts & ((1 << bits) - 1)
    # From 0 to 255, so that what is opaque stands for itself.
    return np.rint(levels * (255 / ((1 << bits) - 1))).astype(np.uint8), places[codes]


def _find_partners(colors: NDArray[np.uint8], nearest: Labels, palette: Palette) -> Labels:
    """Find the palette row that each color is mixed of beside the nearest; that row itself where none is worth it.

    Partners are tried on a point in the color's direction, half way to where the palette goes on: for the color itself,
    next to an entry, no mixture would be worth its noise, and the entry would stand in a gradient as a band.
    """
    entries = premultiply(palette.colors).astype(np.float32)
    offsets = premultiply(colors).astype(np.float32).T - entries[nearest].T
    lengths = np.sqrt(np.square(offsets).sum(axis=0))
    offsets *= measure_spacing(entries)[nearest] / 2 / np.maximum(lengths, np.float32(0.1))
    neighbors = _find_neighbors(entries)
    costs = np.empty((neighbors.shape[1], len(colors)), np.float32)
    for cost, rows in zip(costs, neighbors.T, strict=True):
        vectors = entries[rows] - entries
        squares = np.einsum("ij,ij->i", vectors, vectors)
        is_barred = (squares == 0).take(nearest, mode="clip")
        squares = np.maximum(squares, 1).take(nearest, mode="clip")
        along = np.zeros_like(cost)
        for offset, vector in zip(offsets, vectors.T, strict=True):
            along += offset * vector.take(nearest, mode="clip")
        parts = (along / squares).clip(0, 1)
        # Squared error of the mixture, and its noise, against the squared error of the nearest color alone.
        np.multiply(parts, squares * (_NOISE + (1 - _NOISE) * parts) - 2 * along, out=cost)
        if len(offsets) == 4:
            is_barred |= (colors[:, 3] == 255) & (palette.colors[rows, 3] < 255).take(nearest)
        cost[is_barred] = np.inf
    best = np.ascontiguousarray(costs.T).argmin(axis=1)
    return np.where(costs.min(axis=0) < 0, neighbors[nearest, best], nearest)


def _find_neighbors(entries: NDArray[np.float32]) -> Labels:
    """Find the rows of the colors nearest to each, itself only for want of others."""
    n_neighbors = min(_N_CANDIDATES, len(entries))
    neighbors = np.empty((len(entries), n_neighbors), np.intp)
    for row, entry in enumerate(entries):
        squares = np.square(entries - entry).sum(axis=1)
        squares[squares == 0] = np.inf
        neighbors[row] = np.argpartition(squares, n_neighbors - 1)[:n_neighbors]
    return neighbors


def _to_thresholds(ranks: NDArray[Any]) -> NDArray[np.float64]:
    thresholds: NDArray[np.float64] = (ranks + 0.5) / ranks.size
    return thresholds
