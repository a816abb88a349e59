"""A palette as a picture: a strip that is true to the shares, and below it an equal tile for each color, with its code.

Few colors are in it, those of the palette and some grays for the text, so that it is a small indexed PNG.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantize.records.drawing import Drawing
from quantize.records.palette import MAX_INDEXED
from quantize.records.quantized import Quantized
from quantize.records.srgb import lay_on
from quantize.show.figures import format_share
from quantize.show.lettering import Lettering, spell_plainly

Colors = NDArray[np.uint8]

_WIDTH = 1024
_MARGIN = 16
_ROOM = _WIDTH - 2 * _MARGIN
_STRIP = 40
_TOP = 2 * _MARGIN + _STRIP
"""Where the tiles begin."""

_WIDEST = 236
"""Pixels of a tile, at most: a palette of one color is no poster."""

_PAPER, _INK = 255, 32
"""Grays of the ground and of the text."""

CHECKS = (255, 216)
"""Grays of the checkerboard that a color lies on which is not opaque."""

_CHECK = 6
"""Pixels of a check's side."""


_LIKE = 12
"""Distance in 8-bit sRGB up to which a color of the palette stands for a gray of the text."""


class Grid(NamedTuple):
    """How tiles are laid out: `columns` at most; below each, text of a `font_size`, in so many grays.

    A `font_size` of 0 writes nothing.
    """

    columns: int
    height: int
    gutter: int
    font_size: int
    n_grays: int


_GRIDS = {
    16: Grid(8, 80, 12, 13, 3),
    64: Grid(8, 44, 12, 13, 4),
    512: Grid(16, 24, 6, 11, 3),
    4097: Grid(64, 13, 2, 0, 4),
}
"""By the most colors that each is for; 4097 are the largest palette and an entry for what is transparent. Among more
than 512 nobody would look for a code here."""

_MOST_WITH_SHARES = 64
"""Colors. Beyond, their shares are all alike, and would be half of the bytes; and of names, alpha and places there is
room for one."""

_BELOW = 2
"""Pixels between a tile and its label."""

_NOTE_SIZE = 13


class Label(NamedTuple):
    """What stands below a tile; `place` is the color's row in an indexed file."""

    code: str
    share: str
    place: str
    name: str

    @property
    def n_lines(self) -> int:
        """Lines that it takes."""
        return 1 + bool(self.share or self.place) + bool(self.name)

    def measure(self, lettering: Lettering) -> int:
        """Tell how wide a tile has to be: a name may be cut, and nothing else."""
        return max(lettering.measure(self.code), lettering.measure(f"{self.share} {self.place}"))

    def write(self, lettering: Lettering, canvas: NDArray[np.uint8]) -> None:
        """Write it at the upper end of a canvas."""
        width = canvas.shape[1]
        lettering.write(canvas, 0, 0, self.code)
        lettering.write(canvas, 0, lettering.height, self.share)
        lettering.write(canvas, width - lettering.measure(self.place), lettering.height, self.place)
        lettering.write(canvas, 0, (self.n_lines - 1) * lettering.height, lettering.shorten(self.name, width))


def _make_labels(quantized: Quantized, rows: NDArray[np.intp], grid: Grid) -> list[Label]:
    if not grid.font_size:
        return []
    palette, shares = quantized.palette, quantized.shares
    codes, names = palette.hex, palette.names or [""] * len(palette)
    is_clear = palette.colors[:, -1] == 0 if palette.colors.shape[1] == 4 else np.zeros(len(palette), bool)
    is_told = len(rows) <= _MOST_WITH_SHARES
    is_long = bool(palette.names) or max(map(len, codes)) > len("#rrggbb")
    has_places = len(palette) <= MAX_INDEXED and (is_told or not is_long)
    return [
        Label(
            "clear" if is_clear[row] else codes[row],
            format_share(shares[row]) if is_told else "",
            str(row) if has_places else "",
            spell_plainly(names[row]),
        )
        for row in rows
    ]


