"""What an indexed file has stored: its palette, and each pixel's row of it."""

from __future__ import annotations

from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.files.reading.opening import open_image
from quantize.files.reading.stills import read_orientation, turn_upright
from quantize.records.picture import Indexed


def read_indexed(source: Image.Image | IO[bytes]) -> Indexed | None:
    """Read the palette of a picture, and its labels as they are stored; None where it has no palette."""
    if isinstance(source, Image.Image):
        return _read(source)
    with open_image(source) as image:
        return _read(image)


def _read(image: Image.Image) -> Indexed | None:
    if image.mode != "P":
        return None
    image.load()
    return Indexed(read_own_colors(image), turn_upright(np.asarray(image), read_orientation(image)))


def read_own_colors(image: Image.Image) -> NDArray[np.uint8]:
    """Read the palette of a loaded image of mode P: sRGB with alpha, used or not."""
    colors = np.array(image.getpalette("RGBA") or [], np.uint8).reshape(-1, 4)
    transparency = image.info.get("transparency", b"")
    if isinstance(transparency, int):
        transparency = b"\xff" * transparency + b"\0"
    alphas = np.frombuffer(transparency[: len(colors)], np.uint8)
    colors[: len(alphas), 3] = np.minimum(colors[: len(alphas), 3], alphas)
    return colors
