"""A quantized picture as an indexed PNG, true color above 256 colors, APNG for an animation.

PNG 1.2, and the APNG specification 1.0 of Mozilla. Written here and not by Pillow because that filters what is better
left alone, and writes animations frame by frame through RGBA.
"""

from __future__ import annotations

from collections.abc import Sequence

from quantize.errors import OutputError
from quantize.files.writing.deflate import Deflate, compress, compress_best, compress_strips
from quantize.files.writing.png_container import Chunk, join_chunks, write_header, write_metadata
from quantize.files.writing.png_forms import PngForm, list_forms, plain_form
from quantize.files.writing.png_rows import Bytes, filter_by_entropy, filter_repeated
from quantize.parallel.progress import counted
from quantize.records.drawing import Drawing
from quantize.records.palette import Palette
from quantize.records.picture import Metadata
from quantize.records.quantized import Quantized

LEVEL = 6
"""zlib's own default: within 1.1% of level 9 over photographs of 16, 64 and 256 colors, at 0.3 of its time on one
thread and 0.16 on two. 5 is 2.8% larger, 4 is 5%."""

_STRIP = 1 << 24
"""Bytes of rows that are packed and compressed at a time."""

_LONGEST = 1 << 30
"""Bytes of a chunk; PNG allows 2^31 - 1."""

DRAWING_LEVEL = 5
"""Of a drawing whose repeated rows are filtered, too: a swatch comes out within 2% of the size that level 8 made of 16
colors and 6 of 256 without that filter, in a third and in a half of their time."""


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

    Raises
    ------
    OutputError
        The settings ask for fewer bits than the palette needs.
    """
    settings, palette = quantized.settings, quantized.palette
    if settings.bits is not None and len(palette) > 1 << settings.bits:
        raise OutputError(
            f"{quantized.picture.source.name}: --bits {settings.bits} is {1 << settings.bits} colors, and the palette "
            f"has {len(palette)}; give it more bits, or a smaller -k"
        )
    if not settings.optimize:
        return _encode_plainly(quantized), f"zlib level {LEVEL}"

    def deflate(rows: Bytes, step: int) -> bytes:
        return compress_best((rows, filter_by_entropy(rows, step)), settings.n_threads)

    data = min((_encode(quantized, deflate, form) for form in list_forms(quantized)), key=len)
    from quantize.files.writing.recompression import recompress

    return recompress(data, "zlib level 9, filters by entropy", keep_bits=settings.bits is not None)


def encode_drawing(drawing: Drawing) -> bytes:
    """Encode a drawing: indexed, or true color above 256 colors."""
    form = plain_form(Palette(drawing.colors))
    body = compress(filter_repeated(form.pack(drawing.labels)), DRAWING_LEVEL)
    height, width = drawing.labels.shape
    return _join((width, height), None, form, [("IDAT", body)])


def _encode_plainly(quantized: Quantized) -> bytes:
    picture, n_threads = quantized.picture, quantized.settings.n_threads
    if picture.animation is not None:
        return _encode(quantized, lambda rows, _: compress(rows, LEVEL, n_threads))
    form, labels = plain_form(quantized.palette), quantized.labels
    row_bytes = form.pack(labels[:1]).size
    step = max(1, _STRIP // row_bytes)
    strips = (form.pack(labels[top : top + step]) for top in counted(range(0, len(labels), step), 1))
    data = memoryview(compress_strips(strips, len(labels) * row_bytes, LEVEL, n_threads))
    chunks = [("IDAT", data[start : start + _LONGEST]) for start in range(0, len(data), _LONGEST)]
    return _join(picture.size, picture.metadata, form, chunks)


def _encode(quantized: Quantized, deflate: Deflate, form: PngForm | None = None) -> bytes:
    picture = quantized.picture
    body: Sequence[Chunk]
    if picture.animation is None:
        form = form or plain_form(quantized.palette)
        body = [("IDAT", deflate(form.pack(quantized.labels), form.step))]
    else:
        from quantize.files.writing.apng_frames import encode_frames

        form, body = encode_frames(quantized, picture.animation, deflate)
    return _join(picture.size, picture.metadata, form, body)


def _join(size: tuple[int, int], metadata: Metadata | None, form: PngForm, body: Sequence[Chunk]) -> bytes:
    header = write_header(*size, form.bits, form.color_type)
    return join_chunks([header, *write_metadata(metadata), *form.palette, *body])
