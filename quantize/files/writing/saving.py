"""Pictures to bytes, by the name of a format."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from quantize.errors import OutputError
from quantize.files.formats import read_ending, refuse_unfit, settle_format
from quantize.files.writing.atomic import save_files
from quantize.files.writing.byte_parts import measure_parts
from quantize.records.quantized import Encoded, Quantized

Encoder = Callable[[Quantized], tuple[bytes, str]]
"""Gives the bytes of a file, and what compressed them."""


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


def encode_picture(quantized: Quantized) -> Encoded:
    """Encode a quantized picture in the format of its settings, or else in the one that suits it.

    Under `optimize` the smaller of two files is taken: the one that took more time, and the one without.

    Raises
    ------
    OutputError
        The format cannot hold the picture.
    """
    name = settle_format(quantized.picture, quantized.settings.format)
    refuse_unfit(quantized.picture, replace(quantized.settings, format=name))
    if not quantized.settings.optimize:
        return _encode(quantized, name)
    plain = replace(quantized, settings=replace(quantized.settings, optimize=False))
    return min(_optimize(quantized, name), _encode(plain, name), key=lambda encoded: len(encoded.data))


def _optimize(quantized: Quantized, name: str) -> Encoded:
    if name != "png":
        return _encode(quantized, name)
    from quantize.files.writing.palette_order import choose_order

    order = choose_order(quantized)
    return replace(_encode(quantized.reorder(order), name), order=order)


def _encode(quantized: Quantized, name: str) -> Encoded:
    data, encoder = ENCODERS[name](quantized)
    return Encoded(data, name, encoder, measure_parts(data))


def save_picture(quantized: Quantized, path: str | os.PathLike[str]) -> None:
    """Write a quantized picture in the format that its name ends in, whole or not at all.

    Raises
    ------
    OutputError
        The file cannot be written, the format cannot hold the picture, or the name ends like a picture that cannot be
        written.
    """
    asked = read_ending(os.fspath(path))
    if asked is not None and asked not in ENCODERS:
        raise OutputError(f"{path}: a result is a png, gif or webp; let the name end so")
    if asked is not None:
        quantized = replace(quantized, settings=replace(quantized.settings, format=asked))
    save_files({Path(path): encode_picture(quantized).data})
