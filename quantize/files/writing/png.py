"""A quantized picture as an indexed PNG, true color above 256 colors, APNG for an animation.

PNG 1.2, and the APNG specification 1.0 of Mozilla. Written here and not by Pillow because that filters what is better
left alone, and writes animations frame by frame through RGBA.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.files.writing.deflate import compress, compress_best
from quantize.files.writing.frame_boxes import FrameBox, changed_regions, round_durations
from quantize.files.writing.png_rows import filter_by_entropy, label_bits, pack_labels, pack_pixels
from quantize.parallel.progress import counted
from quantize.records.drawing import Drawing
from quantize.records.palette import MAX_INDEXED
from quantize.records.picture import Animation, Metadata
from quantize.records.quantized import Quantized
from quantize.version import MARK

LEVEL = 6
"""zlib's own default: within 1.1% of level 9 over photographs of 16, 64 and 256 colors, at 0.3 of its time on one
thread and 0.16 on two. 5 is 2.8% larger, 4 is 5%."""

_SMALL, _SMALL_LEVEL = 1 << 19, 8
"""A drawing of fewer bytes is worth more effort: the swatch of 16 colors comes out 5% smaller, in 6 ms for 3. From then
on the same gain would take 30 ms."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED, _RGB, _RGBA = 3, 2, 6
_MAX_DELAY = 0xFFFF


def encode_png(quantized: Quantized) -> tuple[bytes, str]:
    """Encode a quantized picture as PNG.

    Parameters
    ----------
    quantized : Quantized
        Its settings' `optimize` and `n_threads` are used.

    Returns
    -------
    data : bytes
    encoder : str
        What compressed it, for the report.
    """
    settings = quantized.settings
    if not settings.optimize:
        data = _encode(quantized, lambda rows, _: compress(rows, LEVEL, settings.n_threads))
        return data, f"zlib level {LEVEL}"
    data = _encode(
        quantized, lambda rows, step: compress_best((rows, filter_by_entropy(rows, step)), settings.n_threads)
    )
    from quantize.files.writing.recompression import squeeze

    return squeeze(data, "zlib level 9, filters by entropy")


def encode_drawing(drawing: Drawing) -> bytes:
    """Encode a drawing: indexed, or true color above 256 colors."""
    labels, colors = drawing
    height, width = labels.shape
    if len(colors) > MAX_INDEXED:
        rows = pack_pixels(labels, colors)
        return _join([_header(width, height, 8, _RGB), _mark(), ("IDAT", compress(rows, LEVEL))])
    bits = label_bits(len(colors))
    rows = pack_labels(labels, bits)
    body = compress(rows, _SMALL_LEVEL if rows.size < _SMALL else LEVEL)
    return _join([_header(width, height, bits, _INDEXED), _mark(), ("PLTE", colors.tobytes()), ("IDAT", body)])


Deflate = Callable[[NDArray[np.uint8], int], bytes]
Chunk = tuple[str, bytes]


def _encode(quantized: Quantized, deflate: Deflate) -> bytes:
    picture, palette = quantized.picture, quantized.palette
    width, height = picture.size
    n_channels = palette.colors.shape[1]
    if len(palette) > MAX_INDEXED:
        head = [_header(width, height, 8, _RGB if n_channels == 3 else _RGBA), _mark()]

        def body(labels: NDArray[Any]) -> bytes:
            return deflate(pack_pixels(labels, palette.colors), n_channels)
    else:
        bits = label_bits(len(palette))
        head = [_header(width, height, bits, _INDEXED), _mark()]

        def body(labels: NDArray[Any]) -> bytes:
            return deflate(pack_labels(labels, bits), 1)

    head += _describe(picture.metadata)
    if len(palette) <= MAX_INDEXED:
        head.append(("PLTE", palette.colors[:, :3].tobytes()))
        if n_channels == 4:
            head.append(("tRNS", palette.colors[:, 3].tobytes().rstrip(b"\xff")))
    head = [(name, data) for name, data in head if name != "tRNS" or data]
    if picture.animation is None:
        return _join([*head, ("IDAT", body(quantized.labels))])
    return _join([*head, *_animate(quantized.labels, picture.animation, body)])


def _animate(labels: NDArray[Any], animation: Animation, body: Callable[[NDArray[Any]], bytes]) -> Iterator[Chunk]:
    yield "acTL", struct.pack(">II", len(labels), animation.plays)
    number = 0
    for region, delay in zip(changed_regions(labels), counted(_delays(animation)), strict=True):
        yield "fcTL", _frame_header(number, region, delay)
        number += 1
        data = body(region.labels)
        if number == 1:
            yield "IDAT", data
        else:
            yield "fdAT", struct.pack(">I", number) + data
            number += 1


def _delays(animation: Animation) -> list[tuple[int, int]]:
    """Fractions of a second: milliseconds, or centiseconds and seconds where these do not fit into 16 bits."""
    whole = round_durations(animation.durations, 1)
    units = [next((unit for unit in (1, 10, 1000) if delay <= unit * _MAX_DELAY), 1000) for delay in whole]
    return [(min(round(delay / unit), _MAX_DELAY), 1000 // unit) for delay, unit in zip(whole, units, strict=True)]


def _frame_header(number: int, region: FrameBox, delay: tuple[int, int]) -> bytes:
    height, width = region.labels.shape
    # Dispose: none; blend: source. A region replaces what was there, transparent pixels too.
    return struct.pack(">IIIIIHHBB", number, width, height, region.x, region.y, *delay, 0, 0)


def _header(width: int, height: int, bits: int, color_type: int) -> Chunk:
    return "IHDR", struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)


def _mark() -> Chunk:
    return "tEXt", b"Software\0" + MARK.encode()


def _describe(metadata: Metadata | None) -> list[Chunk]:
    if metadata is None:
        return []
    chunks: list[Chunk] = []
    if metadata.icc:
        chunks.append(("iCCP", b"ICC Profile\0\0" + zlib.compress(metadata.icc, 9)))
    if metadata.dpi:
        x, y = (max(1, round(value / 0.0254)) for value in metadata.dpi)
        chunks.append(("pHYs", struct.pack(">IIB", x, y, 1)))
    if metadata.exif:
        chunks.append(("eXIf", metadata.exif))
    for key, text in metadata.texts.items():
        # iTXt, uncompressed, of no named language: the one chunk that holds any text.
        chunks.append(("iTXt", key.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8", "replace")))
    return chunks


def _join(chunks: list[Chunk]) -> bytes:
    parts = [_SIGNATURE]
    for name, data in (*chunks, ("IEND", b"")):
        tagged = name.encode() + data
        parts += [struct.pack(">I", len(data)), tagged, struct.pack(">I", zlib.crc32(tagged))]
    return b"".join(parts)
