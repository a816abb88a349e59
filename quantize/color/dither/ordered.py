"""Ordered dither: each pixel is one of the palette colors that its own is mixed of, as a mask says that is laid over.

A color is mixed of the palette colors of its recipe, and the mask decides among them pixel by pixel, each as often as
its weight says. What a pixel becomes depends on its own color and place alone, so that what stands still in an
animation does not flicker.

B. E. Bayer: An optimum method for two-level rendition of continuous-tone pictures, 1973; J. Yliluoma:
Arbitrary-palette positional dithering algorithm, 2011, for mixtures of several palette colors in the order of luma.
"""

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.dither.recipes import IN_EACH_BYTE, list_recipes
from quantize.color.numbering import make_numbering
from quantize.color.remap import remap
from quantize.data import read_data
from quantize.parallel.threads import map_chunks
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

Labels = NDArray[Any]

_PIXELS_AT_ONCE = 1 << 16
"""Pixels whose mask is laid at a time."""

_BAYER_ORDER = 4
"""The mask has 2^4 rows: 256 levels. With 64, gray ramps in black and white are off by up to two levels throughout."""


def bayer_mask() -> NDArray[np.float64]:
    """Return Bayer's mask of shape (16, 16): thresholds in 0..1, each once."""
    ranks = np.zeros((1, 1))
    for _ in range(_BAYER_ORDER):
        ranks = np.block([[4 * ranks, 4 * ranks + 2], [4 * ranks + 3, 4 * ranks + 1]])
    return _to_thresholds(ranks)


@cache
def blue_noise_mask() -> NDArray[np.float64]:
    """Return the mask of shape (64, 64) that `quantize.data.blue_noise` makes: thresholds in 0..1, each once."""
    return _to_thresholds(np.load(io.BytesIO(read_data("blue_noise.npy"))))


MASKS: dict[str, Callable[[], NDArray[np.float64]]] = {"bayer": bayer_mask, "blue-noise": blue_noise_mask}
"""By the names of their dithers."""


def dither_by_mask(
    picture: Picture,
    histogram: Histogram,
    palette: Palette,
    settings: Settings,
    *,
    make_mask: Callable[[], NDArray[np.float64]],
) -> tuple[Labels, Labels | None]:
    """Give every pixel one of the palette colors that its own is mixed of, as a mask says.

    Colors are mixed in 8-bit sRGB, or as light in the space "linear". A color in the palette is not mixed, and an
    opaque color is mixed of opaque ones.

    Parameters
    ----------
    picture : Picture
    histogram : Histogram
        The unique colors of the picture.
    palette : Palette
        At most 4096 colors.
    settings : Settings
        Its `space`, `dither_strength` and `n_threads` are used. At strength 1 a color is mixed exactly, if the palette
        allows, of the nearest colors that do; the lower the strength, the fewer dots of far colors are worth it.
    make_mask : callable
        Gives thresholds in 0..1, of shape (height, width), to be repeated over the picture.

    Returns
    -------
    labels : ndarray of the picture's shape, dtype uint8, or uint16 above 256 colors
    color_labels : None
        A color has no one label; but at strength 0, it has the labels of `remap`.
    """
    if not settings.dither_strength:
        return remap(picture, histogram, palette, settings)
    recipes = list_recipes(histogram, palette, settings)
    height, width = picture.keys.shape[-2:]
    keys = picture.keys.reshape(-1, width)
    number = make_numbering(histogram, keys.size)
    # Below 255: a part that ends there is all that follows.
    thresholds = (255 * make_mask()).astype(np.uint32) * IN_EACH_BYTE
    wide = np.tile(thresholds, -(-width // len(thresholds)))[:, :width]
    labels = np.empty(keys.shape, recipes.rows.dtype)
    # Of few colors each is decided at each threshold once, and then looked up.
    table = None
    if len(histogram) * 256 <= keys.size:
        numbers, steps = np.arange(len(histogram)), np.arange(256, dtype=np.uint32)
        table = recipes.choose(numbers.repeat(256), np.tile(steps * IN_EACH_BYTE, len(numbers)))

    def choose(strip: slice) -> None:
        masked = wide[np.arange(strip.start, strip.stop) % height % len(thresholds)].reshape(-1)
        here = number(keys[strip].reshape(-1))
        if table is None:
            chosen = recipes.choose(here, masked)
        else:
            chosen = table.take(here << np.intp(8) | masked >> np.uint32(24), mode="clip")
        labels[strip] = chosen.reshape(-1, width)

    map_chunks(choose, len(labels), max(1, _PIXELS_AT_ONCE // width), settings.n_threads, picture.n_frames)
    return labels.reshape(picture.keys.shape), None


def _to_thresholds(ranks: NDArray[Any]) -> NDArray[np.float64]:
    thresholds: NDArray[np.float64] = (ranks + 0.5) / ranks.size
    return thresholds
