"""What a file says beside its pixels, for `--keep-metadata`. By default none of it is read."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import Any

from PIL import Image

from quantize.records.picture import Metadata

_EXPOSURE = 0x8769

_KEPT_TAGS = {
    0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x8298,  # description, make, model, software, date, artist, rights
    _EXPOSURE, 0x8825,  # the folders of the exposure and of the position
}  # fmt: skip
"""EXIF 2.32, table 4: the tags that describe the picture, not the layout of the file it came from."""

_FALSE_TAGS = {
    0xA001, 0xA500, 0xA005,  # color space, gamma, and the interoperability that may say Adobe RGB
    0xA002, 0xA003,  # width and height, which may have changed places
}  # fmt: skip
"""EXIF 2.32, table 5: tags of the exposure's folder that need not hold for pixels that are now upright and sRGB."""

_FALSE_XMP = re.compile(
    r"""\s(?:tiff:Orientation|exif:ColorSpace|photoshop:ICCProfile)="[^"]*"|"""
    r"""<(tiff:Orientation|exif:ColorSpace|photoshop:ICCProfile)>.*?</\1>""",
    re.DOTALL,
)
"""The same in XMP, as attributes and as elements."""

_HIDDEN = {"Software", "XML:com.adobe.xmp"}
"""Text that is ours to write, and XMP, which goes by its own name in `Image.info`."""

_TEXT_BYTES = 1 << 20
"""Most bytes of one text: a file of a few kB may claim gigabytes of them. A megabyte is Pillow's limit for PNG."""


def read_metadata(image: Image.Image, modified: float | None = None) -> Metadata:
    """Read what a picture says beside its pixels.

    Parameters
    ----------
    image : PIL.Image.Image
        Loaded and turned upright.
    modified : float, optional
        Seconds since 1970.

    Returns
    -------
    Metadata
        Without the orientation, which the pixels now have, and a profile only if it is sRGB, which they now are.
    """
    return Metadata(_read_exif(image), _read_texts(image), _read_profile(image), _read_resolution(image), modified)


def _read_exif(image: Image.Image) -> bytes:
    # Broken EXIF raises nearly anything, and is no reason to refuse a picture.
    with suppress(Exception):
        exif = image.getexif()
        for tag in set(exif) - _KEPT_TAGS:
            del exif[tag]
        details = exif.get_ifd(_EXPOSURE) if _EXPOSURE in exif else {}
        for tag in _FALSE_TAGS & set(details):
            del details[tag]
        if len(exif):
            return exif.tobytes().removeprefix(b"Exif\0\0")
    return b""


def _read_texts(image: Image.Image) -> dict[str, str]:
    found: dict[str, Any] = {"Comment": image.info.get("comment")}
    with suppress(Exception):  # texts may stand behind pixels, which may be broken
        found = {**getattr(image, "text", {}), **found}
    xmp = image.info.get("xmp")
    if isinstance(xmp, bytes):
        xmp = xmp.decode("utf-8", "replace")
    if isinstance(xmp, str):
        xmp = _FALSE_XMP.sub("", xmp)
    found = {**{key: value for key, value in found.items() if key not in _HIDDEN}, "XML:com.adobe.xmp": xmp}
    texts = {}
    for key, value in found.items():
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        # PNG 1.2, 11.3.4: a keyword has 1 to 79 bytes of Latin-1.
        fits = key.isprintable() and 1 <= len(key) <= 79 and key.isascii()
        if text and isinstance(text, str) and fits and len(text) <= _TEXT_BYTES:
            texts[key] = str(text).replace("\0", "")
    return texts


def _read_profile(image: Image.Image) -> bytes:
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "P"):
        from quantize.files.reading.profiles import profile_converter

        with suppress(Exception):
            if profile_converter(profile, "RGB") is None:
                return bytes(profile)
    return b""


def _read_resolution(image: Image.Image) -> tuple[float, float] | None:
    with suppress(KeyError, TypeError, ValueError, ZeroDivisionError):
        x, y = (float(value) for value in image.info["dpi"])
        if all(math.isfinite(value) and 0 < value < 1e7 for value in (x, y)):
            return x, y
    return None
