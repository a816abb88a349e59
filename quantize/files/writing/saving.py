"""Pictures to bytes, by the name of a format."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from quantize.files.formats import settle_format
from quantize.files.writing.atomic import save_files
from quantize.records.quantized import Quantized

Encoder = Callable[[Quantized], tuple[bytes, str]]


def _png(quantized: Quantized) -> tuple[bytes, str]:
    from quantize.files.writing.png import encode_png

    return encode_png(quantized)


def _gif(quantized: Quantized) -> tuple[bytes, str]:
    from quantize.files.writing.gif import encode_gif

    return encode_gif(quantized)


def _webp(quantized: Quantized) -> tuple[bytes, str]:
    from quantize.files.writing.webp import encode_webp

    return encode_webp(quantized)


# Each behind an import of its own: one format is used, and three would be loaded.
ENCODERS: dict[str, Encoder] = {"png": _png, "gif": _gif, "webp": _webp}


def encode_picture(quantized: Quantized) -> tuple[bytes, str]:
    """Encode a quantized picture in the format of its settings, or else in the one that suits it.

    Returns
    -------
    data : bytes
    encoder : str
        What compressed it, for the report.

    Raises
    ------
    OutputError
        The format cannot hold the picture.
    """
    return ENCODERS[settle_format(quantized.picture, quantized.settings)](quantized)


def save_picture(quantized: Quantized, path: str | os.PathLike[str]) -> None:
    """Write a quantized picture in the format that its name ends in, whole or not at all.

    Raises
    ------
    OutputError
        The file cannot be written, or the format cannot hold the picture.
    """
    path = Path(path)
    suffix = path.suffix[1:].lower()
    if suffix in ENCODERS:
        quantized = replace(quantized, settings=replace(quantized.settings, format=suffix))
    save_files({path: encode_picture(quantized)[0]})
