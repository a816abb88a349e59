"""The place of the transparent entry in a palette: consoles and sprite tools expect it at a row of their own."""

from dataclasses import replace

import numpy as np

from quantize.color.transparency import with_alpha
from quantize.errors import InputError
from quantize.records.palette import Palette


def place_clear(palette: Palette, row: int) -> Palette:
    """Move the transparent entry to a row, or add one there; where the palette is shorter, its last color repeats.

    Parameters
    ----------
    palette : Palette
    row : int
        From 0.

    Returns
    -------
    Palette
        With alpha; the other entries in their order.
    """
    colors = with_alpha(palette.colors)
    clear = np.flatnonzero(colors[:, 3] == 0)[:1]
    others = np.delete(np.arange(len(colors)), clear)
    if len(others) < row:
        others = np.append(others, np.repeat(others[-1:], row - len(others)))
    names = list(palette.take(others).names)
    own_name = palette.names[clear[0]] if names and len(clear) else ""
    rows = np.insert(others, row, clear[0] if len(clear) else 0)
    placed = colors[rows]
    if not len(clear):
        placed[row] = 0
    return replace(palette, colors=placed, names=(*names[:row], own_name, *names[row:]) if names else ())


def mark_clear(palette: Palette, row: int) -> Palette:
    """Make an entry of a given palette the transparent one.

    Where another is that already, the two change places. Where none is, the entry's color stays in the file, and no
    pixel is shown in it.

    Raises
    ------
    InputError
        The palette has no such row.
    """
    if row >= len(palette):
        last = len(palette) - 1
        raise InputError(f"--transparent-index {row}: the colors of the palette {palette.title!r} are 0 to {last}")
    colors = with_alpha(palette.colors).copy()
    clear = np.flatnonzero(colors[:, 3] == 0)
    if len(clear) and row not in clear:
        rows = np.arange(len(colors))
        rows[[row, clear[0]]] = clear[0], row
        return replace(palette, colors=colors).take(rows)
    colors[row, 3] = 0
    return replace(palette, colors=colors)
