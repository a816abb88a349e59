"""Colors and palettes that people give: read by the room of the files, and converted to sRGB by that of the colors."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.errors import UsageError
from quantize.files.palettes.entries import RGBA, Color, Entry, ModelColor
from quantize.files.palettes.notation import read_color
from quantize.files.palettes.palette_files import Swatches, read_palette, refuse_number
from quantize.records.palette import Palette
from quantize.records.settings import MAX_PIXELS


def load_palette(
    source: str | os.PathLike[str] | Sequence[Any] | NDArray[Any], max_pixels: int = MAX_PIXELS
) -> Palette:
    """Load a palette as it stands in a file or a list of colors, or a preset: in order, with duplicates and with names.

    Parameters
    ----------
    source : path, str, sequence of colors, or array of shape (n, 3) or (n, 4)
        A file in one of `PALETTE_FORMATS`, whatever its ending, or any picture with at most 4096 colors; or, where
        there is no such file, the name of a preset, or colors parted by commas. In a sequence a color is text, or red,
        green and blue from 0 to 255, perhaps with alpha.
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
    if isinstance(source, str | os.PathLike):
        title, entries = read_palette(source, max_pixels)
    else:
        title, entries = _list_entries(source)
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


def _list_entries(colors: Sequence[Any] | NDArray[Any]) -> Swatches:
    """Make entries of colors that are text or numbers."""
    entries = []
    for color in colors:
        if isinstance(color, str):
            entries.append(Entry(read_color(color)))
            continue
        numbers = np.asarray(color)
        if (
            numbers.shape not in ((3,), (4,))
            or numbers.dtype.kind not in "iu"
            or not ((numbers >= 0) & (numbers < 256)).all()
        ):
            raise UsageError(f"{color!r} is not a color; write it as '#e4002b', (228, 0, 43) or 'tomato'")
        red, green, blue, alpha = (*numbers.tolist(), 255)[:4]
        entries.append(Entry((red, green, blue, alpha)))
    refuse_number(len(entries))
    return Swatches("custom", tuple(entries))


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
