"""A dither called with as little as it takes."""

import numpy as np

from quantize import Palette, Settings, load_picture
from quantize.color.dither.names import DITHERS
from quantize.color.histogram import count_colors
from quantize.records.picture import Picture

REAL_DITHERS = [name for name in DITHERS if name != "none"]


def dither(name: str, image, colors, **settings) -> np.ndarray:
    picture = image if isinstance(image, Picture) else load_picture(image)
    return DITHERS[name](picture, count_colors(picture), Palette(np.array(colors, np.uint8)), Settings(**settings))[0]
