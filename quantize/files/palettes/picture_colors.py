"""Pictures as palettes: the palette of an indexed one, or the few colors of any other."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from quantize.errors import InputError
from quantize.files.palettes.entries import Entry, ExportEntry
from quantize.files.reading.loading import load_picture
from quantize.files.reading.opening import open_image
from quantize.files.reading.own_palette import read_own_colors
from quantize.records.palette import MAX_COLORS, MAX_INDEXED
from quantize.records.picture import Picture
from quantize.records.settings import MAX_PIXELS, Settings
from quantize.version import MARK

_NAMED_BY_THEIR_FIRST_BYTES = ("PNG", "GIF", "JPEG", "BMP", "WEBP", "TIFF")

_STRIP = 1 << 20
"""Pixels whose colors are listed at a time."""


def is_picture(data: bytes) -> bool:
    """Tell by the header of the usual formats."""
    try:
        with Image.open(io.BytesIO(data), formats=_NAMED_BY_THEIR_FIRST_BYTES):
            return True
    except Exception:
        return False


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
    rgba = np.array([entry.color for entry in entries], np.uint8)
    is_opaque = bool((rgba[:, 3] == 255).all())
    if len(entries) > MAX_INDEXED:
        return _encode(Image.fromarray(rgba[np.newaxis, :, : 3 if is_opaque else 4].copy()))
    image = Image.frombytes("P", (len(entries), 1), bytes(range(len(entries))))
    image.putpalette(rgba[:, :3].tobytes())
    return _encode(image, **({} if is_opaque else {"transparency": rgba[:, 3].tobytes()}))


def _encode(image: Image.Image, **options: Any) -> bytes:
    marks = PngInfo()
    marks.add_text("Software", MARK)
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=marks, **options)
    return stream.getvalue()
