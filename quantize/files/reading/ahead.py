"""A plain picture is decoded while numpy loads: Pillow's decoders let go of the interpreter's lock. Loads no numpy.

Nothing depends on it. What is decoded ahead is taken in place of opening the same file again, and whatever goes wrong
here goes wrong once more there, where it is told.
"""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO

from PIL import Image

from quantize.files.reading.limits import refuse_many_segments
from quantize.files.reading.png_chunks import SIGNATURE, is_animated

_MOST_PIXELS = 1 << 24
"""A larger picture takes long after numpy has loaded, and is better read with an eye on its memory."""

_PLAIN_PNG = (b"\x08\x02", b"\x08\x06")
"""Bit depth and color type, bytes 24 and 25, of an RGB or RGBA PNG of 8 bits: all others are looked at on the way."""

_JPEG = b"\xff\xd8\xff"


class _Decoding(Thread):
    """Decodes one file; `image` is None where that is not plain."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.path = path
        self.identity: tuple[int, ...] = ()
        self.image: Image.Image | None = None

    def run(self) -> None:
        with suppress(Exception):
            if not self.path.is_file():  # a pipe is read once
                return
            file = self.path.open("rb")
            self.identity = _identify(file)
            image = _open_plain(file)
            if image is not None and image.width * image.height <= _MOST_PIXELS:
                image.load()
                self.image = image


_ahead: list[_Decoding] = []
"""At most one: a run of several pictures has other things to do meanwhile."""


def decode_ahead(name: str) -> None:
    """Begin to decode a file on a thread of its own, where it is a plain RGB picture."""
    # Pillow warns of junk in EXIF as soon as it opens a JPEG; filters are those of all threads.
    warnings.simplefilter("ignore")
    decoding = _Decoding(Path(name))
    with suppress(RuntimeError):  # no more threads
        decoding.start()
        _ahead[:] = [decoding]


def take_decoded(file: IO[bytes]) -> Image.Image | None:
    """Take the image that was decoded ahead, once, where it is of the very same file; else None."""
    if not _ahead:
        return None
    decoding = _ahead.pop()
    decoding.join()
    with suppress(OSError):
        return decoding.image if decoding.identity == _identify(file) else None
    return None


def _identify(file: IO[bytes]) -> tuple[int, ...]:
    about = os.fstat(file.fileno())
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns


def _open_plain(file: IO[bytes]) -> Image.Image | None:
    head = file.read(26)
    file.seek(0)
    if head.startswith(SIGNATURE) and head[24:] in _PLAIN_PNG and not is_animated(file):
        from PIL.PngImagePlugin import PngImageFile

        file.seek(0)
        return PngImageFile(file)
    if head.startswith(_JPEG):
        from PIL.JpegImagePlugin import JpegImageFile

        refuse_many_segments(file)
        image = JpegImageFile(file)
        # A progressive one is refused where it has too many scans; of several pictures in one, the first is told of.
        return None if {"progressive", "mp"} & image.info.keys() else image
    return None
