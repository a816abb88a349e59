"""A palette that was not made for a picture, and the transparency of both.

The usual threshold of one half decides where the one knows nothing of the other's. An opaque picture stays opaque: it
gets the colors of the entries above, and none of the others. A transparent picture stays transparent: where the
palette's colors are opaque, a pixel above is one of them, and others are gone, which needs an entry of its own.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import count_colors, pack_colors
from quantize.errors import InputError
from quantize.records.palette import MAX_INDEXED, Palette
from quantize.records.picture import Histogram, Picture, harden_alpha

Labels = tuple[NDArray[Any], NDArray[Any] | None]

_HALF = np.uint32(0x80000000)


class Match(NamedTuple):
    """What to remap: a picture and its histogram onto the `usable` entries, which are the `rows` of the `palette`."""

    picture: Picture
    histogram: Histogram
    palette: Palette
    usable: Palette
    rows: NDArray[Any]

    def label(self, histogram: Histogram, labels: NDArray[Any], color_labels: NDArray[Any] | None) -> Labels:
        """Turn labels of the match into rows of the palette, and those of its colors into those of a histogram's."""
        rows = self.rows.astype(np.min_scalar_type(len(self.palette) - 1))
        if color_labels is None:
            return rows[labels], None
        if self.histogram is not histogram:
            color_labels = color_labels[np.searchsorted(self.histogram.keys, harden_alpha(histogram.keys))]
        return rows[labels], rows[color_labels]


def match_transparency(picture: Picture, histogram: Histogram, palette: Palette) -> Match:
    """Suit a picture and a given palette to each other.

    Parameters
    ----------
    picture : Picture
    histogram : Histogram
    palette : Palette

    Returns
    -------
    Match
        Its `palette` has the entries of the one that was given, in order, and perhaps a transparent one after them.

    Raises
    ------
    InputError
        There is no place for a transparent entry, or none but such for an opaque picture.
    """
    if picture.has_alpha:
        return _match_transparent(picture, histogram, palette)
    rows = find_solid(palette)
    if not len(rows):
        raise InputError(f"{picture.source.name}: is opaque, but all colors of the palette are transparent")
    palette = replace(palette, colors=np.ascontiguousarray(palette.colors[:, :3]))
    return Match(picture, histogram, palette, replace(palette, colors=palette.colors[rows]), rows)


def _match_transparent(picture: Picture, histogram: Histogram, palette: Palette) -> Match:
    colors = with_alpha(palette.colors)
    if is_hard(colors):
        picture = replace(picture, keys=harden_alpha(picture.keys))
        histogram = count_colors(picture)
    if histogram.has_clear and (colors[:, 3] > 0).all():
        colors = np.vstack([colors, np.zeros((1, 4), np.uint8)])
    if len(colors) > MAX_INDEXED == len(palette):
        raise InputError(
            f"{picture.source.name}: its transparent pixels take a palette entry of their own, and the palette has "
            f"{MAX_INDEXED} colors already; leave one out, or give a --background"
        )
    names = palette.names and (*palette.names, *[""] * (len(colors) - len(palette)))
    palette = replace(palette, colors=colors, names=names)
    return Match(picture, histogram, palette, palette, np.arange(len(palette)))


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
