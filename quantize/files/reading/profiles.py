"""Color profiles to sRGB, by Little CMS."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

Convert = Callable[[Image.Image], Image.Image]

_TOLERANCE = 2
"""Largest difference, in 8-bit levels, between a profile that is sRGB and one that is not: what the rounding of
Little CMS makes of the sRGB profiles that cameras and the ICC publish."""

_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab "}
"""The ICC's signature of the color space of a Pillow mode."""


@lru_cache(8)
def profile_converter(profile: bytes, mode: str) -> Convert | None:
    """Make the function from pictures in a profile to pictures in sRGB.

    Parameters
    ----------
    profile : bytes
        An embedded ICC profile.
    mode : str
        RGB, L, CMYK or LAB: the pictures' mode.

    Returns
    -------
    callable or None
        Gives RGB, or L for L. None where the profile is sRGB already.

    Raises
    ------
    ImageCms.PyCMSError, OSError
        The profile is broken.
    ValueError
        It is for another mode.
    """
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if source.profile.xcolor_space != _SPACES[mode]:
        raise ValueError(f"it is for {source.profile.xcolor_space.strip()}, the picture is {mode}")
    convert = _transform(source, mode, _read_intent(source))
    if mode in ("RGB", "L"):
        probe = _probe(mode)
        difference = np.asarray(convert(probe), np.int16) - np.asarray(probe)
        if np.abs(difference).max() <= _TOLERANCE:
            return None
    return convert


def _read_intent(source: ImageCms.ImageCmsProfile) -> ImageCms.Intent:
    """Read the intent that a profile asks for; some writers store it with its bytes swapped, others store none."""
    asked = source.profile.rendering_intent & 0xFFFFFFFF
    swapped = int.from_bytes(asked.to_bytes(4, "little"), "big")
    return next((ImageCms.Intent(value) for value in (asked, swapped) if value <= 3), ImageCms.Intent.PERCEPTUAL)


def _transform(source: ImageCms.ImageCmsProfile, mode: str, intent: ImageCms.Intent) -> Convert:
    if mode != "L":
        return ImageCms.buildTransform(source, _srgb(), mode, "RGB", intent).apply
    # A table of 256 grays. Little CMS would look them up in a coarser one of its own, and be 50 levels off in the dark.
    way = ImageCms.buildTransform(source, _srgb(), mode, "RGB", intent, ImageCms.Flags.NOOPTIMIZE)
    table = np.asarray(way.apply(_probe("L")))[0, :, 1].tolist()
    return lambda image: image.point(table)


@lru_cache(1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _probe(mode: str) -> Image.Image:
    """All grays, or 9 levels of each channel with each of the others."""
    if mode == "L":
        return Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    levels = np.linspace(0, 255, 9).astype(np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(9, 81, 3))
