"""How each kind of file is read, told by its first bytes: most by Pillow alone, some with a step before it."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from quantize.errors import InputError
from quantize.files.reading.inputs import Input
from quantize.files.reading.limits import (
    refuse_large,
    refuse_long,
    refuse_long_header,
    refuse_many_scans,
    refuse_many_strips,
)
from quantize.files.reading.opening import open_image
from quantize.files.reading.png_chunks import SIGNATURE, is_animated
from quantize.files.reading.stills import read_orientation, read_still
from quantize.records.picture import Animation, Metadata
from quantize.records.settings import Settings

if TYPE_CHECKING:
    from quantize.files.reading.compositing import Film, Keys


_COMPOSED = ("WEBP", "AVIF")
"""Formats whose animations are composed by the libraries behind Pillow. Pages of TIFF or MPO are other pictures."""

_ICON, _CURSOR, _ICNS = b"\0\0\1\0", b"\0\0\2\0", b"icns"

_PNG_HEAD = 24
"""Bytes of a PNG in which its size stands."""


class Contents(NamedTuple):
    """What was read of a file: keys with their bytes R, G, B, and alpha or 0, and Pillow's name of the format."""

    keys: Keys
    has_alpha: bool
    format: str | None
    notices: tuple[str, ...] = ()
    animation: Animation | None = None
    metadata: Metadata | None = None


def read_contents(given: Input, settings: Settings) -> Contents:
    """Read a file of any kind.

    Raises
    ------
    InputError
        It has more pixels than the settings allow.
    Exception
        Nearly any other, on broken files.
    """
    read = next((read for start, read in _KINDS.items() if given.head.startswith(start)), _read_by_pillow)
    return read(given, settings)


def read_image(image: Image.Image, given: Input | None, settings: Settings) -> Contents:
    """Read an image that Pillow has opened.

    Parameters
    ----------
    image : PIL.Image.Image
    given : Input or None
        What it was opened from, if it was.
    settings : Settings
    """
    name = given.name if given else "picture"
    refuse_large(name, image.size, 1, settings.max_pixels)  # before frames are counted, which may read the file
    n_frames = max(1, getattr(image, "n_frames", 1)) if image.format in _COMPOSED else 1
    refuse_large(name, image.size, n_frames, settings.max_pixels, image.format)
    notices = _describe_pages(image)
    if n_frames > 1:
        from quantize.files.reading.frames import read_composed

        keys, animation, remarks = read_composed(image, read_orientation(image))
        has_alpha = True
    else:
        if given:
            refuse_many_scans(name, image, given.file)
            refuse_many_strips(name, image)
        keys, has_alpha, remarks = read_still(image, given.file if given else None, settings.n_threads)
        animation = None
    metadata = _read_metadata(image, given, settings)
    return Contents(keys, has_alpha, image.format, (*notices, *remarks), animation, metadata)


def _read_by_pillow(given: Input, settings: Settings) -> Contents:
    if given.head.startswith(b"RIFF") or given.head[4:8] == b"ftyp":
        refuse_long(given.name, given.n_bytes, settings.max_pixels)
    refuse_long_header(given.name, given.head)
    with open_image(given.file) as image:
        return read_image(image, given, settings)


def _read_tiff(given: Input, settings: Settings) -> Contents:
    try:
        return _read_by_pillow(given, settings)
    except UnidentifiedImageError:
        from quantize.files.reading.tiff_kinds import name_tiff

        if words := name_tiff(given.file):
            raise InputError(f"{given.name}: {words}") from None
        raise


def _read_gif(given: Input, settings: Settings) -> Contents:
    from quantize.files.reading.frames import read_film
    from quantize.files.reading.gif_blocks import read_gif

    refuse_long(given.name, given.n_bytes, settings.max_pixels)
    film, comment = read_gif(given.file.read())
    _refuse_large_film(film, given, settings)
    keys, animation, notices = read_film(film)
    stand_in = Image.new("P", (1, 1))  # Pillow reads nothing else beside the pixels of a GIF
    stand_in.info["comment"] = comment
    return Contents(keys, True, "GIF", notices, animation, _read_metadata(stand_in, given, settings))


