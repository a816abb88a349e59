"""Ordered dither: each pixel is one of the palette colors that its own is mixed of, as a mask says that is laid over.

A color is mixed of the palette colors of `find_mixtures`, and the mask decides among them pixel by pixel, each as often
as its weight says. What a pixel becomes depends on its own color and place alone, so that what stands still in an
animation does not flicker.

B. E. Bayer: An optimum method for two-level rendition of continuous-tone pictures, 1973; J. Yliluoma:
Arbitrary-palette positional dithering algorithm, 2011, for mixtures of several palette colors in the order of luma.
"""

import io
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.dither.light import LUMA, make_projection, place_light, to_light
from quantize.color.dither.mixtures import Mixtures, find_mixtures, measure_slopes
from quantize.color.dither.strength import LEAST_STRENGTH
from quantize.color.histogram import find_rows, pack_colors
from quantize.color.numbering import make_numbering
from quantize.color.remap import find_nearest, is_opaque, remap
from quantize.data import read_data
from quantize.parallel.threads import map_chunks
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

Labels = NDArray[Any]

_NOISE = 0.5
"""Weight of a mixture's noise against its squared error, at the strength that found palettes get. On eight photographs
0.25 has a 19% higher error at 16 colors than 0.5 and 14% less after blur, 0.75 a 7% lower error and 6% more."""

_LEAST_NOISE = 1e-3
"""The same at full strength: mixtures are right within a quarter of a level, and still those of the nearest colors."""

_BITS = {3: 5, 4: 4}
"""Bits a channel, by the number of channels, of the cells whose colors are mixed of the same palette colors. A bit more
takes four times as long, and lowers the error after blur by 2% at 64 colors, 5% at 256."""

_COARSER = (8, 32)
"""Palette colors up to which a bit less serves, each: they are so far apart that both errors stay as they are within
3%."""

_FEW_COLORS = 1 << 9
"""Colors up to which each has a mixture of its own: more share those of their cells in less time."""

_MANY_CELLS = 1 << 12
"""Cells beyond which those of a bit less are mixed first, and their mixtures are where these begin. At little noise
that takes a third of the time away, from fewer cells on nothing."""

_COLORS_AT_ONCE = 1 << 13
"""Colors whose mixtures are followed from those of their cells at a time: what is added up stays in a core's cache."""

_PIXELS_AT_ONCE = 1 << 16
"""Pixels whose mask is laid at a time."""

_MOST_ENDS = 4
"""Ends within a mixture: it has at most one part more than a color has channels."""

_OF_EACH_BYTE = np.uint32(0x01010101)
"""As a factor, repeats a number below 256 in each byte, and adds the four bytes up in the highest."""

_BAYER_ORDER = 4
"""The mask has 2^4 rows: 256 levels. With 64, gray ramps in black and white are off by up to two levels throughout."""


class Recipes(NamedTuple):
    """What colors are mixed of.

    Parameters
    ----------
    rows : ndarray of int
        Palette rows of all mixtures, one mixture after the other.
    firsts : ndarray of shape (n_unique,), dtype uint32
        Where in `rows` the mixture of each color begins.
    ends : ndarray of shape (n_unique, 4), dtype uint8
        Of 255, where in a color's mixture each part but the last ends; 255 where there is no such part.
    """

    rows: Labels
    firsts: NDArray[np.uint32]
    ends: NDArray[np.uint8]

    def choose(self, colors: NDArray[np.intp], thresholds: NDArray[np.uint32]) -> Labels:
        """Choose palette rows for colors (n,), by their numbers, at thresholds (n,) that are in each of four bytes."""
        # The ends of a color are one integer: all are fetched at once, compared at once, and added up by a product.
        # Nothing is out of bounds; to clip what is not takes a quarter of the time of looking.
        passed = self.ends.view(np.uint32)[:, 0].take(colors, mode="clip")
        passed = np.less_equal(passed.view(np.uint8), thresholds.view(np.uint8)).view(np.uint32)
        passed *= _OF_EACH_BYTE
        passed >>= np.uint32(24)
        passed += self.firsts.take(colors, mode="clip")
        return self.rows.take(passed, mode="clip")


