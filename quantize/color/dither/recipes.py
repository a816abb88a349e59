"""What each color of a picture is mixed of: colors to the mixtures of palette colors that a mask chooses from.

Colors that lie near each other are mixed of the same palette colors, in amounts that change evenly. So a mixture is
found for each cell of colors, and followed to the colors in it. Those that it does not fit get finer cells.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.dither.light import LUMA, light_of, make_projection, place_light, to_light, to_nearest_colors
from quantize.color.dither.mixtures import Mixtures, find_mixtures, measure_slopes
from quantize.color.dither.strength import LEAST_STRENGTH
from quantize.color.histogram import find_rows, pack_colors
from quantize.color.remap import find_nearest, is_opaque
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, coarsen
from quantize.records.settings import Settings

Floats = NDArray[Any]
Rows = NDArray[np.intp]

_NOISE = 0.5
"""Weight of a mixture's noise against its squared error, at the strength that found palettes get. On eight photographs
0.25 has a 19% higher error at 16 colors than 0.5 and 14% less after blur, 0.75 a 7% lower error and 6% more."""

_LEAST_NOISE = 1e-3
"""The same at full strength: mixtures are right within a quarter of a level, and still those of the nearest colors."""

_BITS = 5
"""Bits a channel of the cells whose opaque colors are mixed of the same palette colors. A bit more takes four times as
long, and lowers the error after blur by 2% at 64 colors, 5% at 256."""

_FEW_ENTRIES = 32
"""Palette colors up to which a bit less serves: they are so far apart that both errors stay as they are within 3%."""

_FEW_COLORS = 1 << 11
"""Colors up to which each has a mixture of its own: more share those of their cells in less time."""

_MOST_BITS = {3: 7, 4: 8}
"""Bits a channel, by the number of channels, up to which there are cells: beyond, each color is one of its own."""

_SOFT_CELLS = 1 << 14
"""Cells of colors with alpha, which are as fine as gives no more: a fade fills little of the four dimensions. Of 2^12,
2^13 and 2^14 cells twelve soft pictures have 1.17, 0.94 and 0.89 of the error after blur at 256 colors that they have
without a dither, in 46, 51 and 61 ms."""

_MANY_CELLS = 1 << 12
"""Cells beyond which those of a bit less are mixed first, and their mixtures are where these begin."""

_LITTLE_NOISE = 0.1
"""Noise from which on that takes longer. Below it takes a third of the time away."""

_MISFIT = 12
"""Levels, of 255, by which a color may be off its mixture before it gets a finer cell. Without, single colors come out
100 levels off, as gray 161 purple in 13 colors; of a photograph's colors 1 to 10% are concerned."""

_COLORS_AT_ONCE = 1 << 13
"""Colors whose mixtures are followed from those of their cells at a time: what is added up stays in a core's cache."""

_MOST_ENDS = 4
"""Ends within a mixture: it has at most one part more than a color has channels."""

IN_EACH_BYTE = np.uint32(0x01010101)
"""As a factor, repeats a number below 256 in each byte, and adds the four bytes up in the highest."""


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

    rows: NDArray[Any]
    firsts: NDArray[np.uint32]
    ends: NDArray[np.uint8]

    def choose(self, colors: Rows, thresholds: NDArray[np.uint32]) -> NDArray[Any]:
        """Choose palette rows for colors (n,), by their numbers, at thresholds (n,) that are in each of four bytes."""
        # The ends of a color are one integer: all are fetched at once, compared at once, and added up by a product.
        # Nothing is out of bounds; to clip what is not takes a quarter of the time of looking.
        passed = self.ends.view(np.uint32)[:, 0].take(colors, mode="clip")
        passed = np.less_equal(passed.view(np.uint8), thresholds.view(np.uint8)).view(np.uint32)
        passed *= IN_EACH_BYTE
        passed >>= np.uint32(24)
        passed += self.firsts.take(colors, mode="clip")
        return self.rows.take(passed, mode="clip")

    def replace(self, places: Any, others: "Recipes") -> "Recipes":
        """Put other recipes in the places of some, in place."""
        self.firsts[places] = others.firsts + np.uint32(len(self.rows))
        self.ends[places] = others.ends
        return self._replace(rows=np.concatenate([self.rows, others.rows]))