def _read_png(given: Input, settings: Settings) -> Contents:
    width, height = struct.unpack(">2I", given.head[16:24].rjust(8, b"\0"))
    refuse_large(given.name, (width, height), 1, settings.max_pixels)
    if not is_animated(given.file):
        return _read_by_pillow(given, settings)
    from quantize.files.reading.apng import read_apng
    from quantize.files.reading.frames import read_film

    refuse_long(given.name, given.n_bytes, settings.max_pixels)
    remarks: dict[str, None] = {}

    def read_frame(data: bytes) -> Keys:
        file = io.BytesIO(data)
        with open_image(file) as image:
            keys, has_alpha, notices = read_still(image, file)
        remarks.update(dict.fromkeys(notices))
        return keys if has_alpha else keys | np.uint32(0xFF000000)

    given.file.seek(0)
    default, film, notices = read_apng(given.file.read(), read_frame)
    given = given._replace(file=io.BytesIO(default))
    if film:
        _refuse_large_film(film, given, settings)
        try:
            with open_image(given.file) as image:
                keys, animation, more = read_film(film, read_orientation(image))
                metadata = _read_metadata(image, given, settings)
            return Contents(keys, True, "PNG", (*notices, *more, *remarks), animation, metadata)
        except InputError:
            raise
        except Exception as error:
            from quantize.files.reading.reasons import explain

            notices = (f"its animation is broken ({explain(error)}); its default image is used",)
    contents = _read_by_pillow(given, settings)
    return contents._replace(notices=(*notices, *contents.notices))


def _read_icon(given: Input, settings: Settings) -> Contents:
    from quantize.files.reading.icons import take_icon, take_png_of_icns

    taken = take_png_of_icns(given.file) if given.head.startswith(_ICNS) else take_icon(given.file)
    if taken is None:
        return _read_by_pillow(given, settings)
    file, notices = taken
    name = {_ICON: "ICO", _CURSOR: "CUR", _ICNS: "ICNS"}[given.head[:4]]
    given = given._replace(file=file, head=file.read(_PNG_HEAD))
    contents = (_read_png if given.head.startswith(SIGNATURE) else _read_by_pillow)(given, settings)
    return contents._replace(format=name, notices=(*notices, *contents.notices))


_KINDS: dict[bytes, Callable[[Input, Settings], Contents]] = {
    b"GIF8": _read_gif,
    SIGNATURE: _read_png,
    _ICON: _read_icon,
    _CURSOR: _read_icon,
    _ICNS: _read_icon,
    b"II*\0": _read_tiff,
    b"MM\0*": _read_tiff,
}
"""By how a file begins. What a kind needs is imported when a file is of it: a plain conversion pays for none."""


def _refuse_large_film(film: Film, given: Input, settings: Settings) -> None:
    if not film.frames:
        raise ValueError("truncated")
    for frame in film.frames:
        refuse_large(given.name, frame.box[2:], 1, settings.max_pixels)
    refuse_large(given.name, film.size, len(film.frames), settings.max_pixels)


def _describe_pages(image: Image.Image) -> tuple[str, ...]:
    """Say which page or size is used, where there are several."""
    if image.format not in (*_COMPOSED, "PSD") and getattr(image, "is_animated", False):
        # Pages are counted where their number is known already: a TIFF of 50,000 would be gone through.
        return (f"holds {vars(image).get('n_frames', 'several')} pictures; the first is used",)
    sizes = image.info.get("sizes", ())
    if len(sizes) > 1:
        return (f"holds {len(sizes)} sizes; the largest, {image.width}x{image.height}, is used",)
    return ()


def _read_metadata(image: Image.Image, given: Input | None, settings: Settings) -> Metadata | None:
    if not settings.keep_metadata:
        return None
    from quantize.files.reading.metadata import read_metadata

    return read_metadata(image, given.modified if given else None)
