"""One open image to its keys: the picture, and each frame of an animation."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.files.reading.modes import Conversion, convert_to_keys, plan_conversion
from quantize.files.reading.sixteen_bits import has_16_bits, load_16_bits, mend_planes
from quantize.files.reading.tracking import load_tracked
from quantize.parallel.overflow import reserve
from quantize.parallel.progress import within

Keys = NDArray[np.uint32]

_DECODED = 0.7
"""Part of the time that decoding takes, for whoever follows how far the work has come; the rest is conversion."""

_ORIENTATION = 0x0112
"""EXIF 2.32, 4.6.4: how the stored rows are to be turned."""

_TURNS: dict[int, Callable[[Keys], Keys]] = {
    1: lambda keys: keys,
    2: lambda keys: keys[..., ::-1],
    3: lambda keys: keys[..., ::-1, ::-1],
    4: lambda keys: keys[..., ::-1, :],
    5: lambda keys: keys.swapaxes(-1, -2),
    6: lambda keys: keys[..., ::-1].swapaxes(-1, -2),
    7: lambda keys: keys[..., ::-1, ::-1].swapaxes(-1, -2),
    8: lambda keys: keys[..., ::-1, :].swapaxes(-1, -2),
}
"""By orientation: the view of upright keys in which the rows are as they are stored."""


def read_still(
    image: Image.Image, file: IO[bytes] | None = None, n_threads: int = 1
) -> tuple[Keys, bool, tuple[str, ...]]:
    """Read a picture, and turn it upright.

    Parameters
    ----------
    image : PIL.Image.Image
    file : binary file, optional
        Where it was opened from.
    n_threads : int
        Used where it is read piece by piece.

    Returns
    -------
    keys : ndarray of shape (height, width), dtype little-endian uint32
        The bytes R, G, B, and alpha or 0.
    has_alpha : bool
        Whether the fourth byte is alpha.
    notices : tuple of str
    """
    if file and image.format == "TIFF":
        from quantize.files.reading.tiles import convert_pieces, find_layout

        if layout := find_layout(image):
            keys, stored = make_upright(layout.whole, read_orientation(image))
            conversion = convert_pieces(image, layout, file, stored, n_threads)
            return keys, conversion.mode == "RGBA", conversion.notices
    with within(0, _DECODED):
        image, conversion, notices = load_still(image, file)
    keys, stored = make_upright(image.size, read_orientation(image))
    with within(_DECODED, 1):
        convert_to_keys(image, conversion, stored)
    return keys, conversion.mode == "RGBA", (*notices, *conversion.notices)


def load_still(image: Image.Image, file: IO[bytes] | None) -> tuple[Image.Image, Conversion, tuple[str, ...]]:
    """Load an image, and find out how its pixels become keys."""
    notices: tuple[str, ...] = ()
    mend_planes(image)
    if image.format in ("PPM", "DDS", "QOI", "BMP", "DIB"):
        from quantize.files.reading.decoders import replace_decoders

        replace_decoders(image)
    bits = _read_depth(image)
    if file and has_16_bits(image):
        image, notices = load_16_bits(image, file)
    else:
        load_tracked(image)
    _scale_color_key(image, bits)
    profile: bytes | None = image.info.get("icc_profile")
    remark: tuple[str, ...] = ()
    if image.format in ("PNG", "AVIF"):
        from quantize.files.reading.color_tags import find_profile

        profile, remark = find_profile(image, file)
    return image, plan_conversion(image, profile), (*notices, *remark)


def turn_upright(stored: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Turn rows as they are stored, such as labels; a copy."""
    upright = np.empty(stored.shape[::-1] if orientation >= 5 else stored.shape, stored.dtype)
    _TURNS[orientation](upright)[...] = stored
    return upright


def make_upright(size: tuple[int, int], orientation: int, n_frames: int | None = None) -> tuple[Keys, Keys]:
    """Make room for the keys of a picture, or of several frames.

    Returns
    -------
    keys : ndarray of shape (height, width), or (n_frames, height, width)
    stored : ndarray
        A view of the keys in which the rows are as the file stores them, of this size.
    """
    sides = size if orientation >= 5 else size[::-1]
    shape = sides if n_frames is None else (n_frames, *sides)
    keys: Keys = np.ndarray(shape, "<u4", reserve(4 * math.prod(shape)))
    return keys, _TURNS[orientation](keys)


def read_orientation(image: Image.Image) -> int:
    """Read how an image is to be turned, 1 to 8; 1 where it says nothing, or what cannot be read."""
    with suppress(Exception):  # broken EXIF raises nearly anything, and is no reason to refuse a picture
        orientation = image.getexif().get(_ORIENTATION, 1)
        if orientation in _TURNS:
            return int(orientation)
    return 1


def _read_depth(image: Image.Image) -> int:
    """Read the bits of a gray PNG that is not loaded yet; 8 for all others."""
    tiles = getattr(image, "tile", ())
    return {"L;2": 2, "L;4": 4}.get(tiles[0][3], 8) if image.format == "PNG" and tiles else 8


def _scale_color_key(image: Image.Image, bits: int) -> None:
    """Bring the color key of a PNG from the file's depth to that of the pixels, where Pillow leaves it as it was."""
    key = image.info.get("transparency")
    if image.format != "PNG" or image.mode not in ("L", "RGB") or isinstance(key, bytes | None):
        return
    # PNG 1.2, 4.2.1.1: of a key that has more bits than the pixels only the lower ones count.
    most = (1 << bits) - 1
    scaled = tuple((value & most) * 255 // most for value in (key if isinstance(key, tuple) else (key,)))
    image.info["transparency"] = scaled if isinstance(key, tuple) else scaled[0]
