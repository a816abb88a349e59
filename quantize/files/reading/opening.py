"""Bytes to an image that Pillow has opened: of formats that are listed, and without a word on standard error."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from PIL import Image, UnidentifiedImageError

from quantize.files.reading.ahead import take_decoded
from quantize.files.reading.limits import refuse_many_segments
from quantize.files.reading.png_chunks import SIGNATURE

_COMMON = ("JPEG", "PNG", "GIF", "BMP", "DIB", "PPM")
"""Formats whose plugins Pillow loads in any case."""

_OTHERS = (
    *("AVIF", "BLP", "CUR", "DCX", "DDS", "FITS", "FLI", "FTEX", "GBR", "ICNS", "ICO", "IM", "IMT", "JPEG2000"),
    *("MCIDAS", "MSP", "PCD", "PCX", "PIXAR", "PSD", "QOI", "SGI", "SPIDER", "SUN", "TGA", "TIFF", "WEBP"),
    *("XBM", "XPM", "XVTHUMB"),
)
"""All others that Pillow reads, without those that start a program (EPS), open what is inside as a file of any format
(IPTC), need one that is not there (WMF, BUFR, GRIB, HDF5, FPX, MIC), or know no pixels (MPEG)."""


_NAMED_BY_THEIR_FIRST_BYTES = ("PNG", "GIF", "JPEG", "BMP", "WEBP", "TIFF")


def is_picture(data: bytes) -> bool:
    """Tell by the header of the usual formats, which no palette begins like."""
    try:
        with Image.open(io.BytesIO(data), formats=_NAMED_BY_THEIR_FIRST_BYTES):
            return True
    except Exception:
        return False


@contextmanager
def open_image(file: IO[bytes]) -> Iterator[Image.Image]:
    """Open a file as an image, which is not loaded yet unless it was decoded ahead.

    Parameters
    ----------
    file : binary file
        To be read from any place.

    Raises
    ------
    PIL.UnidentifiedImageError
        It is of none of the formats.
    PIL.Image.DecompressionBombError
        It is too large for Pillow's limit.
    Exception
        Nearly any other, on broken files.
    """
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    refuse_many_segments(file)
    with _muted(head), _open(file, head) as image:
        yield image


def _open(file: IO[bytes], head: bytes) -> Image.Image:
    if decoded := take_decoded(file):
        return decoded
    # Pillow would load the plugins of five formats first, in 5 ms.
    if head.startswith(SIGNATURE):
        from PIL.PngImagePlugin import PngImageFile

        with suppress(SyntaxError):  # what Pillow takes as a sign that it is another format, and says so
            return PngImageFile(file)
    with suppress(UnidentifiedImageError):
        return Image.open(file, formats=_COMMON)
    return Image.open(file, formats=_OTHERS)


@contextmanager
def _muted(head: bytes) -> Iterator[None]:
    """Keep decoders from writing their own words to standard error, past Python and past the terminal's escapes."""
    if not head.startswith(_TALKATIVE) and head[4:8] != b"ftyp":
        yield
        return
    with _MUTING, Path(os.devnull).open("wb") as nowhere:
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


_TALKATIVE = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How TIFF and BigTIFF begin. AVIF, whose decoder talks too, begins with the size of its first box, and "ftyp"."""

_MUTING = threading.RLock()


def quiet_pillow() -> None:
    """Leave the limit of a picture's size to `max_pixels`, and Pillow's warnings unsaid: for the command alone."""
    import logging
    import warnings

    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    logging.getLogger("PIL").addHandler(logging.NullHandler())
