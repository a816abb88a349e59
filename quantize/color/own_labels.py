"""The labels that an indexed picture came with, where a palette gives each of them the color that it had."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors
from quantize.color.matching import Labels, Match
from quantize.color.transparency import with_alpha
from quantize.errors import InputError
from quantize.records.palette import Palette
from quantize.records.picture import Picture
from quantize.records.settings import Settings

_OPAQUE = np.uint32(0xFF000000)


def find_own_labels(picture: Picture, match: Match) -> Labels | None:
    """Find the labels that a picture has in a given palette already, duplicates too.

    Returns
    -------
    labels : ndarray of the picture's shape, dtype uint8
    color_labels : None
        Pixels of one color may have several labels. All is None where the picture came without labels, or one of them
        would change a pixel, or the palette was found for the picture.
    """
    if picture.indexed is None or match.rows is None:
        return None
    labels = picture.indexed.labels
    keys, own = _list_keys(match.palette.colors), _list_keys(picture.indexed.colors)
    if labels.shape != picture.keys.shape or int(labels.max()) >= len(own):
        return None
    # A row whose color is elsewhere now, as one that made place for the transparent entry, follows it.
    stays = [row < len(keys) and keys[row] == key for row, key in enumerate(own)]
    moved_first = sorted(range(len(keys)), key=lambda row: row < len(own) and stays[row])
    places = {int(keys[row]): row for row in reversed(moved_first)}
    rows = [row if stays[row] else places.get(key, 0) for row, key in enumerate(own.tolist())]
    labels = np.array(rows, np.uint8)[labels]
    pixels = picture.keys if picture.has_alpha else picture.keys | _OPAQUE
    return (labels, None) if bool((keys[labels] == pixels).all()) else None


def _list_keys(colors: NDArray[np.uint8]) -> NDArray[np.uint32]:
    colors = with_alpha(colors)
    keys: NDArray[np.uint32] = np.where(colors[:, 3] > 0, pack_colors(colors), np.uint32(0))
    return keys


def give_own_palette(picture: Picture, settings: Settings) -> Settings:
    """Put the palette that a picture came with in the place of a given one, where the settings ask for that.

    Raises
    ------
    InputError
        It came without.
    """
    if not settings.own_palette:
        return settings
    if picture.indexed is None:
        raise InputError(
            f"{picture.source.name}: has no palette of its own, which -p - would keep; give -p a file, or -k"
        )
    colors = picture.indexed.colors
    if (colors[:, 3] == 255).all():
        colors = colors[:, :3].copy()
    return replace(settings, palette=Palette(colors, title="own"))
