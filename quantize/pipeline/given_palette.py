"""Colors and palettes that people give: read by the room of the files, and converted to sRGB by that of the colors."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quantize.files.palettes.entries import RGBA, Color, ModelColor
from quantize.files.palettes.notation import read_color
from quantize.files.palettes.palette_files import read_palette
from quantize.records.palette import Palette
from quantize.records.settings import MAX_PIXELS


def load_palette(source: str | os.PathLike[str], max_pixels: int = MAX_PIXELS) -> Palette:
    """Load a palette as it stands in a file or a list of colors, or a preset: in order, with duplicates and with names.

    Parameters
    ----------
    source : path or str
        A file in one of `PALETTE_FORMATS`, whatever its ending, or any picture with at most 4096 colors; or, where
        there is no such file, the name of a preset, or colors parted by commas.
    max_pixels : int
        Refuses pictures with more.

    Returns
    -------
    Palette
        With alpha if a color has any, with names if one has one, and with the file's stem or the preset's name as its
        title, or "custom". Colors that sRGB cannot show are clipped.

    Raises
    ------
    InputError
        The file is broken. The sentence starts with its name, and says in which line.
    UsageError
        There is no such file and no such preset, and it is no list of colors.

    Examples
    --------
    >>> load_palette("#1a2b3c, tomato").hex
    ['#1a2b3c', '#ff6347']
    >>> len(load_palette("pico-8"))
    16
    """
    title, entries = read_palette(source, max_pixels)
    colors = _to_rgba([entry.color for entry in entries])
    names = tuple(entry.name for entry in entries)
    n_channels = 4 if (colors[:, 3] < 255).any() else 3
    return Palette(colors[:, :n_channels].copy(), "given", names=names if any(names) else (), title=title)


def parse_color(text: str) -> RGBA:
    """Read a color as `read_color` does, as red, green, blue and alpha, 0 to 255.

    Raises
    ------
    UsageError
        It is no color.
    """
    color = read_color(text)
    if not isinstance(color, ModelColor):
        return color
    red, green, blue, alpha = _to_rgba([color])[0].tolist()
    return red, green, blue, alpha


def _to_rgba(colors: Sequence[Color]) -> NDArray[np.uint8]:
    rgba = np.empty((len(colors), 4), np.uint8)
    rows: dict[str, list[int]] = {}
    for row, color in enumerate(colors):
        if isinstance(color, ModelColor):
            rows.setdefault(color.model, []).append(row)
        else:
            rgba[row] = color
    if rows:
        from quantize.color.models import convert_colors

        for model, several in rows.items():
            written = [color for color in (colors[row] for row in several) if isinstance(color, ModelColor)]
            rgba[several, :3] = convert_colors(model, np.array([color.values for color in written]))
            rgba[several, 3] = [int(255 * color.alpha + 0.5) for color in written]
    return rgba
