"""Any file that Pillow opens to a `Picture`: turned upright, 8-bit sRGB, alpha kept, every frame of an animation."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from quantize.errors import InputError
from quantize.files.marks import hash_file
from quantize.files.reading.alpha import settle_alpha
from quantize.files.reading.inputs import open_input
from quantize.files.reading.kinds import Contents, read_contents, read_image
from quantize.files.reading.limits import bounded, name_bomb
from quantize.files.reading.unsupported import name_unsupported
from quantize.records.picture import Indexed, Picture, Source
from quantize.records.settings import FORMATS, Settings


def load_picture(
    source: str | os.PathLike[str] | IO[bytes] | Image.Image | NDArray[Any] | Picture,
    settings: Settings | None = None,
) -> Picture:
    """Load a picture.

    Parameters
    ----------
    source : path, binary file, PIL image, array or Picture
        An array is gray (height, width), or has 3 or 4 channels in its last axis, of dtype uint8 or of floats from 0
        to 1. A Picture is returned as it is.
    settings : Settings, optional
        Its `background`, `format`, `keep_metadata`, `max_pixels`, `palette` and `own_palette` are used.

    Returns
    -------
    Picture

    Raises
    ------
    InputError
        The file is missing, a directory, empty, not an image, too large, or broken. The sentence starts with its
        name.
    """
    settings = settings or Settings()
    if isinstance(source, Picture):
        return source
    if isinstance(source, np.ndarray):
        from quantize.files.reading.arrays import read_array

        source = read_array(source)
    if isinstance(source, Image.Image):
        name = os.fspath(getattr(source, "filename", "") or "picture")
        with _explained(name, settings):
            # A copy is loaded, and what the caller has stays where it is. Further frames are left out.
            contents = read_image(source.copy(), None, settings)._replace(format=source.format)
            indexed = _read_indexed(source, settings)
        return _finish(contents, Source(name, source.format), settings, indexed)
    with open_input(source, settings.max_pixels) as given:
        if words := name_unsupported(given.name, given.head):
            raise InputError(f"{given.name}: {words}")
        with _explained(given.name, settings), bounded(settings.max_pixels):
            contents = read_contents(given, settings)
            indexed = _read_indexed(given.file, settings)
            digest = hash_file(given.file, contents.keys.size)
            origin = Source(given.name, contents.format, given.n_bytes, sha256=digest)
    return _finish(contents, origin, settings, indexed)


def _read_indexed(source: Image.Image | IO[bytes], settings: Settings) -> Indexed | None:
    if settings.palette is None and not settings.own_palette:
        return None
    from quantize.files.reading.own_palette import read_indexed

    return read_indexed(source)


def _finish(contents: Contents, source: Source, settings: Settings, indexed: Indexed | None) -> Picture:
    has_alpha, notices = contents.has_alpha, contents.notices
    if has_alpha:
        has_alpha, remarks = settle_alpha(contents.keys, settings, contents.format)
        notices = (*notices, *remarks)
    if contents.animation and settings.format in (None, "png") and (contents.format or "png").lower() not in FORMATS:
        notices = (*notices, f"animations are not written as {contents.format}; this one becomes an animated PNG")
    source = source._replace(notices=notices)
    return Picture(contents.keys, has_alpha, source, contents.animation, contents.metadata, indexed)


@contextmanager
def _explained(name: str, settings: Settings) -> Iterator[None]:
    """Turn whatever goes wrong with a file into a sentence that begins with its name, and Pillow's warnings into none.

    What it warns of is either no loss to the picture, or counted and told by us.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except UnidentifiedImageError:
        raise InputError(f"{name}: not an image that Pillow can read") from None
    except Image.DecompressionBombError as error:
        raise InputError(f"{name}: {name_bomb(error, settings.max_pixels)}") from None
    except MemoryError:
        raise InputError(f"{name}: too large for the memory of this machine") from None
    except InputError:
        raise
    # Pillow's decoders raise nearly anything on broken files, struct.error and IndexError among it.
    except Exception as error:
        from quantize.files.reading.reasons import explain

        raise InputError(f"{name}: not a readable image ({explain(error)})") from error
