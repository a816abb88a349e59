"""A palette that was not made for a picture, and the transparency of both.

The usual threshold of one half decides where the one knows nothing of the other's. An opaque picture stays opaque: it
gets the colors of the entries above, and none of the others. A transparent picture stays transparent: where the
palette's colors are opaque, a pixel above is one of them, and others are gone, which needs an entry of its own.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.clear_entry import mark_clear
from quantize.color.histogram import count_colors
from quantize.color.transparency import find_solid, harden_palette, is_hard, with_alpha
from quantize.errors import InputError
from quantize.records.palette import MAX_INDEXED, Palette
from quantize.records.picture import Histogram, Picture, harden_alpha
from quantize.records.settings import Settings

Labels = tuple[NDArray[Any], NDArray[Any] | None]


class Match(NamedTuple):
    """What to remap: a picture and its histogram onto the `usable` entries, which are the `rows` of the `palette`.

    `rows` is None where the palette was found for this picture: all of its entries are usable, and nothing changes.
    """

    picture: Picture
    histogram: Histogram
    palette: Palette
    usable: Palette
    rows: NDArray[Any] | None

    def label(self, histogram: Histogram, labels: NDArray[Any], color_labels: NDArray[Any] | None) -> Labels:
        """Turn labels of the match into rows of the palette, and those of its colors into those of a histogram's."""
        if self.rows is None:
            return labels, color_labels
        rows = self.rows.astype(np.min_scalar_type(len(self.palette) - 1))
        if color_labels is None:
            return rows[labels], None
        if self.histogram is not histogram:
            color_labels = color_labels[np.searchsorted(self.histogram.keys, harden_alpha(histogram.keys))]
        return rows[labels], rows[color_labels]


def match_palette(picture: Picture, histogram: Histogram, palette: Palette, settings: Settings) -> Match:
    """Suit a picture and a palette to each other, whether it was found for the picture, for others too, or is given.

    Raises
    ------
    InputError
        As by `match_transparency`, or the settings' transparent index is none of the palette's.
    """
    if palette.origin == "found" and palette.colors.shape[1] == histogram.colors.shape[1]:
        return Match(picture, histogram, palette, palette, None)
    if palette is settings.palette and palette.origin == "given" and settings.transparent_index is not None:
        palette = mark_clear(palette, settings.transparent_index)
    palette = harden_palette(palette) if settings.format == "gif" else palette
    return match_transparency(picture, histogram, palette)


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
