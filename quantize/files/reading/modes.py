"""Every mode that Pillow opens to 8-bit sRGB: how a picture is to be converted is found once, then done in strips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.files.reading.sixteen_bits import remark_narrow
from quantize.parallel.progress import counted

Convert = Callable[[Image.Image], Image.Image]

_STRIP = 1 << 15
"""Pixels converted at a time: Pillow's further copies of so few stay in a cache, at a quarter of the time."""


class Conversion(NamedTuple):
    """From strips of a picture to strips in `mode`, RGB or RGBA, and what a person should know of it."""

    convert: Convert
    mode: str
    notices: tuple[str, ...] = ()


def plan_conversion(image: Image.Image, profile: bytes | None) -> Conversion:
    """Find out how to convert a picture.

    Parameters
    ----------
    image : PIL.Image.Image
        Loaded, of any mode.
    profile : bytes or None
        The ICC profile of its colors; None where they are sRGB.

    Returns
    -------
    Conversion
    """
    device, base, notices = _DEVICES.get(image.mode, _as_is)(image)
    to_srgb, remark = _plan_profile(image, base, profile)
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
    for top in counted(range(0, height, step), 1):
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


def _unmultiply(image: Image.Image) -> Device:
    return lambda strip: strip.convert("LA"), "LA", ()  # the only mode that Pillow converts La to


def _scale_16_bits(image: Image.Image) -> Device:
    # TIFF says how many of the 16 bits count; the other formats use all, and Pillow stretches those that do not.
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(258, (16,))[0]
    highest = (1 << bits) - 1 if 8 < bits <= 16 else 65535
    clear = image.info.get("transparency")
    is_white_zero = _is_white_zero(image)

    def to_gray(values: NDArray[Any]) -> Image.Image:
        levels = (255 * values + highest // 2) // highest
        return _gray(255 - levels if is_white_zero else levels)

    notices = remark_narrow(*_find_range(image)) if highest == 65535 else ()
    if not isinstance(clear, int):
        return lambda strip: to_gray(_values(strip)), "L", notices

    def convert(strip: Image.Image) -> Image.Image:
        values = _values(strip)
        gray = to_gray(values)
        gray.putalpha(_gray(np.where(values == clear, 0, 255)))
        return gray

    return convert, "LA", notices


def _stretch(image: Image.Image) -> Device:
    # Pillow opens 16-bit PNM as I, on the scale of 16 bits.
    if image.mode == "I" and image.format in ("PPM", "PNG"):
        return _scale_16_bits(image)
    # Pillow reads whole numbers without a sign as if they had one.
    unsigned = image.mode == "I" and getattr(image, "tag_v2", {}).get(339, (1,))[0] == 1 and image.format == "TIFF"

    def numbers(strip: Image.Image) -> NDArray[np.float64]:
        values = np.asarray(strip)
        return (values.view(np.uint32) if unsigned else values).astype(np.float64)

    low, high = _find_range(image, numbers)
    is_white_zero = _is_white_zero(image)
    scale = 255 / (high - low) if high > low else 0.0

    def convert(strip: Image.Image) -> Image.Image:
        values = np.nan_to_num(numbers(strip), nan=low, posinf=high, neginf=low)
        levels = np.rint((values - low) * scale)
        return _gray(255 - levels if is_white_zero else levels)

    ends = ("white", "black") if is_white_zero else ("black", "white")
    kind = "whole numbers" if image.mode == "I" else "floating-point numbers"
    return convert, "L", (f"its pixels are {kind}: {low:g} became {ends[0]} and {high:g} {ends[1]}",)


def _is_white_zero(image: Image.Image) -> bool:
    """Tell whether a TIFF counts from white; Pillow minds that only for gray of up to 8 bits."""
    return getattr(image, "tag_v2", {}).get(262) == 0


def _find_range(image: Image.Image, numbers: Callable[[Image.Image], NDArray[Any]] = np.asarray) -> tuple[float, float]:
    low, high = np.inf, -np.inf
    width, height = image.size
    step = max(1, _STRIP // width)
    for top in range(0, height, step):
        values = numbers(image.crop((0, top, width, min(top + step, height))))
        values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, values.min()), max(high, values.max())
    # float64 holds the difference of any two float32.
    return (float(low), float(high)) if low <= high else (0.0, 0.0)


_DEVICES: dict[str, Callable[[Image.Image], Device]] = {
    **dict.fromkeys(("I;16", "I;16L", "I;16B", "I;16N"), _scale_16_bits),
    **dict.fromkeys(("I", "F"), _stretch),
    "La": _unmultiply,
}


def _values(strip: Image.Image) -> NDArray[Any]:
    return np.asarray(strip).astype(np.int64)


def _gray(values: NDArray[Any]) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _plan_profile(image: Image.Image, base: str, profile: bytes | None) -> tuple[Convert, tuple[str, ...]]:
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
        from quantize.files.reading.reasons import explain

        return _same, (f"its color profile is ignored ({explain(error)})",)
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
