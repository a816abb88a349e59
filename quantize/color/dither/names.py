"""The ways from pixels to labels, by name. All take what `remap` takes and give what it gives."""

from collections.abc import Callable
from functools import partial
from typing import Any

from numpy.typing import NDArray

from quantize.color.dither.diffusion import ATKINSON, FLOYD_STEINBERG, SIERRA_LITE, diffuse_errors
from quantize.color.dither.ordered import bayer_mask, blue_noise_mask, dither_by_mask
from quantize.color.remap import remap
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

Ditherer = Callable[[Picture, Histogram, Palette, Settings], tuple[NDArray[Any], NDArray[Any] | None]]

DITHERS: dict[str, Ditherer] = {
    "none": remap,
    "floyd-steinberg": partial(diffuse_errors, kernel=FLOYD_STEINBERG),
    "atkinson": partial(diffuse_errors, kernel=ATKINSON),
    "sierra-lite": partial(diffuse_errors, kernel=SIERRA_LITE),
    "bayer": partial(dither_by_mask, make_mask=bayer_mask),
    "blue-noise": partial(dither_by_mask, make_mask=blue_noise_mask),
}
