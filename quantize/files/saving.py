"""Pictures to bytes, and bytes to files that appear whole or not at all."""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo, putchunk

from quantize import __version__
from quantize.errors import OutputError
from quantize.files.naming import Job
from quantize.records import MAX_INDEXED, REPORT_SCHEMA, Quantized

SOFTWARE = "quantize"
"""The mark of our own files: a PNG's Software text starts with it."""

_MARK = f"{SOFTWARE} {__version__}"

_COMPRESS_LEVEL = 6
"""zlib's own default."""


def encode_picture(quantized: Quantized) -> bytes:
    """Encode an indexed PNG of 1, 2, 4 or 8 bits per pixel, whichever the palette needs; true color above 256."""
    palette = quantized.palette
    if len(palette) > MAX_INDEXED:
        return encode_png(Image.fromarray(quantized.pixels))
    height, width = quantized.labels.shape
    image = Image.frombuffer("P", (width, height), quantized.labels, "raw", "P", 0, 1)
    image.putpalette(palette.colors[:, :3].tobytes())
    if palette.colors.shape[1] == 3:
        return encode_png(image)
    return encode_png(image, transparency=palette.colors[:, 3].tobytes().rstrip(b"\xff"))


def encode_png(image: Image.Image, **options: Any) -> bytes:
    """Encode a PNG that carries our mark."""
    marks = PngInfo()
    marks.add_text("Software", _MARK)
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=marks, compress_level=_COMPRESS_LEVEL, **options)
    return stream.getvalue()


def encode_flat(image: Image.Image) -> bytes:
    """Encode an RGB drawing of flat areas as a PNG that carries our mark.

    Such a picture is smaller, and encoded three times as fast, without the filters that Pillow puts on every RGB row.
    """
    width, height = image.size
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row begins with its filter: 0, none
    rows[:, 1:] = np.frombuffer(image.tobytes(), np.uint8).reshape(height, -1)
    stream = io.BytesIO()
    stream.write(b"\x89PNG\r\n\x1a\n")
    putchunk(stream, b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    putchunk(stream, b"tEXt", b"Software\0" + _MARK.encode())
    putchunk(stream, b"IDAT", zlib.compress(rows.tobytes(), 1))
    putchunk(stream, b"IEND")
    return stream.getvalue()


def save_picture(quantized: Quantized, path: str | os.PathLike[str]) -> None:
    """Write a quantized picture as an indexed PNG, whole or not at all.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    save_files({Path(path): encode_picture(quantized)})


def save_files(contents: Mapping[Path, bytes]) -> None:
    """Write files, each whole or not at all: under a temporary name first, then renamed when all are complete.

    Raises
    ------
    OutputError
        A file cannot be written; then none of them is. No temporary file stays, whatever happens.
    """
    written: dict[Path, Path] = {}
    try:
        for path, data in contents.items():
            # Noted before it is made, so that an interrupt finds it wherever it strikes.
            written[path] = path.with_name(f".quantize-{os.urandom(8).hex()}")
            _write(path, written[path], data)
        for path, temporary in written.items():
            _rename(path, temporary)
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


def _write(path: Path, temporary: Path, data: bytes) -> None:
    try:
        with temporary.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from None


def _rename(path: Path, temporary: Path) -> None:
    try:
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be replaced ({error.strerror})") from None


def refuse_foreign(job: Job) -> None:
    """Refuse to replace files that this program did not write.

    Raises
    ------
    OutputError
        An output exists, is not ours, and may not be overwritten.
    """
    for path in job.outputs.paths:
        if path.is_dir():
            raise OutputError(f"{path}: is a directory; give the picture another name")
        if not job.overwrite and os.path.lexists(path) and not is_ours(path, job.outputs.report):
            raise OutputError(f"{path}: exists and was not written by quantize; use --force to replace it")


def is_ours(path: Path, report: Path | None = None) -> bool:
    """Tell whether this program wrote a file: by the mark in it, or because the report beside it names it."""
    if path.suffix == ".json":
        return _read_report(path) is not None
    try:
        with Image.open(path) as image:
            software = str(image.info.get("Software", ""))
    except Exception:
        software = ""
    if software.split(" ")[0] == SOFTWARE:
        return True
    named = (_read_report(report) or {}).get("outputs", {}) if report else {}
    return path.name in named.values()


def _read_report(path: Path) -> dict[str, Any] | None:
    try:
        report = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return report if isinstance(report, dict) and report.get("schema") == REPORT_SCHEMA else None
