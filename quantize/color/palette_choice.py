"""The entries of a given palette that serve a picture best, by the squared distances of its colors."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors
from quantize.color.remap import is_opaque
from quantize.color.spaces import to_points
from quantize.color.transparency import find_solid, harden_histogram, is_hard, with_alpha
from quantize.kmeans import choose_candidates
from quantize.records.palette import Palette
from quantize.records.picture import Histogram

_MOST_COSTS = 1 << 21
"""Distances of colors from entries that are compared: like colors are grouped until there are no more. 12 or 64 of 447
entries that are chosen so have at most 0.6% more error than with eight times as many groups (six photographs)."""

_OUT_OF_REACH = 16.0
"""Squared distance of an opaque color from an entry that is not: beyond the largest in any space."""


def choose_entries(histogram: Histogram, candidates: Palette, n_colors: int, kept: Histogram, space: str) -> Palette:
    """Choose the entries of a palette that represent a histogram best.

    Parameters
    ----------
    histogram : Histogram
    candidates : Palette
        At most 4096 entries.
    n_colors : int
        Entries to choose at most; kept colors and the one for transparent pixels count among them.
    kept : Histogram
        Opaque colors that are in the result, be they candidates or not.
    space : str
        A name in `SPACES`: its squared distances are summed up.

    Returns
    -------
    Palette
        The entries in the candidates' order, with their names; after them the kept colors that are no candidates, and
        a transparent entry where transparent pixels need one. Fewer where more would serve no pixel; all candidates
        as they are where the histogram is opaque and none of them is.
    """
    histogram, pool = _suit(histogram, candidates)
    if not len(pool):
        return candidates  # which a picture is then found not to match
    held = [*kept.keys.tolist(), *([0] if histogram.has_clear else [])]
    pool = _extend(pool, [key for key in held if key not in _list_keys(pool)])
    keys = _list_keys(pool)
    rows = choose_candidates(_compare(histogram, pool, space), n_colors, [keys.index(key) for key in held])
    return pool.take(rows)


def _suit(histogram: Histogram, candidates: Palette) -> tuple[Histogram, Palette]:
    """Give both alpha or neither, as a given palette and a picture are matched."""
    if histogram.has_alpha:
        pool = replace(candidates, colors=with_alpha(candidates.colors))
        return (harden_histogram(histogram) if is_hard(pool.colors) else histogram), pool
    rows = find_solid(candidates)
    return histogram, replace(candidates.take(rows), colors=candidates.colors[rows, :3])


def _list_keys(palette: Palette) -> list[int]:
    keys = pack_colors(palette.colors)
    if palette.colors.shape[1] == 4:
        keys = np.where(palette.colors[:, 3] > 0, keys, 0)
    return [int(key) for key in keys]


def _extend(palette: Palette, keys: list[int]) -> Palette:
    """Add colors at the end, without names."""
    colors = np.array(keys, "<u4").view(np.uint8).reshape(-1, 4)[:, : palette.colors.shape[1]]
    names = palette.names and (*palette.names, *[""] * len(keys))
    return replace(palette, colors=np.vstack([palette.colors, colors]), names=names)


def _compare(histogram: Histogram, pool: Palette, space: str) -> NDArray[np.float32]:
    """What each group of colors costs with each entry: of shape (n_entries, n_groups)."""
    visible = histogram.visible
    points = to_points(visible.colors, space).astype(np.float64)
    weights, opaque = visible.counts.astype(np.float64), is_opaque(visible.colors)
    cells = group_alike(visible.keys, opaque, max(1, _MOST_COSTS // len(pool)))
    masses = np.bincount(cells, weights)
    masses[masses == 0] = 1  # of colors that count for nothing
    means = np.stack([np.bincount(cells, weights * column) / masses for column in points.T], axis=1)
    entries = to_points(pool.colors, space).astype(np.float64)
    squares = (entries**2).sum(axis=1)[:, np.newaxis] - 2 * entries @ means.T + (means**2).sum(axis=1)
    solid = is_opaque(pool.colors)
    if solid.any():
        # As they are remapped: opaque colors get opaque entries.
        squares[np.ix_(~solid, np.bincount(cells, opaque) > 0)] += _OUT_OF_REACH
    costs: NDArray[np.float32] = (np.bincount(cells, weights) * squares.clip(0)).astype(np.float32)
    return costs


def group_alike(keys: NDArray[np.uint32], opaque: NDArray[np.bool_], most: int) -> NDArray[np.intp]:
    """Number the cells of like colors: as fine as leaves at most so many, and opaque ones apart."""
    numbers = np.arange(len(keys))
    # Smaller cells than of 8 levels are hardly fewer than colors.
    for n_bits in range(3, 8):
        if int(numbers.max(initial=-1)) < most:
            break
        cells = keys & np.uint32(0x01010101 * (0xFF << n_bits & 0xFF))
        cells[opaque] |= np.uint32(0xFF000000)
        numbers = np.unique(cells, return_inverse=True, return_counts=True)[1].reshape(-1)
    return numbers
