"""An open image to the keys of its frames: one for a picture, all of them for an animation, each turned upright."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from quantize.errors import InputError
from quantize.files.reading.modes import convert_to_keys, plan_conversion
from quantize.parallel.progress import counted
from quantize.records.picture import Animation

Keys = NDArray[np.uint32]

ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
"""Formats whose pages are moments. Those of TIFF or MPO are other pictures."""


def count_frames(image: Image.Image) -> int:
    """Count the moments of an open image: 1 for a picture that stands still."""
    if image.format not in ANIMATED:
        return 1
    hidden = 1 if image.info.get("default_image") else 0
    return max(1, getattr(image, "n_frames", 1) - hidden)


def describe_pages(image: Image.Image) -> tuple[str, ...]:
    """Say which page or size is used, where there are several."""
    n_pages = getattr(image, "n_frames", 1) if image.format not in ANIMATED else 1
    if n_pages > 1:
        return (f"holds {n_pages} pictures; the first is used",)
    sizes = image.info.get("sizes", ())
    if len(sizes) > 1:
        return (f"holds {len(sizes)} sizes; the largest, {image.width}x{image.height}, is used",)
    return ()


def read_frame(image: Image.Image) -> tuple[Keys, bool, tuple[str, ...]]:
    """Read one picture.

    Returns
    -------
    keys : ndarray of shape (height, width), dtype little-endian uint32
        The bytes R, G, B, and alpha or 0.
    has_alpha : bool
        Whether the fourth byte is alpha.
    notices : tuple of str
    """
    notices = _name_losses(image)
    image.load()
    # In place: a copy of the whole picture would be made even where nothing is to be turned.
    ImageOps.exif_transpose(image, in_place=True)
    conversion = plan_conversion(image)
    keys = np.empty(image.size[::-1], "<u4")
    convert_to_keys(image, conversion, keys)
    return keys, conversion.mode == "RGBA", (*notices, *conversion.notices)


def read_frames(image: Image.Image, n_frames: int, name: str) -> tuple[Keys, Animation, tuple[str, ...]]:
    """Read an animation.

    Returns
    -------
    keys : ndarray of shape (n_frames, height, width), dtype little-endian uint32
        The bytes R, G, B and alpha.
    animation : Animation
    notices : tuple of str
    """
    first = 1 if image.info.get("default_image") else 0
    plays = _count_plays(image)
    keys: Keys | None = None
    durations, notices = [], dict.fromkeys(_name_losses(image))
    for index in counted(range(n_frames)):
        image.seek(first + index)
        image.load()
        frame = ImageOps.exif_transpose(image)
        conversion = plan_conversion(frame)
        shape = frame.size[::-1]
        if keys is None:
            keys = np.empty((n_frames, *shape), "<u4")
        if shape != keys.shape[1:]:
            raise InputError(f"{name}: not a readable image (its frames differ in size)")
        convert_to_keys(frame, conversion, keys[index])
        if conversion.mode == "RGB":
            keys[index] |= np.uint32(0xFF000000)
        durations.append(_read_duration(image))
        notices.update(dict.fromkeys(conversion.notices))
    assert keys is not None
    return keys, Animation(tuple(durations), plays), tuple(notices)


def _read_duration(image: Image.Image) -> float:
    duration = image.info.get("duration", 0)
    return float(duration) if isinstance(duration, int | float) and math.isfinite(duration) and duration > 0 else 0.0


def _count_plays(image: Image.Image) -> int:
    loop = image.info.get("loop")
    if image.format == "GIF":
        # Browsers take the Netscape extension's number as repetitions after the first play; without it, one play.
        return 1 if loop is None else loop + 1 if loop else 0
    return loop if isinstance(loop, int) and loop >= 0 else 0


def _name_losses(image: Image.Image) -> tuple[str, ...]:
    # Pillow unpacks 16 bits to 8 by leaving out the lower ones, and only the decoder's arguments tell.
    tiles = getattr(image, "tile", ())
    if image.mode in ("RGB", "RGBA", "LA", "CMYK") and any(";16" in str(tile[3]) for tile in tiles):
        return ("has 16 bits per channel, of which Pillow reads the upper 8",)
    return ()
