"""How much to dither: a palette that was not made for a picture needs all of it, and texture needs little."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import draw_colors, find_rows, pack_colors
from quantize.color.remap import find_nearest, look_up
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

LEAST_STRENGTH = 0.95
"""Strength by default where the palette was found for the picture. More brings noise into texture, less brings bands:
at 1 the error of photographs is 1.6 times as high, at 0.9 the error after blur 5% higher."""

_FAR = 8
"""Offset of a palette, 0 to 255, at which 0.37 of the way from the least to full strength is left. On photographs
palettes found in rgb have an offset of 0.5, those found in oklab 1 to 14, the 216 colors of the web 15 to 19, the 16
of CGA 27 to 50, and black and white 69 to 159."""

_N_DRAWS = 1 << 14
"""Colors of which the offset is measured. Of fewer, the means of 256 found colors would lie beside them by chance."""

_BUSY_STEP = 2
"""Difference between neighboring pixels, in 8-bit luma, that is half way from smooth to busy."""

_BUSY_POWER = 12
"""How much the strength falls where a picture is busy: to the power of 1 + 12 at most. The dots are there to smooth
gradients, and are only noise among edges and texture. Of a strength of 0.95, 0.51 is left there."""

IN_PALETTE = np.uint8(255)
"""In place of the step of a pixel whose color is in the palette: it takes no error."""


def settle_strength(histogram: Histogram, palette: Palette, settings: Settings) -> Settings:
    """Choose the strength of a dither where none is given: from 0.95, where the palette suits the picture, to 1.

    What decides is how far palette colors lie from the mean of the pixels that are nearest to them. A palette found
    for the picture has its colors in those means, so that areas keep their brightness with few dots. With black and
    white alone only the dots can keep it, and all of them are needed.

    Parameters
    ----------
    histogram : Histogram
        The unique colors of the picture.
    palette : Palette
    settings : Settings

    Returns
    -------
    Settings
        With a `dither_strength` that is a number; the same where it is one already, or nothing is dithered.
    """
    if settings.dither == "none" or settings.dither_strength is not None:
        return settings
    offset = measure_offset(draw_colors(histogram, _N_DRAWS), palette, settings.space)
    strength = 1 - (1 - LEAST_STRENGTH) * np.exp(-((offset / _FAR) ** 2))
    return replace(settings, dither_strength=round(float(strength), 4))


def measure_offset(histogram: Histogram, palette: Palette, space: str) -> float:
    """Measure how far palette colors lie from the mean of the pixels nearest to them.

    Returns
    -------
    float
        Root of the mean over all pixels of the squared distance, on a scale where white is 255.
    """
    from quantize.color.dither.light import light_of, to_light

    labels = find_nearest(histogram.colors, palette, space)
    counts = np.bincount(labels, histogram.counts, len(palette))
    squares = np.zeros(len(palette))
    for values, entries in zip(to_light(histogram.colors, space).T, to_light(palette.colors, space).T, strict=True):
        sums = np.bincount(labels, histogram.counts * (values - entries.take(labels)), len(palette))
        squares += sums**2 / np.maximum(counts, 1)
    return float(np.sqrt(squares.sum() / histogram.total) * 255 / light_of(space)[-1])


def measure_steps(picture: Picture, histogram: Histogram, palette: Palette, n_threads: int = 1) -> NDArray[np.uint8]:
    """Measure how much each pixel differs from those beside, above and below it.

    Returns
    -------
    ndarray of the picture's shape, dtype uint8
        The largest difference in luma, at most 254; 255 for a pixel whose color is in the palette.
    """
    luma = picture.pixels[..., 0].astype(np.int16)
    for channel in (1, 1, 2):  # in place: a large picture has no room for more
        luma += picture.pixels[..., channel]
    luma >>= 2
    steps = np.zeros(luma.shape, np.uint8)
    for axis in (-1, -2):
        difference = np.diff(luma, axis=axis)
        difference = np.minimum(np.abs(difference, out=difference), IN_PALETTE - 1, dtype=np.int16).astype(np.uint8)
        before, after = np.moveaxis(steps, axis, 0)[:-1], np.moveaxis(steps, axis, 0)[1:]
        rises = np.moveaxis(difference, axis, 0)
        np.maximum(before, rises, out=before)
        np.maximum(after, rises, out=after)
    known = find_rows(histogram, pack_colors(palette.colors))
    if len(known):
        in_palette = np.zeros(len(histogram), bool)
        in_palette[known] = True
        steps[look_up(picture, histogram, in_palette, n_threads)] = IN_PALETTE
    return steps


def strength_of_steps(strength: float) -> NDArray[np.float32]:
    """Return the strength at each step from 0 to 255."""
    squares = (np.arange(256) / _BUSY_STEP) ** 2
    strengths = strength ** (1 + _BUSY_POWER * squares / (1 + squares))
    strengths[IN_PALETTE] = 0
    return strengths.astype(np.float32)
