"""Opaque, transparent, or partly so: of palettes and colors, where one half decides."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, harden_alpha

_HALF = np.uint32(0x80000000)


def find_solid(palette: Palette) -> NDArray[np.intp]:
    """Find the rows that an opaque picture may have: those that are at least half opaque."""
    return np.flatnonzero(palette.colors[:, 3:].min(axis=1, initial=255) >= _HALF >> 24)


def with_alpha(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give colors of three columns a fourth, opaque."""
    return colors if colors.shape[1] == 4 else np.column_stack([colors, np.full(len(colors), 255, np.uint8)])


def is_hard(colors: NDArray[np.uint8]) -> bool:
    """Whether each color with alpha is either opaque or fully transparent."""
    return bool(np.isin(colors[:, 3], (0, 255)).all())


def harden_palette(palette: Palette) -> Palette:
    """Make each entry opaque from one half on, and fully transparent below: for formats that know no more."""
    if palette.colors.shape[1] == 3 or is_hard(palette.colors):
        return palette
    colors = harden_alpha(pack_colors(palette.colors)).view(np.uint8).reshape(-1, 4)
    return replace(palette, colors=colors)


def harden_histogram(histogram: Histogram) -> Histogram:
    """Make each color opaque from one half on, and fully transparent below."""
    keys, places, _ = np.unique(harden_alpha(histogram.keys), return_inverse=True, return_counts=True)
    return replace(histogram, keys=keys, counts=np.bincount(places.reshape(-1), histogram.counts, len(keys)))
