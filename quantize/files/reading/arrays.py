"""Arrays as pictures: bytes as they are, and floats where 0 is black and 1 is white, as in plotting libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.errors import InputError


def read_array(array: NDArray[Any]) -> Image.Image:
    """Make an image of an array.

    Parameters
    ----------
    array : ndarray of shape (height, width), or (height, width, 3 or 4)
        uint8, uint16 of shape (height, width), bool, or floats from 0 to 1.

    Raises
    ------
    InputError
        It has another shape, dtype or range.
    """
    is_gray = array.ndim == 2
    if not (is_gray or (array.ndim == 3 and array.shape[2] in (3, 4))) or not array.size:
        raise InputError(f"an array of shape {array.shape}: should be (height, width), or have 3 or 4 channels last")
    if array.dtype.kind == "f":
        if not (array.min() >= 0 and array.max() <= 1):  # so that what is no number is refused, too
            raise InputError("an array of floats: should be from 0 to 1; divide it by its largest value")
        array = np.rint(array * 255).astype(np.uint8)
    elif array.dtype == bool:
        array = array.astype(np.uint8) * np.uint8(255)
    elif array.dtype != np.uint8 and not (is_gray and array.dtype == np.uint16):
        raise InputError(f"an array of {array.dtype}: should be of uint8, or of floats from 0 to 1")
    return Image.fromarray(array)
