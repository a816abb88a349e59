"""Colors of many pictures or frames, counted one at a time: what a palette for all of them is found in."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from quantize.color.histogram import add_up
from quantize.color.histogram import count_colors as count_picture
from quantize.errors import InputError
from quantize.files.reading.loading import load_picture
from quantize.records.picture import Histogram, Picture
from quantize.records.settings import Settings

Source = str | os.PathLike[str] | IO[bytes] | Image.Image | NDArray[Any] | Picture


def count_colors(sources: Source | Iterable[Source], settings: Settings | None = None) -> Histogram:
    """Count the unique colors of a picture, or of many together.

    Parameters
    ----------
    sources : what `load_picture` takes, or an iterable of such
        They are taken one after the other, and only one is held at a time: the frames of a video may come from a
        generator. An array of four dimensions is a series of frames.
    settings : Settings, optional
        As for `load_picture`; its `n_threads` count.

    Returns
    -------
    Histogram
        Of all pixels. Those of several runs or machines add up with ``+``. Memory is bounded by the number of different
        colors, 2^24 without alpha, and not by the number of pictures.

    Raises
    ------
    InputError
        A source cannot be read as a picture, or there is none.

    Examples
    --------
    One palette for all frames of a video that are read one by one:

    >>> from quantize import Settings, find_palette, quantize_picture
    >>> def read_frames():
    ...     for level in (0, 10, 200, 210):
    ...         yield np.full((4, 4, 3), level, np.uint8)
    >>> histogram = count_colors(read_frames())
    >>> histogram
    Histogram(4 colors of 64 pixels)
    >>> palette = find_palette(histogram, Settings(n_colors=2))
    >>> palette.hex
    ['#050505', '#cdcdcd']
    >>> [quantize_picture(frame, Settings(palette=palette)).labels[0, 0].item() for frame in read_frames()]
    [0, 0, 1, 1]
    """
    settings = settings or Settings()
    each: Any = (sources,) if _is_one(sources) else sources
    total = add_up(count_picture(load_picture(source, settings), settings.n_threads) for source in each)
    if total is None:
        raise InputError("no picture to count the colors of")
    return total


def _is_one(sources: Any) -> bool:
    if isinstance(sources, np.ndarray):
        return sources.ndim < 4
    return isinstance(sources, str | os.PathLike | Image.Image | Picture) or hasattr(sources, "read")
