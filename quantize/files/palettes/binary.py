"""Palette files that are bytes: ACT, ASE, and pictures with few colors.

Readers take the bytes and give entries; what they cannot read is an `InputError` that says where. Writers take entries
and give bytes.

- ACT: Adobe Photoshop File Formats Specification, "Color Table",
  https://www.adobe.com/devnet-apps/photoshop/fileformatashtml/
- ASE: Adobe Swatch Exchange; reverse-engineered, http://carl.camera/default.aspx?id=109, whose terminators and groups
  are corrected in https://devblog.cyotek.com/post/reading-adobe-swatch-exchange-ase-files-using-csharp
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from quantize.errors import InputError
from quantize.files.palettes.entries import RGBA, Entry
from quantize.files.reading.loading import load_picture
from quantize.records.palette import MAX_COLORS, MAX_INDEXED
from quantize.version import MARK

_ACT_TABLE = 3 * 256
_ACT_TRAILER = struct.Struct(">HH")  # how many of the 256 count, and which one is transparent
_ACT_NONE = 0xFFFF

_ASE_HEADER = struct.Struct(">4sHHI")  # signature, version 1.0, number of blocks
_ASE_SIGNATURE = b"ASEF"
_ASE_BLOCK = struct.Struct(">HI")  # type, bytes that follow
_ASE_GROUP, _ASE_GROUP_END, _ASE_COLOR = 0xC001, 0xC002, 0x0001
_ASE_NORMAL = 2  # neither global nor spot
_ASE_VALUES = {b"RGB ": 3, b"Gray": 1, b"CMYK": 4, b"LAB ": 3}

_NAMED_BY_THEIR_FIRST_BYTES = ("PNG", "GIF", "JPEG", "BMP", "WEBP", "TIFF")


def is_act(data: bytes) -> bool:
    """Tell by the size alone, which is all there is to tell by: of what is neither a picture nor text."""
    if len(data) not in (_ACT_TABLE, _ACT_TABLE + _ACT_TRAILER.size) or (data.isascii() and b"\0" not in data):
        return False
    try:
        Image.open(io.BytesIO(data), formats=_NAMED_BY_THEIR_FIRST_BYTES)
    except Exception:
        return True
    return False


def read_act(data: bytes) -> list[Entry]:
    """Read a color table of 768 bytes, all of which count, or 772, whose last four say how many do."""
    if len(data) not in (_ACT_TABLE, _ACT_TABLE + _ACT_TRAILER.size):
        raise InputError(f"has {len(data)} bytes, but a color table has 768 or 772")
    count, transparent = _ACT_TRAILER.unpack(data[_ACT_TABLE:]) if len(data) > _ACT_TABLE else (256, _ACT_NONE)
    if count > 256:
        raise InputError(f"byte 768: announces {count} colors, but a color table holds 256")
    rows = zip(data[0:_ACT_TABLE:3], data[1:_ACT_TABLE:3], data[2:_ACT_TABLE:3], strict=True)
    entries = [Entry((*color, 0 if index == transparent else 255)) for index, color in enumerate(rows)]
    return entries[: count or 256]


def write_act(entries: Sequence[Entry]) -> bytes:
    alphas = [entry.color[3] for entry in entries]
    table = b"".join(bytes(entry.color[:3]) for entry in entries).ljust(_ACT_TABLE, b"\0")
    return table + _ACT_TRAILER.pack(len(entries), alphas.index(0) if 0 in alphas else _ACT_NONE)


def is_ase(data: bytes) -> bool:
    return data.startswith(_ASE_SIGNATURE)


def read_ase(data: bytes) -> list[Entry]:
    """Read the swatches of an Adobe Swatch Exchange file, of all its groups."""
    return [_read_swatch(body, number) for number, kind, body in _ase_blocks(data) if kind == _ASE_COLOR]


def _ase_blocks(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    if not is_ase(data) or len(data) < _ASE_HEADER.size:
        raise InputError(f"should start with {_ASE_SIGNATURE.decode()!r} and the number of its blocks")
    n_blocks = _ASE_HEADER.unpack_from(data)[3]
    position = _ASE_HEADER.size
    for number in range(1, n_blocks + 1):
        header = data[position : position + _ASE_BLOCK.size]
        kind, size = _ASE_BLOCK.unpack(header) if len(header) == _ASE_BLOCK.size else (0, len(data))
        position += _ASE_BLOCK.size + size
        if position > len(data):
            raise InputError(f"block {number} of {n_blocks}: is cut short")
        yield number, kind, data[position - size : position]


def _read_swatch(body: bytes, number: int) -> Entry:
    try:
        end = 2 + 2 * struct.unpack_from(">H", body)[0]
        name = body[2:end].decode("utf-16-be").rstrip("\0")
        model = body[end : end + 4]
        if model not in _ASE_VALUES:
            raise InputError(f"block {number}: has the color model {model!r}, which is none of RGB, Gray, CMYK and LAB")
        values = struct.unpack_from(f">{_ASE_VALUES[model]}f", body, end + 4)
    except (struct.error, UnicodeDecodeError):
        raise InputError(f"block {number}: is no swatch") from None
    if not np.isfinite(values).all():
        raise InputError(f"block {number}: has no finite color")
    return Entry(_from_model(model, values), name)


def _from_model(model: bytes, values: Sequence[float]) -> RGBA:
    """Convert the numbers of a swatch to 8-bit sRGB; CMYK and LAB as Pillow does, without profiles of a printer."""
    if model == b"LAB ":
        # Lightness comes as a fraction, a and b as they are; Pillow's bytes hold a and b plus 128.
        lightness, a, b = np.rint(np.clip([255 * values[0], values[1] + 128, values[2] + 128], 0, 255)).astype(int)
        pixel = Image.new("LAB", (1, 1), (int(lightness), int(a), int(b)))
        way = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
        pixel = way.apply(pixel)
    else:
        levels = tuple(round(255 * min(max(value, 0), 1)) for value in values)
        pixel = Image.new({1: "L", 3: "RGB", 4: "CMYK"}[len(levels)], (1, 1), levels).convert("RGB")
    red, green, blue = pixel.tobytes()
    return red, green, blue, 255


def write_ase(entries: Sequence[Entry]) -> bytes:
    blocks = [_ase_block(_ASE_GROUP, _ase_string(MARK))]
    for entry in entries:
        values = struct.pack(">3f", *(value / 255 for value in entry.color[:3]))
        body = _ase_string(entry.label) + b"RGB " + values + struct.pack(">H", _ASE_NORMAL)
        blocks.append(_ase_block(_ASE_COLOR, body))
    blocks.append(_ase_block(_ASE_GROUP_END, b""))
    return _ASE_HEADER.pack(_ASE_SIGNATURE, 1, 0, len(blocks)) + b"".join(blocks)


def _ase_block(kind: int, body: bytes) -> bytes:
    return _ASE_BLOCK.pack(kind, len(body)) + body


def _ase_string(text: str) -> bytes:
    data = f"{text}\0".encode("utf-16-be")
    return struct.pack(">H", len(data) // 2) + data


def read_picture_colors(data: bytes) -> list[Entry]:
    """Read the palette of an indexed picture, used or not; else the pixels of a picture of one row, else its colors.

    Colors stand in the order in which a reader of the picture meets them first.
    """
    with Image.open(io.BytesIO(data)) as image:
        if image.mode == "P":
            return _read_indexed(image)
        picture = load_picture(image)
    keys = picture.keys.reshape(-1)
    if len(picture.keys) > 1 or len(keys) > MAX_COLORS:
        unique, first = np.unique(keys, return_index=True)
        if len(unique) > MAX_COLORS:
            raise InputError(f"has {len(unique):,} colors, but a palette holds {MAX_COLORS:,}; quantize it first")
        keys = unique[np.argsort(first)]
    channels = keys.view("u1").reshape(-1, 4).tolist()
    return [Entry((r, g, b, a if picture.has_alpha else 255)) for r, g, b, a in channels]


def _read_indexed(image: Image.Image) -> list[Entry]:
    image.load()
    transparency = image.info.get("transparency", b"")
    if isinstance(transparency, int):
        transparency = b"\xff" * transparency + b"\0"
    levels = image.getpalette("RGB") or []
    colors = zip(levels[::3], levels[1::3], levels[2::3], transparency.ljust(len(levels) // 3, b"\xff"), strict=False)
    return [Entry((r, g, b, a)) for r, g, b, a in colors]


def write_png(entries: Sequence[Entry]) -> bytes:
    """Write a picture of one row, one pixel for each color; indexed where it can be."""
    rgba = np.array([entry.color for entry in entries], np.uint8)
    is_opaque = bool((rgba[:, 3] == 255).all())
    if len(entries) > MAX_INDEXED:
        return _encode(Image.fromarray(rgba[np.newaxis, :, : 3 if is_opaque else 4].copy()))
    image = Image.frombytes("P", (len(entries), 1), bytes(range(len(entries))))
    image.putpalette(rgba[:, :3].tobytes())
    return _encode(image, **({} if is_opaque else {"transparency": rgba[:, 3].tobytes()}))


def _encode(image: Image.Image, **options: Any) -> bytes:
    marks = PngInfo()
    marks.add_text("Software", MARK)
    stream = io.BytesIO()
    image.save(stream, "PNG", pnginfo=marks, **options)
    return stream.getvalue()
