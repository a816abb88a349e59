"""Palette files that are bytes: ACT, ASE and RIFF PAL.

Readers take the bytes and give entries; what they cannot read is an `InputError` that says where. Writers take entries
and give bytes.

- ACT: Adobe Photoshop File Formats Specification, "Color Table",
  https://www.adobe.com/devnet-apps/photoshop/fileformatashtml/
- RIFF PAL: Microsoft's, Multimedia Programming Interface and Data Specifications 1.0, 1991, "Palette File Format".
- ASE: Adobe Swatch Exchange; reverse-engineered, http://carl.camera/default.aspx?id=109, whose terminators and groups
  are corrected in https://devblog.cyotek.com/post/reading-adobe-swatch-exchange-ase-files-using-csharp
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence

from quantize.errors import InputError
from quantize.files.palettes.entries import Color, Entry, ExportEntry, ModelColor
from quantize.version import MARK

_ACT_TABLE = 3 * 256
_ACT_TRAILER = struct.Struct(">HH")  # how many of the 256 count, and which one is transparent
_ACT_NONE = 0xFFFF

_RIFF_HEAD = 12  # RIFF, bytes that follow, PAL
_RIFF_CHUNK = struct.Struct("<4sI")  # name, bytes that follow, to an even number
_RIFF_START = struct.Struct("<HH")  # of the chunk "data": version, number of colors

_ASE_HEADER = struct.Struct(">4sHHI")  # signature, version 1.0, number of blocks
_ASE_SIGNATURE = b"ASEF"
_ASE_BLOCK = struct.Struct(">HI")  # type, bytes that follow
_ASE_GROUP, _ASE_GROUP_END, _ASE_COLOR = 0xC001, 0xC002, 0x0001
_ASE_NORMAL = 2  # neither global nor spot
_ASE_VALUES = {b"RGB ": 3, b"Gray": 1, b"CMYK": 4, b"LAB ": 3}


def is_act(data: bytes) -> bool:
    """Tell by the size alone, which is all there is to tell by: of what is neither a picture nor text."""
    return len(data) in (_ACT_TABLE, _ACT_TABLE + _ACT_TRAILER.size) and not (data.isascii() and b"\0" not in data)


def read_act(data: bytes) -> Iterator[Entry]:
    """Read a color table: all of it counts, or what the four bytes after 768 say. Some programs write a shorter one."""
    if len(data) > _ACT_TABLE + _ACT_TRAILER.size or (len(data) < _ACT_TABLE and len(data) % 3):
        raise InputError(f"has {len(data):,} bytes, but a color table has 768 or 772, or three for each color")
    count, transparent = _ACT_TRAILER.unpack(data[-4:]) if len(data) > _ACT_TABLE else (256, _ACT_NONE)
    if count > 256:
        raise InputError(f"byte 768: announces {count} colors, but a color table holds 256")
    table = data[: 3 * (count or 256)][:_ACT_TABLE]
    rows = zip(table[0::3], table[1::3], table[2::3], strict=True)
    return (Entry((*color, 0 if index == transparent else 255)) for index, color in enumerate(rows))


def write_act(entries: Sequence[ExportEntry], title: str) -> bytes:
    alphas = [entry.color[3] for entry in entries]
    table = b"".join(bytes(entry.color[:3]) for entry in entries).ljust(_ACT_TABLE, b"\0")
    return table + _ACT_TRAILER.pack(len(entries), alphas.index(0) if 0 in alphas else _ACT_NONE)


def is_riff(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"PAL "


def read_riff(data: bytes) -> Iterator[Entry]:
    """Read the colors of a Microsoft palette, each with a byte of flags that say nothing of how it looks."""
    place = _RIFF_HEAD
    while place + _RIFF_CHUNK.size <= len(data):
        name, size = _RIFF_CHUNK.unpack_from(data, place)
        place += _RIFF_CHUNK.size
        if name == b"data" and place + _RIFF_START.size <= len(data):
            count = _RIFF_START.unpack_from(data, place)[1]
            start = place + _RIFF_START.size
            table = data[start : start + 4 * count]
            if len(table) < 4 * count:
                raise InputError(f"byte {place + 2}: announces {count} colors, but {len(table) // 4} follow")
            return (Entry((*table[row : row + 3], 255)) for row in range(0, len(table), 4))
        place += size + size % 2
    raise InputError("is cut short: it has no colors")


def is_ase(data: bytes) -> bool:
    return data.startswith(_ASE_SIGNATURE)


def read_ase(data: bytes) -> Iterator[Entry]:
    """Read the swatches of an Adobe Swatch Exchange file, of all its groups."""
    return (_read_swatch(body, number) for number, kind, body in _ase_blocks(data) if kind == _ASE_COLOR)


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
    if not all(map(math.isfinite, values)):
        raise InputError(f"block {number}: has no finite color")
    return Entry(_from_model(model, values), name)


def _from_model(model: bytes, values: Sequence[float]) -> Color:
    if model == b"LAB ":
        # Lightness comes as a fraction, a and b as they are.
        return ModelColor("lab", (100 * values[0], *values[1:]))
    levels = [min(max(value, 0.0), 1.0) for value in values]
    if model == b"CMYK":
        return ModelColor("cmyk", tuple(levels))
    red, green, blue = (round(255 * level) for level in (3 * levels)[:3])
    return red, green, blue, 255


def write_ase(entries: Sequence[ExportEntry], title: str) -> bytes:
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