def list_recipes(histogram: Histogram, palette: Palette, settings: Settings) -> Recipes:
    """Find what each color of a histogram is mixed of; an opaque one of opaque entries, where there are any.

    Parameters
    ----------
    histogram : Histogram
    palette : Palette
    settings : Settings
        Its `space` and `dither_strength` are used.

    Returns
    -------
    Recipes
        One for each color. Rows are of the least type that holds those of the palette.
    """
    colors, entries = histogram.colors, palette.colors
    strength = settings.dither_strength or 1
    noise = max(_LEAST_NOISE, _NOISE * (1 / strength - 1) / (1 / LEAST_STRENGTH - 1))
    solid_rows = np.flatnonzero(is_opaque(entries))
    solid = is_opaque(colors) & bool(len(solid_rows))
    recipes = _make_room(len(colors), np.empty(0, np.min_scalar_type(len(entries) - 1)))
    for is_chosen, rows, n_channels in ((solid, solid_rows, 3), (~solid, np.arange(len(entries)), 4)):
        if is_chosen.any():
            places = slice(None) if is_chosen.all() else np.flatnonzero(is_chosen)
            mixer = _Mixer(entries[rows, :n_channels], settings.space, noise)
            mixed = mixer.mix(colors[places, :n_channels])
            recipes = recipes.replace(places, mixed._replace(rows=rows[mixed.rows].astype(recipes.rows.dtype)))
    known = find_rows(histogram, pack_colors(entries))
    alone = find_nearest(colors[known], palette, settings.space).astype(recipes.rows.dtype)
    return recipes.replace(known, _make_room(len(known), alone)._replace(firsts=np.arange(len(known), dtype=np.uint32)))


def _make_room(n_colors: int, rows: NDArray[Any]) -> Recipes:
    return Recipes(rows, np.empty(n_colors, np.uint32), np.full((n_colors, _MOST_ENDS), 255, np.uint8))


class _Mixer:
    """Palette colors, ready to be mixed.

    Parameters
    ----------
    entries : ndarray of shape (k, 3) or (k, 4), dtype uint8
    space : str
    noise : float
        As `find_mixtures` takes it.
    """

    def __init__(self, entries: NDArray[np.uint8], space: str, noise: float) -> None:
        self._space, self._noise = space, noise
        self._project = make_projection(entries, space)
        light = to_light(entries, space)
        self._corners, self._lumas = place_light(light), light[:, :3] @ LUMA
        self._most_off = _MISFIT * light_of(space)[-1]

    def mix(self, colors: NDArray[np.uint8]) -> Recipes:
        """Find what colors are mixed of, as rows of the entries."""
        bits = self._choose_bits(colors)
        cells, cell_of = self._list_cells(colors, bits)
        start = None
        if self._noise < _LITTLE_NOISE and len(cells) > _MANY_CELLS:
            coarse, coarse_of = self._list_cells(cells, bits - 1)
            start = _take(self._find(coarse), coarse_of)
        return self._mix_cells(colors, cells, cell_of, bits, start)

    def _choose_bits(self, colors: NDArray[np.uint8]) -> int:
        if colors.shape[1] == 3:
            return _BITS - (len(self._corners) <= _FEW_ENTRIES)
        codes = _encode_light(colors, self._space)
        for bits in range(_MOST_BITS[4], 0, -1):
            codes, _ = np.unique(coarsen(codes, bits), return_counts=True)
            if len(codes) <= _SOFT_CELLS:
                break
        return bits

    def _list_cells(self, colors: NDArray[np.uint8], bits: int) -> tuple[NDArray[np.uint8], NDArray[Any]]:
        """Put colors into cells of equal leading bits: the colors that stand for cells, and the cell of each color."""
        if len(colors) <= _FEW_COLORS or bits > _MOST_BITS[colors.shape[1]]:
            return colors, np.arange(len(colors))
        return _list_opaque_cells(colors, bits) if colors.shape[1] == 3 else _list_soft_cells(colors, bits, self._space)

    def _place(self, colors: NDArray[np.uint8]) -> Floats:
        return place_light(self._project(to_light(colors, self._space)))

    def _find(self, colors: NDArray[np.uint8], start: Mixtures | None = None) -> Mixtures:
        return find_mixtures(self._place(colors), self._corners, self._noise, start)

    def _mix_cells(
        self, colors: NDArray[np.uint8], cells: NDArray[np.uint8], cell_of: Rows, bits: int, start: Mixtures | None
    ) -> Recipes:
        """Mix colors by cells of some bits, beginning with a mixture for each where there are such."""
        found = self._find(cells, start)
        # In the order of luma, so that colors that are near each other have their dots in the same places. Unused
        # slots come last.
        is_used = found.weights > 0
        lumas = self._lumas.take(found.rows)
        lumas[~is_used] = np.inf
        order = lumas.argsort(axis=0, kind="stable")[: min(_MOST_ENDS + 1, is_used.sum(axis=0).max())]
        rows = np.take_along_axis(found.rows, order, axis=0)
        parts = np.take_along_axis(found.weights, order, axis=0)[:-1].cumsum(axis=0)
        recipes = _make_room(len(colors), rows.T.reshape(-1))
        np.multiply(cell_of, len(rows), out=recipes.firsts, casting="unsafe")
        if cells is colors:
            recipes.ends[:, : len(parts)] = np.rint(255 * parts.clip(0, 1)).T
            return recipes
        slopes = np.take_along_axis(measure_slopes(found, self._corners, self._noise), order[:, np.newaxis], axis=0)
        slopes = slopes[:-1].cumsum(axis=0)
        offsets = parts - (slopes * self._place(cells).T).sum(axis=1)
        off = self._follow(colors, cell_of, slopes, offsets, recipes.ends)
        misfits = np.flatnonzero(off * self._measure_radii(found).take(cell_of) > self._most_off)
        if len(misfits):
            colors = colors[misfits]
            finer, finer_of = self._list_cells(colors, bits + 1)
            places = np.empty(len(finer), np.intp)
            places[finer_of] = cell_of[misfits]
            others = self._mix_cells(colors, finer, finer_of, bits + 1, _take(found, places))
            recipes = recipes.replace(misfits, others)
        return recipes

    def _follow(
        self,
        colors: NDArray[np.uint8],
        cell_of: Rows,
        slopes: Floats,
        offsets: Floats,
        ends: NDArray[np.uint8],
    ) -> Floats:
        """Follow the ends of cells by their slopes (part, channel, cell) and offsets (part, cell) to their colors.

        Returns
        -------
        ndarray of shape (n_colors,), dtype float32
            Of 255, by how much an end left its place between those before and behind it.
        """
        slopes, offsets = (255 * slopes).astype(np.float32), (255 * offsets).astype(np.float32)
        off = np.zeros(len(colors), np.float32)
        for start in range(0, len(colors), _COLORS_AT_ONCE):
            strip = slice(start, start + _COLORS_AT_ONCE)
            here, planes = cell_of[strip], self._place(colors[strip]).T.astype(np.float32)
            most, previous = np.full(len(here), 255, np.float32), np.zeros(len(here), np.float32)
            for end, slope, offset in zip(ends[strip].T, slopes, offsets, strict=False):
                part = offset.take(here, mode="clip")
                for factor, plane in zip(slope, planes, strict=True):
                    part += factor.take(here, mode="clip") * plane
                kept = np.maximum(np.minimum(part, most), previous)
                np.maximum(off[strip], np.abs(np.subtract(part, kept, out=part), out=part), out=off[strip])
                end[:] = np.rint(kept)
                previous = kept
        return off

    def _measure_radii(self, mixtures: Mixtures) -> Floats:
        """Measure how far the farthest color in a mixture is from it."""
        corners = self._corners.T.take(mixtures.rows, axis=1)
        corners -= np.einsum("sn,dsn->dn", mixtures.weights, corners)[:, np.newaxis]
        squares = np.square(corners).sum(axis=0) * (mixtures.weights > 0)
        radii: Floats = np.sqrt(squares.max(axis=0), dtype=np.float32)
        return radii


