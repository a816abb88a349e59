"""A quantized picture as lossless WebP: each frame by Pillow's libwebp, which finds palettes itself.

WebP container specification, RFC 9649. The frames of an animation are chosen and joined here, because libwebp's own
choice takes many trials of each, and joins frames that are equal until a picture is left.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from quantize.files.marks import EXIF_SOFTWARE
from quantize.files.seals import UNSEALED, seal
from quantize.files.writing.frame_boxes import FrameBox, can_lie_over, cut_box, merge_equal, round_durations, whole_box
from quantize.parallel.progress import counted
from quantize.records.palette import Palette
from quantize.records.picture import Animation, Metadata
from quantize.records.quantized import Quantized

_DEFAULT = {"quality": 50, "method": 4}
"""libwebp's effort, 0 to 100 and 0 to 6: its default method."""

_SMALLEST = {"quality": 90, "method": 4}
"""1% smaller in a tenth to three quarters more time. The highest, 100 and 6, are 1% smaller again, in ninety times the
time at 400,000 pixels."""

_LARGE = 1 << 22
"""Pixels from which method 4 takes very much longer: 25 s for 10 million."""

_DEFAULT_OF_LARGE = {"quality": 50, "method": 1}
"""1.9 s for 10 million pixels, and not 1% larger than method 4 at a third of them."""

_STRIP = 1 << 18
"""Pixels that are painted at a time."""

_HAS_ICC, _HAS_ALPHA, _HAS_EXIF, _HAS_XMP, _IS_ANIMATED = 0x20, 0x10, 0x08, 0x04, 0x02
_IN_PLACE = 0x02
"""Flag of a frame that is not blended with what is shown."""

_MAX_PLAYS = 0xFFFF
_MAX_DELAY = 0xFFFFFF


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
    picture = quantized.picture
    effort = _choose_effort(picture.size, optimize=quantized.settings.optimize)
    described = _describe(picture.metadata)
    if picture.animation is None:
        data = _compress(_paint(quantized), effort, **described)
    else:
        frames = list(_animate(quantized, picture.animation, effort))
        data = _join_frames(picture.size, picture.animation.plays, frames, described)
    return seal(data), f"libwebp lossless, method {effort['method']}"


def _choose_effort(size: tuple[int, int], *, optimize: bool) -> dict[str, int]:
    if size[0] * size[1] > _LARGE:
        return _DEFAULT_OF_LARGE
    return _SMALLEST if optimize else _DEFAULT


def _paint(quantized: Quantized) -> Image.Image:
    """Give each pixel its color, in strips: all of them beside the image would stay until it is compressed."""
    labels, colors = quantized.labels, quantized.palette.colors
    image = Image.new("RGB" if colors.shape[1] == 3 else "RGBA", quantized.picture.size)
    step = max(1, _STRIP // labels.shape[1])
    for top in range(0, len(labels), step):
        image.paste(Image.fromarray(colors[labels[top : top + step]]), (0, top))
    return image


def _compress(image: Image.Image, effort: dict[str, int], **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "WEBP", lossless=True, exact=True, **effort, **options)
    return stream.getvalue()


def _animate(quantized: Quantized, animation: Animation, effort: dict[str, int]) -> Iterator[bytes]:
    labels, palette = quantized.labels, quantized.palette
    kept, durations = merge_equal(list(labels), animation.durations)
    frames = [labels[index] for index in kept]
    delays = round_durations(durations, 1)
    # A frame's place is given in steps of two pixels.
    changes = (cut_box(after, before != after, step=2) for before, after in pairwise(frames))
    for box, delay in zip((whole_box(frames[0]), *changes), counted(delays), strict=True):
        yield _write_frame(box, min(delay, _MAX_DELAY), palette, effort)


def _write_frame(box: FrameBox, delay: int, palette: Palette, effort: dict[str, int]) -> bytes:
    pixels = palette.colors[box.labels]
    body, flags = _compress(Image.fromarray(pixels), effort)[12:], _IN_PLACE
    if can_lie_over(box, palette):
        channels = np.zeros((*box.labels.shape, 4), np.uint8)
        channels[box.changed] = 255
        channels[box.changed, : pixels.shape[-1]] = pixels[box.changed]
        over = _compress(Image.fromarray(channels), effort)[12:]
        if len(over) < len(body):
            body, flags = over, 0
    height, width = box.labels.shape
    place = b"".join(value.to_bytes(3, "little") for value in (box.x // 2, box.y // 2, width - 1, height - 1, delay))
    return place + bytes([flags]) + body


def _join_frames(size: tuple[int, int], plays: int, frames: list[bytes], described: dict[str, bytes]) -> bytes:
    flags = _IS_ANIMATED | _HAS_ALPHA | _HAS_EXIF
    flags |= _HAS_ICC * ("icc_profile" in described) | _HAS_XMP * ("xmp" in described)
    canvas = b"".join((side - 1).to_bytes(3, "little") for side in size)
    chunks = [_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + canvas)]
    if "icc_profile" in described:
        chunks.append(_chunk(b"ICCP", described["icc_profile"]))
    chunks.append(_chunk(b"ANIM", struct.pack("<IH", 0, min(plays, _MAX_PLAYS))))
    chunks += [_chunk(b"ANMF", frame) for frame in frames]
    chunks.append(_chunk(b"EXIF", described["exif"]))
    if "xmp" in described:
        chunks.append(_chunk(b"XMP ", described["xmp"]))
    return _chunk(b"RIFF", b"WEBP" + b"".join(chunks))


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _describe(metadata: Metadata | None) -> dict[str, bytes]:
    exif = Image.Exif()
    if metadata and metadata.exif:
        exif.load(b"Exif\0\0" + metadata.exif)
    exif[EXIF_SOFTWARE] = UNSEALED
    described = {"exif": exif.tobytes()}
    if metadata and metadata.icc:
        described["icc_profile"] = metadata.icc
    if metadata and (xmp := metadata.texts.get("XML:com.adobe.xmp")):
        described["xmp"] = xmp.encode("utf-8", "replace")
    return described
