"""A dither called with as little as it takes."""

import numpy as np

from quantize import Palette, Settings, load_picture
from quantize.color.dither.names import DITHERS
from quantize.color.dither.strength import settle_strength
from quantize.color.histogram import count_colors
from quantize.records.picture import Picture
from tests.conftest import make_photo

REAL_DITHERS = [name for name in DITHERS if name != "none"]


def dither(name: str, image, colors, **settings) -> np.ndarray:
    picture = image if isinstance(image, Picture) else load_picture(image)
    histogram, palette = count_colors(picture), Palette(np.array(colors, np.uint8))
    return DITHERS[name](
        picture, histogram, palette, settle_strength(histogram, palette, Settings(dither=name, **settings))
    )[0]


def hexes(colors: str) -> list[list[int]]:
    return [list(bytes.fromhex(color)) for color in colors.split()]


SPARSE = {
    "black and white": hexes("000000 ffffff"),
    "7 inks": hexes("000000 ffffff 00ff00 0000ff ff0000 ffff00 ff8000"),
    "CGA": hexes(
        "000000 0000aa 00aa00 00aaaa aa0000 aa00aa aa5500 aaaaaa"
        " 555555 5555ff 55ff55 55ffff ff5555 ff55ff ffff55 ffffff"
    ),
}
"""Palettes that were made for a display and not for a picture."""


def make_ramp(width: int = 256, height: int = 64) -> np.ndarray:
    """Gray from black to white."""
    row = np.linspace(0, 255, width).round().astype(np.uint8)
    return np.repeat(np.tile(row, (height, 1))[..., np.newaxis], 3, axis=-1)


def make_vignette(size: int) -> np.ndarray:
    """A photograph that is opaque in the middle and fades to clear corners."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    alpha = np.rint(255 * (1 - (x**2 + y**2) / 2).clip(0, 1) ** 1.5)
    return np.dstack([np.asarray(make_photo(size, size)), alpha.astype(np.uint8)])


def measure_blocks(before: np.ndarray, after: np.ndarray, ground: int) -> float:
    """Squared error of the means of blocks of 8 by 8 pixels, laid on a gray ground."""
    alphas = before[..., 3:] / 255, after[..., 3:] / 255
    looks = (side[..., :3] * alpha + ground * (1 - alpha) for side, alpha in zip((before, after), alphas, strict=True))
    difference = np.subtract(*looks)
    height, width = difference.shape[:2]
    return float(np.square(difference.reshape(height // 8, 8, width // 8, 8, 3).mean(axis=(1, 3))).mean())