def bayer_mask() -> NDArray[np.float64]:
    """Return Bayer's mask of shape (16, 16): thresholds in 0..1, each once."""
    ranks = np.zeros((1, 1))
    for _ in range(_BAYER_ORDER):
        ranks = np.block([[4 * ranks, 4 * ranks + 2], [4 * ranks + 3, 4 * ranks + 1]])
    return _to_thresholds(ranks)


@cache
def blue_noise_mask() -> NDArray[np.float64]:
    """Return the mask of shape (64, 64) that `quantize.data.blue_noise` makes: thresholds in 0..1, each once."""
    return _to_thresholds(np.load(io.BytesIO(read_data("blue_noise.npy"))))


MASKS: dict[str, Callable[[], NDArray[np.float64]]] = {"bayer": bayer_mask, "blue-noise": blue_noise_mask}
"""By the names of their dithers."""


def dither_by_mask(
    picture: Picture,
    histogram: Histogram,
    palette: Palette,
    settings: Settings,
    *,
    make_mask: Callable[[], NDArray[np.float64]],
) -> tuple[Labels, Labels | None]:
    """Give every pixel one of the palette colors that its own is mixed of, as a mask says.

    Colors are mixed in 8-bit sRGB, or as light in the space "linear". A color in the palette is not mixed, and an
    opaque color is mixed of opaque ones.

    Parameters
    ----------
    picture : Picture
    histogram : Histogram
        The unique colors of the picture.
    palette : Palette
        At most 4096 colors.
    settings : Settings
        Its `space`, `dither_strength` and `n_threads` are used. At strength 1 a color is mixed exactly, if the palette
        allows, of the nearest colors that do; the lower the strength, the fewer dots of far colors are worth it.
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
    recipes = list_recipes(histogram, palette, settings)
    recipes = recipes._replace(rows=recipes.rows.astype(np.min_scalar_type(len(palette) - 1)))
    height, width = picture.keys.shape[-2:]
    keys = picture.keys.reshape(-1, width)
    number = make_numbering(histogram, keys.size)
    # Below 255: a part that ends there is all that follows.
    thresholds = (255 * make_mask()).astype(np.uint32) * _OF_EACH_BYTE
    wide = np.tile(thresholds, -(-width // len(thresholds)))[:, :width]
    labels = np.empty(keys.shape, recipes.rows.dtype)
    # Of few colors each is decided at each threshold once, and then looked up.
    table = None
    if len(histogram) * 256 <= keys.size:
        numbers, steps = np.arange(len(histogram)), np.arange(256, dtype=np.uint32)
        table = recipes.choose(numbers.repeat(256), np.tile(steps * _OF_EACH_BYTE, len(numbers)))

    def choose(strip: slice) -> None:
        masked = wide[np.arange(strip.start, strip.stop) % height % len(thresholds)].reshape(-1)
        here = number(keys[strip].reshape(-1))
        if table is None:
            chosen = recipes.choose(here, masked)
        else:
            chosen = table.take(here << np.intp(8) | masked >> np.uint32(24), mode="clip")
        labels[strip] = chosen.reshape(-1, width)

    map_chunks(choose, len(labels), max(1, _PIXELS_AT_ONCE // width), settings.n_threads, picture.n_frames)
    return labels.reshape(picture.keys.shape), None


def list_recipes(histogram: Histogram, palette: Palette, settings: Settings) -> Recipes:
    """Find what each color of a histogram is mixed of."""
    colors, entries = histogram.colors, palette.colors
    strength = settings.dither_strength or 1
    noise = max(_LEAST_NOISE, _NOISE * (1 / strength - 1) / (1 / LEAST_STRENGTH - 1))
    solid_rows = np.flatnonzero(is_opaque(entries))
    solid = is_opaque(colors) & bool(len(solid_rows))
    known = find_rows(histogram, pack_colors(entries))
    rows = [find_nearest(colors[known], palette, settings.space)]
    firsts, ends = np.empty(len(colors), np.uint32), np.empty((len(colors), _MOST_ENDS), np.uint8)
    for is_chosen, usable, n_channels in ((solid, solid_rows, 3), (~solid, np.arange(len(entries)), 4)):
        if is_chosen.any():
            places = slice(None) if is_chosen.all() else np.flatnonzero(is_chosen)
            mixed = _mix(colors[places, :n_channels], entries[usable, :n_channels], settings.space, noise)
            firsts[places], ends[places] = mixed.firsts + np.uint32(sum(map(len, rows))), mixed.ends
            rows.append(usable[mixed.rows])
    firsts[known], ends[known] = np.arange(len(known)), 255
    return Recipes(np.concatenate(rows), firsts, ends)


def _mix(colors: NDArray[np.uint8], entries: NDArray[np.uint8], space: str, noise: float) -> Recipes:
    project = make_projection(entries, space)
    light = to_light(entries, space)
    bits = _BITS[colors.shape[1]] - sum(len(entries) <= n for n in _COARSER)
    cells, cell_of = _list_cells(colors, bits)
    points, corners = place_light(project(to_light(cells, space))), place_light(light)
    start = None
    if noise < _NOISE and len(cells) > _MANY_CELLS:
        coarse, coarse_of = _list_cells(cells, bits - 1)
        found = find_mixtures(place_light(project(to_light(coarse, space))), corners, noise)
        start = Mixtures(found.rows.take(coarse_of, axis=1), found.weights.take(coarse_of, axis=1))
    found = find_mixtures(points, corners, noise, start)
    # In the order of luma, so that colors that are near each other have their dots in the same places. Unused slots
    # come last.
    is_used = found.weights > 0
    lumas = (light[:, :3] @ LUMA).take(found.rows)
    lumas[~is_used] = np.inf
    order = lumas.argsort(axis=0, kind="stable")[: min(_MOST_ENDS + 1, is_used.sum(axis=0).max())]
    rows = np.take_along_axis(found.rows, order, axis=0)
    parts = np.take_along_axis(found.weights, order, axis=0)[:-1].cumsum(axis=0)
    ends = np.full((len(colors), _MOST_ENDS), 255, np.uint8)
    recipes = Recipes(rows.T.reshape(-1), (cell_of * len(rows)).astype(np.uint32), ends)
    if len(cells) == len(colors):
        ends[:, : len(parts)] = np.rint(255 * parts.clip(0, 1)).T
        return recipes
    slopes = np.take_along_axis(measure_slopes(found, corners, noise), order[:, np.newaxis], axis=0)
    slopes = slopes[:-1].cumsum(axis=0)
    offsets = parts - (slopes * points.T).sum(axis=1)
    slopes, offsets = (255 * slopes).astype(np.float32), (255 * offsets).astype(np.float32)
    for first in range(0, len(colors), _COLORS_AT_ONCE):
        strip = slice(first, first + _COLORS_AT_ONCE)
        values = place_light(project(to_light(colors[strip], space))).T.astype(np.float32)
        _follow(slopes, offsets, values, cell_of[strip], ends[strip])
    return recipes


def _follow(
    slopes: Labels, offsets: Labels, values: Labels, cell_of: NDArray[np.intp], ends: NDArray[np.uint8]
) -> None:
    """Follow the ends of cells by their slopes (part, channel, cell) to their colors (channel, color)."""
    most, previous = np.full(len(cell_of), 255, np.float32), np.float32(0)
    for end, slope, offset in zip(ends.T, slopes, offsets, strict=False):
        part = offset.take(cell_of, mode="clip")
        for factor, plane in zip(slope, values, strict=True):
            part += factor.take(cell_of, mode="clip") * plane
        previous = np.maximum(np.minimum(part, most, out=part), previous, out=part)
        end[:] = np.rint(previous)


def _list_cells(colors: NDArray[np.uint8], bits: int) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Put colors into cells of equal leading bits: the colors that stand for the cells, and the cell of each color."""
    if len(colors) <= _FEW_COLORS:
        return colors, np.arange(len(colors))
    n_channels = colors.shape[1]
    codes = np.zeros(len(colors), np.int32)
    for channel in colors.T:
        codes <<= bits
        codes |= channel >> (8 - bits)
    places = np.zeros(1 << bits * n_channels, np.int32)
    places[codes] = 1
    occupied = np.flatnonzero(places)
    places[occupied] = np.arange(len(occupied))
    shifts = bits * np.arange(n_channels - 1, -1, -1)
    levels = occupied[:, np.newaxis] >> shifts & ((1 << bits) - 1)
    return ((levels << (8 - bits)) + (1 << (7 - bits))).astype(np.uint8), places[codes]


def _to_thresholds(ranks: NDArray[Any]) -> NDArray[np.float64]:
    thresholds: NDArray[np.float64] = (ranks + 0.5) / ranks.size
    return thresholds
