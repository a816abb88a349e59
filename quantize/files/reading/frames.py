"""All frames of an animation to keys. One that is broken ends it: those before it are the picture."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

from quantize.files.reading.compositing import Film, Keys, play
from quantize.files.reading.modes import convert_to_keys
from quantize.files.reading.reasons import explain
from quantize.files.reading.stills import load_still, make_upright
from quantize.parallel.progress import counted
from quantize.records.picture import Animation

Moving = tuple[Keys, Animation | None, tuple[str, ...]]
"""Keys with alpha of shape (n_frames, height, width), when they are shown, and notices; or, where only one frame can be
read, keys of shape (height, width) and None."""


def read_film(film: Film, orientation: int = 1) -> Moving:
    """Read the frames of a film.

    Parameters
    ----------
    film : Film
    orientation : int
        How all frames are turned, 1 to 8.

    Raises
    ------
    Exception
        Nearly any, if the first frame is broken.
    """
    keys, stored = make_upright(film.size, orientation, len(film.frames))

    def draw() -> Iterator[float]:
        for index, canvas in enumerate(play(film)):
            stored[index] = canvas
            yield film.frames[index].milliseconds

    return _collect(keys, draw(), film.plays, dict.fromkeys(film.notices))


def read_composed(image: Image.Image, orientation: int) -> Moving:
    """Read the frames of an open image that Pillow composes, as `read_film` does."""
    keys, stored = make_upright(image.size, orientation, image.n_frames)  # type: ignore[attr-defined]
    notices: dict[str, None] = {}

    def draw() -> Iterator[float]:
        for index in range(len(stored)):
            image.seek(index)
            frame, conversion, remarks = load_still(image, None)
            convert_to_keys(frame, conversion, stored[index])
            if conversion.mode == "RGB":
                stored[index] |= np.uint32(0xFF000000)
            notices.update(dict.fromkeys((*remarks, *conversion.notices)))
            yield _read_duration(image)

    loop = image.info.get("loop")
    return _collect(keys, draw(), loop if isinstance(loop, int) and loop >= 0 else 0, notices)


def _collect(keys: Keys, drawn: Iterator[float], plays: int, notices: dict[str, None]) -> Moving:
    durations: list[float] = []
    n_frames = len(keys)
    for index in counted(range(n_frames)):
        try:
            durations.append(next(drawn))
        except MemoryError:
            raise
        except Exception as error:  # nearly any, as for a picture that stands still
            if not index:
                raise
            left_out = "it is" if index + 1 == n_frames else "it and those after it are"
            notices[f"frame {index + 1} of {n_frames} is broken ({explain(error)}); {left_out} left out"] = None
            break
    if len(durations) == 1:
        return keys[0], None, tuple(notices)
    return keys[: len(durations)], Animation(tuple(durations), plays), tuple(notices)


def _read_duration(image: Image.Image) -> float:
    duration = image.info.get("duration", 0)
    return float(duration) if isinstance(duration, int | float) and math.isfinite(duration) and duration > 0 else 0.0
