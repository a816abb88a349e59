"""Pictures as palettes: the palette of an indexed one, or the few colors of any other."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from quantize.errors import InputError
from quantize.files.palettes.entries import Entry, ExportEntry
from quantize.files.reading.loading import load_picture
from quantize.files.reading.opening import open_image
from quantize.files.reading.own_palette import read_own_colors
from quantize.files.writing.png import encode_drawing
from quantize.records.drawing import Drawing
from quantize.records.palette import MAX_COLORS
from quantize.records.picture import Picture
from quantize.records.settings import MAX_PIXELS, Settings

_STRIP = 1 << 20
"""Pixels whose colors are listed at a time."""


def read_picture_colors(data: bytes, max_pixels: int = MAX_PIXELS) -> list[Entry]:
    """Read the palette of an indexed picture, used or not; else the pixels of a picture of one row, else its colors.

    Colors stand in the order in which a reader of the picture meets them first.
    """
    with warnings.catch_warnings(action="ignore"), open_image(io.BytesIO(data)) as image:
        if image.width * image.height > max_pixels:
            raise InputError(f"has {image.width * image.height:,} pixels, more than {max_pixels:,}")
        if image.mode == "P":
            image.load()
            return [Entry((r, g, b, a)) for r, g, b, a in read_own_colors(image).tolist()]
        picture = load_picture(image, Settings(max_pixels=max_pixels))
    keys = picture.keys.reshape(-1)
    if len(picture.keys) > 1 or len(keys) > MAX_COLORS:
        keys = _list_colors(picture)
    channels = keys.view("u1").reshape(-1, 4).tolist()
    return [Entry((r, g, b, a if picture.has_alpha else 255)) for r, g, b, a in channels]


def _list_colors(picture: Picture) -> NDArray[np.uint32]:
    pixels = picture.keys.reshape(-1)
    listed = pixels[:0]
    for start in range(0, pixels.size, _STRIP):
        # What is known stands first, in order.
        keys = np.concatenate([listed, pixels[start : start + _STRIP]])
        unique, first = np.unique(keys, return_index=True)
        if len(unique) > MAX_COLORS:
            raise InputError(f"has more than {MAX_COLORS:,} colors, which a palette holds; quantize it first")
        listed = unique[np.argsort(first)]
    return listed


def write_png(entries: Sequence[ExportEntry], title: str) -> bytes:
    """Write a picture of one row, one pixel for each color; indexed where it can be."""
    colors = np.array([entry.color for entry in entries], np.uint8)
    if (colors[:, 3] == 255).all():
        colors = np.ascontiguousarray(colors[:, :3])
    labels = np.arange(len(colors), dtype=np.min_scalar_type(len(colors) - 1))
    return encode_drawing(Drawing(labels[np.newaxis], colors))
