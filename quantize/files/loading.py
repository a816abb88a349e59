"""Any file that Pillow opens to a `Picture`: turned upright, 8-bit sRGB, alpha kept."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from quantize.errors import InputError
from quantize.records import Picture, Source

_STRIP = 1 << 20
"""Pixels unpacked at a time: Pillow would hold two further copies of what it unpacks."""


def load_picture(source: str | os.PathLike[str] | IO[bytes] | Image.Image | NDArray[Any] | Picture) -> Picture:
    """Load a picture.

    Parameters
    ----------
    source : path, binary file, PIL image, array or Picture
        An array is gray (height, width), or has 3 or 4 channels of dtype uint8 in its last axis. A Picture is
        returned as it is.

    Returns
    -------
    Picture

    Raises
    ------
    InputError
        The file is missing, a directory, empty, not an image, or broken. The sentence starts with its name.
    """
    if isinstance(source, Picture):
        return source
    if isinstance(source, np.ndarray):
        source = Image.fromarray(source)
    if isinstance(source, Image.Image):
        return _to_picture(source, Source(getattr(source, "filename", "") or "picture", source.format))
    if isinstance(source, str | os.PathLike):
        name, data = os.fspath(source), _read(Path(source))
    else:
        name, data = str(getattr(source, "name", "stdin")), source.read()
    if not data:
        raise InputError(f"{name}: is empty; give a picture")
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _to_picture(image, Source(name, image.format, len(data)))
    except UnidentifiedImageError:
        raise InputError(f"{name}: not an image that Pillow can read") from None
    except MemoryError:
        raise InputError(f"{name}: too large for the memory of this machine") from None
    # Pillow's decoders raise nearly anything on broken files, struct.error and IndexError among it.
    except Exception as error:
        raise InputError(f"{name}: not a readable image ({_reason(error, name)})") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory; name the pictures in it, as in {path}/*.jpg") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def _reason(error: Exception, name: str) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return "truncated" if "truncated" in text.lower() else text


def _to_picture(image: Image.Image, source: Source) -> Picture:
    image.load()
    image = ImageOps.exif_transpose(image)
    if not image.has_transparency_data:
        return Picture(_pack(image.convert("RGB"), "RGBX"), False, source)
    keys = _pack(image.convert("RGBA"), "RGBA")
    opaque, transparent = keys >= 0xFF000000, keys < 0x01000000
    if opaque.all():
        return Picture(keys & np.uint32(0x00FFFFFF), False, source)
    keys[transparent] = 0
    return Picture(keys, True, source)


def _pack(image: Image.Image, layout: str) -> NDArray[np.uint32]:
    width, height = image.size
    keys = np.empty((height, width), "<u4")
    mask = 0xFFFFFFFF if layout == "RGBA" else 0x00FFFFFF
    step = max(1, _STRIP // max(1, width))
    for top in range(0, height, step):
        bottom = min(top + step, height)
        strip = image.crop((0, top, width, bottom)).tobytes("raw", layout)
        np.bitwise_and(np.frombuffer(strip, "<u4").reshape(-1, width), np.uint32(mask), out=keys[top:bottom])
    return keys
