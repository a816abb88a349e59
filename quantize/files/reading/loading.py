"""Any file that Pillow opens to a `Picture`: turned upright, 8-bit sRGB, alpha kept, every frame of an animation."""

from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from quantize.errors import InputError
from quantize.files.reading.frames import count_frames, describe_pages, read_frame, read_frames
from quantize.files.reading.unsupported import name_foreign
from quantize.records.picture import Picture, Source
from quantize.records.settings import Settings

Keys = NDArray[np.uint32]

_STRIP = 1 << 20
"""Pixels laid on a background at a time."""

_TOO_MANY = "more than {:,}; if you trust it, allow more with --max-pixels"

_HALF = 128
"""The alpha from which a pixel is opaque in a format that knows no partial transparency: 0.5, rounded up."""


def load_picture(
    source: str | os.PathLike[str] | IO[bytes] | Image.Image | NDArray[Any] | Picture,
    settings: Settings | None = None,
) -> Picture:
    """Load a picture.

    Parameters
    ----------
    source : path, binary file, PIL image, array or Picture
        An array is gray (height, width), or has 3 or 4 channels of dtype uint8 in its last axis. A Picture is
        returned as it is.
    settings : Settings, optional
        Its `background`, `format`, `keep_metadata` and `max_pixels` are used.

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
        source = Image.fromarray(source)
    if isinstance(source, Image.Image):
        name = getattr(source, "filename", "") or "picture"
        return _read(source.copy(), Source(os.fspath(name), source.format), settings)
    modified = None
    if isinstance(source, str | os.PathLike):
        name, data = os.fspath(source), _read_bytes(Path(source))
        if settings.keep_metadata:
            modified = _read_time(Path(source))
    else:
        name, data = str(getattr(source, "name", "stdin")), source.read()
    if not data:
        raise InputError(f"{name}: is empty; give a picture")
    if foreign := name_foreign(name, data):
        raise InputError(f"{name}: {foreign}")
    try:
        with _bounded(data, settings), _muted(data), _open(data) as image:
            return _read(image, Source(name, image.format, len(data)), settings, modified)
    except UnidentifiedImageError:
        raise InputError(f"{name}: not an image that Pillow can read") from None
    except Image.DecompressionBombError as error:
        n_pixels = int(re.findall(r"\d+", str(error))[0])
        raise InputError(f"{name}: has {n_pixels:,} pixels, {_TOO_MANY.format(settings.max_pixels)}") from None
    except MemoryError:
        raise InputError(f"{name}: too large for the memory of this machine") from None
    except InputError:
        raise
    # Pillow's decoders raise nearly anything on broken files, struct.error and IndexError among it.
    except Exception as error:
        raise InputError(f"{name}: not a readable image ({_reason(error)})") from error


def _open(data: bytes) -> Image.Image:
    # Pillow would load the plugins of five formats first, in 5 ms, and for its own limit the command has another.
    if data.startswith(b"\x89PNG") and Image.MAX_IMAGE_PIXELS is None:
        from PIL.PngImagePlugin import PngImageFile

        with suppress(SyntaxError):  # what Pillow takes as a sign that it is another format, and says so
            return PngImageFile(io.BytesIO(data))
    return Image.open(io.BytesIO(data))


@contextmanager
def _bounded(data: bytes, settings: Settings) -> Iterator[None]:
    """Let Pillow watch the size of a GIF where its own limit is off: frames may lie far outside of the picture."""
    if Image.MAX_IMAGE_PIXELS is not None or not data.startswith(b"GIF8"):
        yield
        return
    # Pillow only warns up to twice its limit.
    Image.MAX_IMAGE_PIXELS = max(1, settings.max_pixels // 2)
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = None


@contextmanager
def _muted(data: bytes) -> Iterator[None]:
    """Keep decoders from writing their own words to standard error, past Python and past `printable`."""
    if not data.startswith(_TALKATIVE) and data[4:8] != b"ftyp":
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

_MUTING = threading.Lock()


def quiet_pillow() -> None:
    """Leave the limit of a picture's size to `max_pixels`, and Pillow's warnings unsaid: for the command alone."""
    import logging
    import warnings

    Image.MAX_IMAGE_PIXELS = None
    warnings.simplefilter("ignore")
    logging.getLogger("PIL").addHandler(logging.NullHandler())


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory; name the pictures in it, as in {path}/*.jpg") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _read_time(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _reason(error: Exception) -> str:
    text = re.sub(r"<[^<>]* at 0x\w+>", "it", " ".join(str(error).split())) or type(error).__name__
    return "truncated" if "truncated" in text.lower() else text


def _read(image: Image.Image, source: Source, settings: Settings, modified: float | None = None) -> Picture:
    _refuse_large(image, 1, source.name, settings.max_pixels)  # before the frames are counted, which reads the file
    n_frames = count_frames(image)
    _refuse_large(image, n_frames, source.name, settings.max_pixels)
    pages = describe_pages(image)
    animation = None
    if n_frames == 1:
        keys, has_alpha, notices = read_frame(image)
    else:
        keys, animation, notices = read_frames(image, n_frames, source.name)
        has_alpha = True
    metadata = None
    if settings.keep_metadata:
        from quantize.files.reading.metadata import read_metadata

        metadata = read_metadata(image, modified)
    notices = (*pages, *notices)
    if has_alpha:
        has_alpha, remark = _settle_alpha(keys, settings)
        notices = (*notices, *remark)
    source = Source(source.name, source.format, source.n_bytes, notices)
    return Picture(keys, has_alpha, source, animation, metadata)


def _refuse_large(image: Image.Image, n_frames: int, name: str, max_pixels: int) -> None:
    n_pixels = image.width * image.height * n_frames
    if not n_pixels:
        raise InputError(f"{name}: not a readable image (it has no pixels)")
    if n_pixels > max_pixels:
        size = f"{image.width}x{image.height}" + (f" in {n_frames:,} frames" if n_frames > 1 else "")
        raise InputError(f"{name}: has {size} = {n_pixels:,} pixels, {_TOO_MANY.format(max_pixels)} {n_pixels}")


def _settle_alpha(keys: Keys, settings: Settings) -> tuple[bool, tuple[str, ...]]:
    """Bring keys with alpha to their final form, in place; tell whether they still have any."""
    flat = keys.reshape(-1)
    strips = [flat[start : start + _STRIP] for start in range(0, flat.size, _STRIP)]
    if settings.background:
        background = np.frombuffer(bytes.fromhex(settings.background[1:]), np.uint8)
        for strip in strips:
            _lay_on(strip, background)
        return False, ()
    n_partial = 0
    if settings.format == "gif":
        n_partial = sum(_threshold(strip) for strip in strips)
    opaque = True
    for strip in strips:
        opaque &= bool((strip >= 0xFF000000).all())
        strip[strip < 0x01000000] = 0
    if opaque:
        flat &= np.uint32(0x00FFFFFF)
    remark = ("partly transparent pixels became opaque or transparent, as GIF knows no others",) if n_partial else ()
    return not opaque, remark


def _lay_on(strip: Keys, background: NDArray[np.uint8]) -> None:
    channels = strip.view(np.uint8).reshape(-1, 4)
    alpha = channels[:, 3:].astype(np.uint32)
    channels[:, :3] = (channels[:, :3] * alpha + background * (255 - alpha) + 127) // 255
    channels[:, 3] = 0


def _threshold(strip: Keys) -> int:
    alpha = strip.view(np.uint8).reshape(-1, 4)[:, 3]
    n_partial = int(np.count_nonzero((alpha > 0) & (alpha < 255)))
    alpha[:] = np.where(alpha >= _HALF, 255, 0)
    return n_partial
