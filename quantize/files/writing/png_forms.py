"""The forms in which a PNG holds the same pixels: labels of a palette, levels of gray, or true color."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.files.writing.png_container import GRAY, INDEXED, RGB, RGBA, Chunk, write_palette
from quantize.files.writing.png_rows import Bytes, pack_labels, pack_pixels
from quantize.records.palette import MAX_INDEXED, Palette
from quantize.records.quantized import Quantized

Labels = NDArray[Any]

_FEW = 4096
"""Pixels up to which true color may be smaller than a palette, its chunk's frame of 12 bytes counted."""


class PngForm(NamedTuple):
    """How labels become rows: `step` is the bytes from one pixel to the next, for the filters."""

    color_type: int
    bits: int
    step: int
    palette: list[Chunk]
    pack: Callable[[Labels], Bytes]


def plain_form(palette: Palette) -> PngForm:
    """Choose the form for any picture: indexed, or true color above 256 colors."""
    return true_color_form(palette) if len(palette) > MAX_INDEXED else indexed_form(palette)


def list_forms(quantized: Quantized) -> list[PngForm]:
    """List the forms that may be smallest; where somebody asked how the palette is stored, it is stored so.

    A pixel of 16 colors is half a byte, and deflate knows whole ones: what stood before it sees only an even number of
    pixels back. With a byte each, photographs come out up to 8% smaller.
    """
    palette = quantized.palette
    forms = [plain_form(palette)]
    if quantized.settings.bits is None and forms[0].bits == 4:
        forms.append(indexed_form(replace(palette, asked_bits=8)))
    if quantized.is_free:
        if gray := gray_form(palette):
            forms.append(gray)
        if quantized.labels.size <= _FEW:
            forms.append(true_color_form(palette))
    return forms


def indexed_form(palette: Palette) -> PngForm:
    bits = palette.bits
    return PngForm(INDEXED, bits, 1, write_palette(palette.colors), lambda labels: pack_labels(labels, bits))


def true_color_form(palette: Palette) -> PngForm:
    n_channels = palette.colors.shape[1]
    color_type = RGB if n_channels == 3 else RGBA
    return PngForm(color_type, 8, n_channels, [], lambda labels: pack_pixels(labels, palette.colors))


def gray_form(palette: Palette) -> PngForm | None:
    """Choose the form without a palette for gray pixels, of which one level may stand for what is clear.

    Returns
    -------
    PngForm or None
        None where a color is not gray or only partly transparent, or no level is left for what is clear.
    """
    colors = palette.colors
    levels, is_clear = colors[:, 0].copy(), np.zeros(len(colors), np.bool_)
    if colors.shape[1] == 4:
        is_clear = colors[:, 3] == 0
        if (colors[~is_clear, 3] < 255).any():
            return None
    solid = levels[~is_clear]
    if (colors[~is_clear, :3] != solid[:, None]).any():
        return None
    # A level of n bits stands for a gray where it repeats itself in eight: 85 is 1 of 3, and 17 is 1 of 15.
    bits = next(bits for bits in (1, 2, 4, 8) if not (solid % _unit(bits)).any())
    chunks: list[Chunk] = []
    if is_clear.any():
        free = np.setdiff1d(np.arange(1 << bits) * _unit(bits), solid)
        if not free.size:
            return None
        levels[is_clear] = free[0]
        chunks = [("tRNS", struct.pack(">H", free[0] // _unit(bits)))]
    table = (levels // _unit(bits)).astype(np.uint8)
    return PngForm(GRAY, bits, 1, chunks, lambda labels: pack_labels(table[labels], bits))


def _unit(bits: int) -> int:
    return 255 // ((1 << bits) - 1)
