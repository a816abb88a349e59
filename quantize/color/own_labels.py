"""The labels that an indexed picture came with, where a palette gives each of them the color that it had."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors
from quantize.color.transparency import with_alpha
from quantize.errors import InputError
from quantize.records.palette import Palette
from quantize.records.picture import Picture
from quantize.records.settings import Settings

_OPAQUE = np.uint32(0xFF000000)


def find_own_labels(picture: Picture, palette: Palette) -> NDArray[Any] | None:
    """Find the labels that a picture has in a palette already, duplicates too.

    Parameters
    ----------
    picture : Picture
    palette : Palette

    Returns
    -------
    ndarray of the picture's shape, dtype uint8, or None
        None where the picture came without labels, or one of them would change a pixel.
    """
    if picture.indexed is None:
        return None
    labels = picture.indexed.labels
    if labels.shape != picture.keys.shape or int(labels.max()) >= len(palette):
        return None
    colors = with_alpha(palette.colors)
    keys = np.where(colors[:, 3] > 0, pack_colors(colors), 0)
    pixels = picture.keys if picture.has_alpha else picture.keys | _OPAQUE
    return labels if bool((keys[labels] == pixels).all()) else None


def give_own_palette(picture: Picture, settings: Settings) -> Settings:
    """Put the palette that a picture came with in the place of a given one.

    Raises
    ------
    InputError
        It came without.
    """
    if picture.indexed is None:
        raise InputError(
            f"{picture.source.name}: has no palette of its own, which -p - would keep; give -p a file, or -k"
        )
    colors = picture.indexed.colors
    if (colors[:, 3] == 255).all():
        colors = colors[:, :3].copy()
    return replace(settings, palette=Palette(colors, title="own"))