class _Layout:
    """Where everything stands: equal tiles, no narrower than their widest code, in lines that are equally full."""

    def __init__(self, grid: Grid, n_tiles: int, widest: int, text_height: int, note_height: int) -> None:
        most = min(grid.columns, (_ROOM + grid.gutter) // (widest + grid.gutter))
        n_lines = -(-n_tiles // most)
        columns = -(-n_tiles // n_lines)
        self.width = min(_WIDEST, (_ROOM + grid.gutter) // columns - grid.gutter)
        pitch = grid.height + text_height + grid.gutter
        self.corners = [
            (_TOP + number // columns * pitch, _MARGIN + number % columns * (self.width + grid.gutter))
            for number in range(n_tiles)
        ]
        self.note_top = _TOP + n_lines * pitch
        self.height = self.note_top - grid.gutter + _MARGIN + note_height


class _Inks:
    """The colors of a drawing: those of a palette, each laid on both grays of a checkerboard, and grays for text."""

    def __init__(self, colors: Colors, n_grays: int) -> None:
        has_alpha = colors.shape[1] == 4
        light, dark = (lay_on(colors, gray) if has_alpha else colors for gray in CHECKS)
        is_checked = (light != dark).any(axis=1)
        grays = np.repeat(np.rint(np.linspace(_PAPER, _INK, n_grays)).astype(np.uint8)[:, np.newaxis], 3, axis=1)
        every = np.vstack([grays, light, dark[is_checked]])
        n_first = n_grays + len(colors)
        rows = np.arange(len(every))
        if len(colors) <= MAX_INDEXED < len(every):
            rows = _spare(every, n_grays, n_first)
        drawn, rows = np.unique(rows, return_inverse=True)
        self.colors = every[drawn]
        self.grays, self._light = rows[:n_grays], rows[n_grays:n_first]
        self._dark = self._light.copy()
        self._dark[is_checked] = rows[n_first:]
        self.dtype = np.uint8 if len(self.colors) <= MAX_INDEXED else np.uint16

    def fill(self, place: NDArray[Any], number: int) -> None:
        """Fill a place with a color, or with checks where it is not opaque."""
        light, dark = self._light[number], self._dark[number]
        place[:] = light
        if light != dark:
            y, x = np.ogrid[: place.shape[0], : place.shape[1]]
            place[(y // _CHECK + x // _CHECK) % 2 == 1] = dark

    def frame(self, place: NDArray[Any]) -> None:
        """Draw a hairline around a place: white must not vanish on the paper."""
        place[0] = place[-1] = place[:, 0] = place[:, -1] = self.grays[1]


def _spare(colors: Colors, n_grays: int, n_first: int) -> NDArray[np.intp]:
    """Draw some colors as others that look like them, so that an indexed file has room for all.

    A gray of the text is drawn as a color near it. Then the second look of a transparent color goes before the first
    look of any: of a full palette, at most as many as there are grays, those that are nearest to others.

    Parameters
    ----------
    colors : ndarray of shape (n, 3), dtype uint8
        The grays, the first look of each color, and the second looks.
    n_grays, n_first : int
        How many are grays, and how many those and first looks.

    Returns
    -------
    ndarray of shape (n,)
        The row that each color is drawn as.
    """
    wide = colors.astype(np.int32)
    squares = sum(np.square(np.subtract.outer(channel, channel)) for channel in wide.T)
    grays = np.arange(n_grays)
    own = n_grays + squares[:n_grays, n_grays:n_first].argmin(axis=1)
    has_own = squares[grays, own] <= _LIKE**2
    to_earlier = np.where(np.tri(len(colors), k=-1, dtype=bool), squares, np.iinfo(np.int32).max).min(axis=1)
    order = np.lexsort((to_earlier, np.arange(len(colors)) < n_first))
    stays = np.ones(len(colors), bool)
    stays[grays[has_own]] = False
    order = order[~np.isin(order, [*grays, *own[has_own]])]
    stays[order[: max(0, np.count_nonzero(stays) - MAX_INDEXED)]] = False
    kept = np.flatnonzero(stays)
    rows: NDArray[np.intp] = kept[squares[:, kept].argmin(axis=1)]
    return rows


def render_swatch(quantized: Quantized, order: ArrayLike | None = None) -> Drawing:
    """Draw the palette of a quantized picture.

    Parameters
    ----------
    quantized : Quantized
    order : ndarray of int, optional
        Palette rows, in the order to show them in. By default, the most frequent comes first.

    Returns
    -------
    Drawing
        1024 pixels wide, and as high as it takes. Colors that no pixel has are counted, not shown.
    """
    rows = np.asarray(np.argsort(-quantized.counts, kind="stable") if order is None else order)
    rows = rows[quantized.counts[rows] > 0]
    n_unused = len(quantized.counts) - len(rows)
    grid = next(grid for most, grid in _GRIDS.items() if len(rows) <= most)
    labels = _make_labels(quantized, rows, grid)
    note = f"+{n_unused:,} unused" if n_unused else ""
    lettering = Lettering(grid.font_size or _NOTE_SIZE, [" ", note, *(text for label in labels for text in label)])
    layout = _Layout(
        grid,
        len(rows),
        widest=max((label.measure(lettering) for label in labels), default=grid.height),
        text_height=lettering.height * max((label.n_lines for label in labels), default=0),
        note_height=lettering.height + grid.gutter if note else 0,
    )
    coverage = np.zeros((layout.height, _WIDTH), np.uint8)
    for (top, left), label in zip(layout.corners, labels, strict=False):
        label.write(lettering, coverage[top + grid.height + _BELOW :, left : left + layout.width])
    lettering.write(coverage, _MARGIN, layout.note_top, note)

    inks = _Inks(quantized.palette.colors[rows], grid.n_grays)
    steps = np.rint(np.linspace(0, len(inks.grays) - 1, 256)).astype(int)
    canvas = inks.grays.astype(inks.dtype)[steps].take(coverage)
    for number, (top, left) in enumerate(layout.corners):
        tile = canvas[top : top + grid.height, left : left + layout.width]
        inks.fill(tile, number)
        inks.frame(tile)
    strip = canvas[_MARGIN : _MARGIN + _STRIP, _MARGIN : _MARGIN + _ROOM]
    edges = np.rint(np.cumsum([0.0, *quantized.shares[rows]]) * _ROOM).astype(int).tolist()
    for number, (left, right) in enumerate(pairwise(edges)):
        inks.fill(strip[:, left:right], number)
    inks.frame(strip)
    return Drawing(canvas, inks.colors)
