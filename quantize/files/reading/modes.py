"""Every mode that Pillow opens to 8-bit sRGB: how a picture is to be converted is found once, then done in strips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Convert = Callable[[Image.Image], Image.Image]

_STRIP = 1 << 15
"""Pixels converted at a time: Pillow's further copies of so few stay in a cache, at a quarter of the time."""


class Conversion(NamedTuple):
    """From strips of a picture to strips in `mode`, RGB or RGBA, and what a person should know of it."""

    convert: Convert
    mode: str
    notices: tuple[str, ...] = ()


def plan_conversion(image: Image.Image) -> Conversion:
    """Find out how to convert a picture.

    Parameters
    ----------
    image : PIL.Image.Image
        Loaded, of any mode.

    Returns
    -------
    Conversion
    """
    device, base, notices = _DEVICES.get(image.mode, _as_is)(image)
    to_srgb, remark = _plan_profile(image, base)
    mode = "RGBA" if base in ("LA", "RGBA") else "RGB"

    def convert(strip: Image.Image) -> Image.Image:
        converted = to_srgb(device(strip))
        return converted if converted.mode == mode else converted.convert(mode)  # which copies what fits already

    return Conversion(convert, mode, (*notices, *remark))


def convert_to_keys(image: Image.Image, conversion: Conversion, keys: NDArray[np.uint32]) -> None:
    """Convert a picture into keys, strip by strip.

    Parameters
    ----------
    image : PIL.Image.Image
    conversion : Conversion
    keys : ndarray of shape (height, width), dtype little-endian uint32
        What is filled: the bytes R, G, B, and alpha or 0.
    """
    width, height = image.size
    layout, mask = ("RGBA", 0xFFFFFFFF) if conversion.mode == "RGBA" else ("RGBX", 0x00FFFFFF)
    step = max(1, _STRIP // width)
    for top in range(0, height, step):
        bottom = min(top + step, height)
        strip = conversion.convert(image.crop((0, top, width, bottom)))
        packed = np.frombuffer(strip.tobytes("raw", layout), "<u4").reshape(-1, width)
        np.bitwise_and(packed, np.uint32(mask), out=keys[top:bottom])


# What the conversions of a mode to its 8-bit device colors return: the function, the mode it gives, and notices.
Device = tuple[Convert, str, tuple[str, ...]]


def _as_is(image: Image.Image) -> Device:
    if image.has_transparency_data:
        base = "RGBA"
    else:
        base = image.mode if image.mode in ("L", "CMYK", "LAB") else "L" if image.mode == "1" else "RGB"
    return lambda strip: strip if strip.mode == base else strip.convert(base), base, ()


def _scale_16_bits(image: Image.Image) -> Device:
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return lambda strip: _gray((_values(strip) + 128) // 257), "L", ()

    def convert(strip: Image.Image) -> Image.Image:
        values = _values(strip)
        gray = _gray((values + 128) // 257)
        gray.putalpha(_gray(np.where(values == clear, 0, 255)))
        return gray

    return convert, "LA", ()


def _stretch(image: Image.Image) -> Device:
    # Pillow opens 16-bit PNM as I, on the scale of 16 bits.
    if image.format in ("PPM", "PNG"):
        return _scale_16_bits(image)
    low, high = _find_range(image)
    scale = 255 / (high - low) if high > low else 0.0

    def convert(strip: Image.Image) -> Image.Image:
        values = np.nan_to_num(np.asarray(strip, np.float64), nan=low, posinf=high, neginf=low)
        return _gray(np.rint((values - low) * scale))

    kind = "whole numbers" if image.mode == "I" else "floating-point numbers"
    return convert, "L", (f"its pixels are {kind}: {low:g} became black and {high:g} white",)


def _find_range(image: Image.Image) -> tuple[float, float]:
    low, high = np.inf, -np.inf
    width, height = image.size
    step = max(1, _STRIP // width)
    for top in range(0, height, step):
        values = np.asarray(image.crop((0, top, width, min(top + step, height))), np.float64)
        values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, values.min()), max(high, values.max())
    # float64 holds the difference of any two float32.
    return (float(low), float(high)) if low <= high else (0.0, 0.0)


_DEVICES: dict[str, Callable[[Image.Image], Device]] = {
    **dict.fromkeys(("I;16", "I;16L", "I;16B", "I;16N"), _scale_16_bits),
    **dict.fromkeys(("I", "F"), _stretch),
}


def _values(strip: Image.Image) -> NDArray[Any]:
    return np.asarray(strip).astype(np.int64)


def _gray(values: NDArray[Any]) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _plan_profile(image: Image.Image, base: str) -> tuple[Convert, tuple[str, ...]]:
    profile = image.info.get("icc_profile")
    if not profile:
        return _same, ()
    # Little CMS is 10 ms that a picture without a profile need not pay.
    from PIL.ImageCms import PyCMSError

    from quantize.files.reading.profiles import profile_converter

    # A gray picture that Pillow opened with alpha keeps its gray profile.
    gray = base == "LA" or (base == "RGBA" and image.mode in ("L", "LA", "1"))
    color = "L" if gray else base.removesuffix("A")
    try:
        convert = profile_converter(profile, color)
    except (PyCMSError, OSError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split()) or "unreadable"
        return _same, (f"its color profile is ignored ({reason})",)
    if convert is None:
        return _same, ()
    return (_beside_alpha(convert, color) if base in ("LA", "RGBA") else convert), ()


def _beside_alpha(convert: Convert, color: str) -> Convert:
    def convert_color(strip: Image.Image) -> Image.Image:
        converted = convert(strip.convert(color))
        converted.putalpha(strip.getchannel("A"))
        return converted

    return convert_color


def _same(image: Image.Image) -> Image.Image:
    return image
