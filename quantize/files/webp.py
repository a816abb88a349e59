"""A quantized picture as lossless WebP, by Pillow's libwebp, which finds palettes itself."""

from __future__ import annotations

import io

from PIL import Image

from quantize.errors import OutputError
from quantize.files.marks import EXIF_SOFTWARE, MARK
from quantize.files.regions import round_durations
from quantize.records import Metadata, Quantized

_MAX_SIDE = 16_383
"""Fourteen bits, as the WebP container specification has it."""

_DEFAULT = {"quality": 50, "method": 4}
"""libwebp's effort, 0 to 100 and 0 to 6: its default method."""

_SMALLEST = {"quality": 100, "method": 6}


def encode_webp(quantized: Quantized) -> tuple[bytes, str]:
    """Encode a quantized picture as lossless WebP.

    Parameters
    ----------
    quantized : Quantized
        Its settings' `optimize` is used.

    Returns
    -------
    data : bytes
    encoder : str
        What compressed it, for the report.

    Raises
    ------
    OutputError
        More than 16,383 pixels a side.
    """
    picture, colors = quantized.picture, quantized.palette.colors
    width, height = picture.size
    if max(width, height) > _MAX_SIDE:
        raise OutputError(
            f"{picture.source.name}: WebP holds at most 16,383 pixels a side, not {width}x{height}; use --format png"
        )
    effort = _SMALLEST if quantized.settings.optimize else _DEFAULT
    stream = io.BytesIO()
    options = {"lossless": True, "exact": True, **effort, **_describe(picture.metadata)}
    if picture.animation is None:
        Image.fromarray(colors[quantized.labels]).save(stream, "WEBP", **options)
    else:
        first, *others = range(len(quantized.labels))
        Image.fromarray(colors[quantized.labels[first]]).save(
            stream,
            "WEBP",
            save_all=True,
            append_images=(Image.fromarray(colors[quantized.labels[index]]) for index in others),
            duration=round_durations(picture.animation.durations, 1),
            loop=picture.animation.plays,
            **options,
        )
    return stream.getvalue(), f"libwebp lossless, method {effort['method']}"


def _describe(metadata: Metadata | None) -> dict[str, bytes]:
    exif = Image.Exif()
    if metadata and metadata.exif:
        exif.load(b"Exif\0\0" + metadata.exif)
    exif[EXIF_SOFTWARE] = MARK
    described = {"exif": exif.tobytes()}
    if metadata and metadata.icc:
        described["icc_profile"] = metadata.icc
    if metadata and (xmp := metadata.texts.get("XML:com.adobe.xmp")):
        described["xmp"] = xmp.encode("utf-8", "replace")
    return described
