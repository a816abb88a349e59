"""What becomes of a picture's alpha: laid on a background, or none after all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from quantize.records.settings import Settings

Keys = NDArray[np.uint32]

_STRIP = 1 << 20
"""Pixels laid on a background at a time."""

_UNUSED = ("BMP", "DIB", "TGA", "ICO", "CUR")
"""Formats with a place for alpha that many writers leave at 0, in pictures that are opaque."""


def settle_alpha(keys: Keys, settings: Settings, source_format: str | None) -> tuple[bool, tuple[str, ...]]:
    """Bring keys with alpha to their final form, in place.

    Parameters
    ----------
    keys : ndarray, dtype little-endian uint32
        Contiguous.
    settings : Settings
        Its `background` is used.
    source_format : str or None
        Pillow's name of the format that the keys were read from.

    Returns
    -------
    has_alpha : bool
        Whether any pixel is still not opaque. If none is, the fourth bytes are 0.
    notices : tuple of str
    """
    flat = keys.reshape(-1)
    strips = [flat[start : start + _STRIP] for start in range(0, flat.size, _STRIP)]
    if source_format in _UNUSED and all((strip < 0x01000000).all() for strip in strips):
        return False, ("its alpha is 0 throughout, and was taken as unused",)
    if settings.background:
        background = np.frombuffer(bytes.fromhex(settings.background[1:]), np.uint8)
        for strip in strips:
            _lay_on(strip, background)
        return False, ()
    opaque = True
    for strip in strips:
        opaque &= bool((strip >= 0xFF000000).all())
        strip[strip < 0x01000000] = 0
    if opaque:
        flat &= np.uint32(0x00FFFFFF)
    return not opaque, ()


def _lay_on(strip: Keys, background: NDArray[np.uint8]) -> None:
    channels = strip.view(np.uint8).reshape(-1, 4)
    alpha = channels[:, 3:].astype(np.uint32)
    channels[:, :3] = (channels[:, :3] * alpha + background * (255 - alpha) + 127) // 255
    channels[:, 3] = 0
