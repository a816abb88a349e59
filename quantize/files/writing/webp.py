"""A quantized picture as lossless WebP, by Pillow's libwebp, which finds palettes itself."""

from __future__ import annotations

import io

from PIL import Image

from quantize.files.marks import EXIF_SOFTWARE
from quantize.files.writing.frame_boxes import round_durations
from quantize.parallel.progress import counted
from quantize.records.picture import Metadata
from quantize.records.quantized import Quantized
from quantize.version import MARK

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
    """
    picture, colors = quantized.picture, quantized.palette.colors
    effort = _SMALLEST if quantized.settings.optimize else _DEFAULT
    stream = io.BytesIO()
    options = {"lossless": True, "exact": True, **effort, **_describe(picture.metadata)}
    if picture.animation is None:
        Image.fromarray(colors[quantized.labels]).save(stream, "WEBP", **options)
    else:
        frames = (Image.fromarray(colors[labels]) for labels in counted(quantized.labels))
        next(frames).save(
            stream,
            "WEBP",
            save_all=True,
            append_images=frames,
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
