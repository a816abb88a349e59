"""Color of 16 bits a channel to 8, rounded: Pillow unpacks the upper bytes only, so that it is asked twice.

The second time its decoder is told the other byte order, and unpacks the lower bytes.
"""

from __future__ import annotations

import sys
from typing import IO

import numpy as np
from PIL import Image

_STRIP = 1 << 16
"""Pixels rounded at a time: their 16-bit values stay in the processor's cache."""

_SWAPPED = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B" if sys.byteorder == "little" else ";16L"}
"""The endings of Pillow's raw modes that name a byte order, and their opposites. N is the machine's own."""

_NARROW = 1 << 14
"""A quarter of the range: cameras and scanners of 9 to 14 bits store values below it, and so does the night."""

_GRAY_ALPHA = "LA;16B"
"""The raw mode of gray with alpha, which has no opposite: as RGBA of 8 bits it is both bytes of both channels."""


def has_16_bits(image: Image.Image) -> bool:
    """Tell whether an image that is not loaded yet has color of 16 bits a channel, of which Pillow reads 8."""
    return image.mode in ("RGB", "RGBA", "CMYK") and any(";16" in raw_mode for raw_mode in _raw_modes(image))


def mend_planes(image: Image.Image) -> None:
    """Let Pillow read a TIFF's separate planes of 16 bits as such, where it would take their bytes for pixels."""
    raw_modes = _raw_modes(image)
    bits = getattr(image, "tag_v2", {}).get(258, ())
    if set(bits) == {16} and len(raw_modes) > 1 and all(len(raw_mode) == 1 for raw_mode in raw_modes):
        if image.mode not in ("RGB", "RGBA"):
            raise ValueError(f"unsupported planes of 16-bit {image.mode}")
        order = ";16L" if image.tag_v2.prefix == b"II" else ";16B"  # type: ignore[attr-defined]
        _replace_raw_modes(image, [raw_mode + order for raw_mode in raw_modes])


def load_16_bits(image: Image.Image, file: IO[bytes]) -> tuple[Image.Image, tuple[str, ...]]:
    """Load color of 16 bits a channel.

    Parameters
    ----------
    image : PIL.Image.Image
        Not loaded yet.
    file : binary file
        Where it was opened from.

    Returns
    -------
    image : PIL.Image.Image
        Rounded to 8 bits. RGBA where there was a color key, which is compared on all 16; LA for gray with alpha.
    notices : tuple of str
        That only the upper bits were read, where Pillow has no way to unpack the others; or that few of them are used.
    """
    raw_modes = _raw_modes(image)
    is_gray = raw_modes == [_GRAY_ALPHA]
    others = [raw_mode.replace(raw_mode[-4:], _SWAPPED.get(raw_mode[-4:], "")) for raw_mode in raw_modes]
    image.load()
    # What is premultiplied was divided already.
    if image.format not in ("PNG", "TIFF") or any("a" in raw_mode for raw_mode in raw_modes):
        return image, ("has 16 bits per channel, of which Pillow reads the upper 8",)
    file.seek(0)
    lower = type(image)(file)  # type: ignore[call-arg]
    _replace_raw_modes(lower, ["RGBA"] if is_gray else others)
    lower.load()
    rounded, low, high = _round(image, lower, is_gray)
    return rounded, remark_narrow(low, high)


def remark_narrow(low: float, high: float) -> tuple[str, ...]:
    """Remark on 16-bit values that reach so little of their range that they may have fewer bits than are claimed."""
    if not low < high < _NARROW:
        return ()
    bits = max(9, int(high).bit_length())
    return (
        f"its 16-bit values reach only {high:g}; if they have {bits} bits, stretch them first, as with ImageMagick's "
        "-auto-level",
    )


def _round(image: Image.Image, lower: Image.Image, is_gray: bool) -> tuple[Image.Image, int, int]:
    key = image.info.get("transparency") if image.mode == "RGB" else None
    mode = "LA" if is_gray else "RGBA" if key else image.mode
    rounded, low, high = Image.new(mode, image.size), 65535, 0
    levels = ((np.arange(1 << 16, dtype=np.uint32) + 128) // 257).astype(np.uint8)
    step = max(1, _STRIP // image.width)
    for top in range(0, image.height, step):
        box = (0, top, image.width, min(top + step, image.height))
        values = np.asarray(lower.crop(box))
        if is_gray:
            values = values.view(">u2")
        else:
            values = np.asarray(image.crop(box)).astype(np.uint16) << np.uint16(8) | values
        colors = values[..., :1] if is_gray else values[..., :3]
        low, high = min(low, int(colors.min())), max(high, int(colors.max()))
        strip = levels[values]
        if key:
            opaque = (values != np.array(key, np.uint16)).any(axis=-1, keepdims=True)
            strip = np.concatenate([strip, np.uint8(255) * opaque], axis=-1)
        rounded.paste(Image.frombytes(mode, strip.shape[1::-1], strip.tobytes()), box)
    rounded.info = {name: value for name, value in image.info.items() if not key or name != "transparency"}
    return rounded, low, high


def _raw_modes(image: Image.Image) -> list[str]:
    """List how Pillow's decoders will unpack the tiles of an image: by a word, or the first of several arguments."""
    tiles = getattr(image, "tile", ())
    return [str(tile[3] if isinstance(tile[3], str) else (tile[3] or ("",))[0]) for tile in tiles]


def _replace_raw_modes(image: Image.Image, raw_modes: list[str]) -> None:
    image.tile = [  # type: ignore[attr-defined]
        tile._replace(args=raw_mode if isinstance(tile[3], str) else (raw_mode, *tile[3][1:]))
        for tile, raw_mode in zip(image.tile, raw_modes, strict=True)  # type: ignore[attr-defined]
    ]
