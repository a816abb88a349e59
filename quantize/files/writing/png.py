"""A quantized picture as an indexed PNG, true color above 256 colors, APNG for an animation.

PNG 1.2, and the APNG specification 1.0 of Mozilla. Written here and not by Pillow because that filters what is better
left alone, and writes animations frame by frame through RGBA.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from quantize.errors import OutputError
from quantize.files.writing.deflate import Deflate, compress, compress_best, compress_strips
from quantize.files.writing.png_container import Chunk, join_chunks, write_header, write_metadata
from quantize.files.writing.png_forms import PngForm, list_forms, plain_form
from quantize.files.writing.png_rows import Bytes, filter_by_entropy, filter_repeated
from quantize.parallel.progress import counted
from quantize.records.drawing import Drawing
from quantize.records.palette import Palette
from quantize.records.picture import Animation, Metadata
from quantize.records.quantized import Quantized

LEVEL = 6
"""zlib's own default: within 1.1% of level 9 over photographs of 16, 64 and 256 colors, at 0.3 of its time on one
thread and 0.16 on two. 5 is 2.8% larger, 4 is 5%."""

_STRIP = 1 << 24
"""Bytes of rows that are packed and compressed at a time."""

_LONGEST = 1 << 30
"""Bytes of a chunk; PNG allows 2^31 - 1."""

_LONGEST_SQUEEZED, _FLAT, _SHORT = 788_000, 64, 1 << 18
"""Bytes of rows that are squeezed, under two microseconds each: two forms of a photograph of 768x512. How many there
may be for each byte of the file, since what is flat gains little and takes as long, and up to how many that does not
matter. So `optimize` takes at most eight times the default's time."""

_MOST_GAINED = 0.92
"""What squeezing leaves of a form at best: a second one is squeezed where it may become the smallest. Photographs of 16
to 256 colors come down to 0.91 to 0.99 of zlib's size."""

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
    settings, palette, animation = quantized.settings, quantized.palette, quantized.picture.animation
    if settings.bits is not None and len(palette) > 1 << settings.bits:
        raise OutputError(
            f"{quantized.picture.source.name}: --bits {settings.bits} is {1 << settings.bits} colors, and the palette "
            f"has {len(palette)}; give it more bits, or a smaller -k"
        )
    if not settings.optimize:
        return _encode_plainly(quantized), f"zlib level {LEVEL}"
    from quantize.files.writing.recompression import recompress

    data = _encode_smallest(quantized) if animation is None else _encode_small_frames(quantized, animation)
    return recompress(data, "zlib's format, cheapest matches", keep_bits=settings.bits is not None)


def encode_drawing(drawing: Drawing) -> bytes:
    """Encode a drawing: indexed, or true color above 256 colors."""
    form = plain_form(Palette(drawing.colors))
    body = compress(filter_repeated(form.pack(drawing.labels)), DRAWING_LEVEL)
    height, width = drawing.labels.shape
    return _join((width, height), None, form, [("IDAT", body)])


def _encode_plainly(quantized: Quantized) -> bytes:
    picture, n_threads = quantized.picture, quantized.settings.n_threads
    if picture.animation is not None:
        return _encode_frames(quantized, picture.animation, lambda rows, _: compress(rows, LEVEL, n_threads))
    form, labels = plain_form(quantized.palette), quantized.labels
    row_bytes = form.pack(labels[:1]).size
    step = max(1, _STRIP // row_bytes)
    strips = (form.pack(labels[top : top + step]) for top in counted(range(0, len(labels), step), 1))
    data = compress_strips(strips, len(labels) * row_bytes, LEVEL, n_threads)
    return _join(picture.size, picture.metadata, form, _cut(data))


def _encode_smallest(quantized: Quantized) -> bytes:
    """Try every form of the rows, and squeeze those that zlib makes smallest."""
    from quantize.files.writing.squeeze import squeeze

    picture, n_threads = quantized.picture, quantized.settings.n_threads

    def pack(form: PngForm, is_filtered: bool) -> Bytes:
        rows = form.pack(quantized.labels)
        return filter_by_entropy(rows, form.step) if is_filtered else rows

    def join(form: PngForm, data: bytes) -> bytes:
        return _join(picture.size, picture.metadata, form, _cut(data))

    ways = list(product(list_forms(quantized), (False, True)))
    files = [join(way[0], compress_best(pack(*way), n_threads, is_filtered=way[1])) for way in ways]
    ranked = sorted(zip(map(len, files), ways, strict=True), key=lambda pair: pair[0])
    smallest, n_left = ranked[0][0], _LONGEST_SQUEEZED
    for size, way in ranked[:2]:
        rows = pack(*way)
        n_left -= rows.size
        if _MOST_GAINED * size > smallest or rows.size > max(_SHORT, _FLAT * size) or n_left < 0:
            break
        files.append(join(way[0], squeeze(rows, n_threads)))
        smallest = min(smallest, len(files[-1]))
    return min(files, key=len)


def _encode_small_frames(quantized: Quantized, animation: Animation) -> bytes:
    n_threads = quantized.settings.n_threads

    def deflate(rows: Bytes, step: int) -> bytes:
        plain = compress_best(rows, n_threads, is_filtered=False)
        return min(plain, compress_best(filter_by_entropy(rows, step), n_threads, is_filtered=True), key=len)

    return _encode_frames(quantized, animation, deflate)


def _encode_frames(quantized: Quantized, animation: Animation, deflate: Deflate) -> bytes:
    from quantize.files.writing.apng_frames import encode_frames

    form, chunks = encode_frames(quantized, animation, deflate)
    return _join(quantized.picture.size, quantized.picture.metadata, form, chunks)


def _cut(data: bytes) -> list[Chunk]:
    return [("IDAT", memoryview(data)[start : start + _LONGEST]) for start in range(0, len(data), _LONGEST)]


def _join(size: tuple[int, int], metadata: Metadata | None, form: PngForm, body: Sequence[Chunk]) -> bytes:
    header = write_header(*size, form.bits, form.color_type)
    return join_chunks([header, *write_metadata(metadata), *form.palette, *body])
