"""A palette as a picture: one block per color, as wide as its share, with its hex code and share on it."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.data import read_data
from quantize.records.quantized import Quantized

Floats = NDArray[Any]

_WIDTH = 1024
_MIN_BLOCK = 64
"""Pixels that ``#rrggbb`` takes, and a margin on both sides: no block is narrower."""
_STRETCH = 1.25
"""How much longer than its narrowest blocks a row is, so that shares have room to show."""
_LINE = 17
_CHECKER = 8
_COVERAGES = np.linspace(0, 1, 256)[:, None]


def render_swatch(quantized: Quantized) -> NDArray[np.uint8]:
    """Draw the palette of a quantized picture, the most frequent color first.

    Parameters
    ----------
    quantized : Quantized

    Returns
    -------
    ndarray of shape (height, 1024, 3), dtype uint8
        Its height follows the number of colors.
    """
    order = np.argsort(-quantized.counts, kind="stable")
    shares, colors, codes = quantized.shares[order], quantized.palette.colors[order], quantized.palette.hex
    length = _WIDTH * math.ceil(len(order) * _MIN_BLOCK * _STRETCH / _WIDTH)
    rows = _break_into_rows([max(_MIN_BLOCK, share * length) for share in shares])
    height = 96 if len(rows) <= 4 else 38
    # One integer a pixel: filling a block is one value, its text one lookup among few shades.
    canvas = np.empty((height * len(rows), _WIDTH), "<u4")
    light, dark = _over_checkerboard(colors)
    behind = (light + dark) / 2
    shades = _pack(behind[:, None] + (np.array([contrasting(rgb) for rgb in behind]) - behind)[:, None] * _COVERAGES)
    light, dark = _pack(light), _pack(dark)
    for index, (row, left, right) in enumerate(_lay_out(rows)):
        block = canvas[row * height : (row + 1) * height, left:right]
        block[:] = light[index]
        if light[index] != dark[index]:
            y, x = np.ogrid[: block.shape[0], : block.shape[1]]
            block[(y // _CHECKER + x // _CHECKER) % 2 == 1] = dark[index]
        _write(block, [codes[order[index]], format_share(shares[index])], shades[index])
    channels: NDArray[np.uint8] = canvas.view("u1").reshape(*canvas.shape, 4)
    return channels[..., :3]


def format_share(share: float) -> str:
    """Write a share of the pixels, 0 to 1, so that a color in use never reads as 0%."""
    return "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"


def contrasting(rgb: Iterable[float]) -> tuple[int, int, int]:
    """Choose black or white, whichever has the larger WCAG 2 contrast on an 8-bit sRGB color: at least 4.58."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return (0, 0, 0) if (luminance + 0.05) ** 2 > 1.05 * 0.05 else (255, 255, 255)


def _break_into_rows(widths: Sequence[float]) -> list[list[float]]:
    # Rows of about equal length: each block goes where its middle falls on the line of all blocks.
    total = sum(widths)
    n_rows = max(1, round(total / _WIDTH))
    rows: list[list[float]] = [[] for _ in range(n_rows)]
    end = 0.0
    for width in widths:
        rows[int((end + width / 2) / total * n_rows)].append(width)
        end += width
    return [row for row in rows if row]


def _lay_out(rows: Sequence[Sequence[float]]) -> Iterator[tuple[int, int, int]]:
    for number, row in enumerate(rows):
        edges = np.rint(np.cumsum([0.0, *row]) * _WIDTH / sum(row)).astype(int).tolist()
        yield from ((number, left, right) for left, right in pairwise(edges))


def _over_checkerboard(colors: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """Lay colors on white and on light gray; both are the color itself where it is opaque."""
    alpha = colors[:, 3:] / 255 if colors.shape[1] == 4 else 1.0
    light, dark = (colors[:, :3] * alpha + back * (1 - alpha) for back in (255, 216))
    return light, dark


def _write(block: NDArray[np.uint32], lines: Sequence[str], shades: NDArray[np.uint32]) -> None:
    """Write lines in the middle of a block; `shades` leads from the color behind the text to that of the text."""
    glyphs = load_glyphs()
    top = (block.shape[0] - _LINE * len(lines)) // 2
    for number, line in enumerate(lines):
        coverage = np.concatenate([glyphs[character] for character in line], axis=1)
        left = max(0, (block.shape[1] - coverage.shape[1]) // 2)
        place = block[top + number * _LINE : top + (number + 1) * _LINE, left:]
        place[:, : coverage.shape[1]] = shades.take(coverage[:, : place.shape[1]])


def _pack(rgb: Floats) -> NDArray[np.uint32]:
    packed: NDArray[np.uint32] = np.rint(rgb).astype("<u4") @ np.array([1, 1 << 8, 1 << 16], "<u4")
    return packed


@functools.cache
def load_glyphs() -> dict[str, NDArray[np.uint8]]:
    """Load how much of its pixels each character covers, 0 to 255: arrays of 17 rows."""
    # Drawn beforehand: to start a font takes longer than to draw a swatch, and looks differ between its versions.
    rows = json.loads(read_data("glyphs.json"))
    return {character: np.array([list(bytes.fromhex(row)) for row in rows[character]], np.uint8) for character in rows}