def _take(mixtures: Mixtures, places: Rows) -> Mixtures:
    return Mixtures(mixtures.rows.take(places, axis=1), mixtures.weights.take(places, axis=1))


def _list_opaque_cells(colors: NDArray[np.uint8], bits: int) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    codes = np.zeros(len(colors), np.int32)
    for channel in colors.T:
        codes <<= bits
        codes |= channel >> (8 - bits)
    places = np.zeros(1 << bits * 3, np.int32)
    places[codes] = 1
    occupied = np.flatnonzero(places)
    places[occupied] = np.arange(len(occupied))
    levels = occupied[:, np.newaxis] >> bits * np.array([2, 1, 0]) & ((1 << bits) - 1)
    return ((levels << (8 - bits)) + (1 << (7 - bits))).astype(np.uint8), places[codes]


def _list_soft_cells(colors: NDArray[np.uint8], bits: int, space: str) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """List cells of premultiplied light: what is nearly clear is nearly alike, and may be all that a picture has."""
    codes = coarsen(_encode_light(colors, space), bits)
    occupied, _ = np.unique(codes, return_counts=True)
    light = occupied.view(np.uint8).reshape(-1, 4).T * (light_of(space)[-1] / np.float32(255))
    np.minimum(light, light[3], out=light)  # no channel has more light than what is opaque
    return to_nearest_colors(light, space), np.searchsorted(occupied, codes)


def _encode_light(colors: NDArray[np.uint8], space: str) -> NDArray[np.uint32]:
    """Pack premultiplied light and alpha, in 8 bits each, into keys as in `Picture`."""
    scale, codes = np.float32(255 / light_of(space)[-1]), np.empty(len(colors), np.uint32)
    for start in range(0, len(colors), _COLORS_AT_ONCE):
        strip = slice(start, start + _COLORS_AT_ONCE)
        codes[strip] = pack_colors(np.rint(to_light(colors[strip], space) * scale).astype(np.uint8))
    return codes
