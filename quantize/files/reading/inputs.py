"""A file, or what comes through a pipe, as bytes that can be read from any place, and no more of them than it takes."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from quantize.errors import InputError
from quantize.files.reading.opening import open_image
from quantize.records.job import STDIO

_HEAD = 1 << 16
"""Bytes by which a kind of file is told: an SVG may begin with a long comment."""

_PIECE = 1 << 20

_BYTES_PER_PIXEL = 16
"""No format stores more: four channels of 32 bits."""

_BESIDE_PIXELS = 64 << 20
"""Bytes of a file beside its pixels: profiles, thumbnails and texts take a few, headers of a few kB."""


class Input(NamedTuple):
    """An open file: its name, how it begins, its bytes on disk and when it was changed, in seconds since 1970."""

    file: IO[bytes]
    name: str
    head: bytes
    n_bytes: int
    modified: float | None = None


def find_source(name: str) -> str | IO[bytes]:
    """Give standard input for "-", and any other name as it is.

    Raises
    ------
    InputError
        Standard input is closed.
    """
    if name != STDIO:
        return name
    if sys.stdin is None:
        raise InputError("-: standard input is closed")
    return sys.stdin.buffer


@contextmanager
def open_input(source: str | os.PathLike[str] | IO[bytes], max_pixels: int) -> Iterator[Input]:
    """Open a file or take a stream.

    A file is read from where it is needed. What cannot be read twice, as a pipe or a device, is read into memory, as
    far as a picture of so many pixels may reach.

    Raises
    ------
    InputError
        The file is missing, a directory, empty, or not to be read.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        name = os.fspath(source)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise InputError(f"{name}: no such file") from None
        except IsADirectoryError:
            raise InputError(f"{name}: is a directory; name the pictures in it, as in {name}/*.jpg") from None
        except (OSError, ValueError) as error:
            raise InputError(f"{name}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
        with file:
            about = os.fstat(file.fileno())
            if stat.S_ISREG(about.st_mode):
                yield _look_at(file, name, about.st_size, about.st_mtime)
            else:
                yield _look_at(*_read_stream(file, name, max_pixels), about.st_mtime)
        return
    yield _look_at(*_read_stream(source, str(getattr(source, "name", "stdin")), max_pixels))


def _look_at(file: IO[bytes], name: str, n_bytes: int, modified: float | None = None) -> Input:
    try:
        head = file.read(_HEAD)
        file.seek(0)
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror or error})") from None
    if not head:
        raise InputError(f"{name}: is empty; give a picture")
    return Input(file, name, head, n_bytes, modified)


def _read_stream(stream: IO[bytes], name: str, max_pixels: int) -> tuple[IO[bytes], str, int]:
    most = _BESIDE_PIXELS
    memory = io.BytesIO()
    try:
        while piece := stream.read(_PIECE):
            memory.write(piece)
            if memory.tell() > most == _BESIDE_PIXELS:
                most += _BYTES_PER_PIXEL * min(max_pixels, _claim_pixels(memory))
            if memory.tell() > most:
                raise InputError(f"{name}: goes on after {most:,} bytes, which is more than a picture of its kind has")
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror or error})") from None
    memory.seek(0)
    return memory, name, memory.getbuffer().nbytes


def _claim_pixels(memory: io.BytesIO) -> int:
    """Find out how many pixels a picture has whose first bytes are here: none if they are no picture's."""
    with suppress(Exception), open_image(io.BytesIO(memory.getvalue())) as image:
        return image.width * image.height * max(1, getattr(image, "n_frames", 1))
    return 0
