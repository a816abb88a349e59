"""The deepest of the largest pictures of an icon, whatever its directory says, and a cursor's mask."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from quantize import load_picture

RED, CLEAR = (255, 0, 0, 255), (0, 0, 0, 0)


def bitmap(size: int, bits: int, color: tuple[int, int, int, int], hole: bool = False) -> bytes:
    """A bitmap of one color and its mask, in which the lower left pixel is a hole."""
    header = struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, bits, 0, 0, 0, 0, 0, 0)
    blue_first = (*color[2::-1], color[3])
    if bits == 32:
        rows = bytes(blue_first) * size * size
    elif bits == 24:
        rows = (bytes(blue_first[:3]) * size).ljust(-(-3 * size // 4) * 4, b"\0") * size
    else:
        header += (bytes(blue_first[:3]) + b"\0") * (1 << bits)
        rows = bytes(-(-size * bits // 32) * 4) * size
    mask = bytearray(-(-size // 32) * 4 * size)
    mask[0] = 0x80 if hole else 0
    return header + rows + bytes(mask)


def icon(*entries: tuple[int, int, bytes], kind: int = 1) -> io.BytesIO:
    """Entries are the side and the depth that the directory tells, and the picture."""
    directory, data = b"", b""
    start = 6 + 16 * len(entries)
    for side, bits, picture in entries:
        directory += struct.pack("<4B2H2I", side % 256, side % 256, 0, 0, 1, bits, len(picture), start + len(data))
        data += picture
    return io.BytesIO(struct.pack("<3H", 0, kind, len(entries)) + directory + data)


def png(size: int, color: tuple[int, ...]) -> bytes:
    stream = io.BytesIO()
    Image.new("RGBA" if len(color) == 4 else "RGB", (size, size), color).save(stream, "PNG")
    return stream.getvalue()


def pixel(stream: io.BytesIO, y: int = 0, x: int = 0) -> tuple[tuple[int, int], list[int]]:
    picture = load_picture(stream)
    return picture.size, [*picture.pixels[y, x].tolist(), 255][:4]


@pytest.mark.parametrize("told", [(4, 32), (0, 0), (32, 4)])
def test_the_deepest_of_the_largest_is_taken(told):
    shallow, deep = bitmap(16, 4, (9, 9, 9, 255)), bitmap(16, 32, RED)
    for entries in ([shallow, deep], [deep, shallow]):
        stream = icon((8, 32, bitmap(8, 32, (0, 0, 255, 255))), *zip((16, 16), told, entries, strict=True))
        assert pixel(stream) == ((16, 16), list(RED))


def test_a_picture_larger_than_the_directory_can_say_is_the_largest():
    stream = icon((128, 32, bitmap(128, 32, RED)), (0, 32, png(300, (0, 9, 0))))
    assert pixel(stream) == ((300, 300), [0, 9, 0, 255])
    assert load_picture(io.BytesIO(stream.getvalue())).source.notices == (
        "holds 2 sizes; the largest, 300x300, is used",
    )


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("bits", [1, 4, 8, 24])
def test_the_mask_is_transparency(bits, kind):
    stream = icon((16, 7, bitmap(16, bits, RED, hole=True)), kind=kind)
    assert pixel(stream, 15, 0) == ((16, 16), list(CLEAR))
    stream.seek(0)
    assert pixel(stream, 14, 0) == ((16, 16), list(RED))


@pytest.mark.parametrize("kind", [1, 2])
def test_alpha_that_is_0_throughout_gives_way_to_the_mask(kind):
    stream = icon((16, 32, bitmap(16, 32, (255, 0, 0, 0), hole=True)), kind=kind)
    assert pixel(stream, 15, 0) == ((16, 16), list(CLEAR))
    stream.seek(0)
    assert pixel(stream) == ((16, 16), list(RED))


@pytest.mark.parametrize("kind", ["ICO", "CUR"])
def test_the_format_is_told_as_it_is(kind):
    stream = icon((16, 32, bitmap(16, 32, RED)), kind=1 if kind == "ICO" else 2)
    picture = load_picture(stream)
    assert picture.source.format == kind
    assert np.asarray(picture.pixels).shape == (16, 16, 3)


@pytest.mark.parametrize("mode", ["P", "RGB", "RGBA", "L", "LA", "1"])
def test_an_icns_holds_pictures_of_any_kind(mode):
    def block(name: bytes, data: bytes) -> bytes:
        return name + struct.pack(">I", len(data) + 8) + data

    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 4), np.uint8)).convert(mode)
    stream = io.BytesIO()
    image.save(stream, "PNG")
    small = block(b"icp4", png(16, RED))
    data = block(b"icns", block(b"TOC ", bytes(8)) + block(b"ic11", stream.getvalue()) + small)
    picture = load_picture(io.BytesIO(data))
    assert (picture.source.format, picture.size) == ("ICNS", (32, 32))
    assert picture.source.notices == ("holds 2 sizes; the largest, 32x32, is used",)
    assert (picture.keys == load_picture(io.BytesIO(stream.getvalue())).keys).all()
