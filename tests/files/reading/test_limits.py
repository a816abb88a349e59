"""Files that claim more than any machine has are refused before they are unpacked, whatever they are packed in."""

import io
import os
import struct
import zlib

import pytest
from PIL import Image

from quantize import InputError, Settings, load_picture
from quantize.files.reading import opening
from quantize.files.reading.limits import refuse_large
from tests.conftest import make_photo
from tests.files.reading.test_apng import chunk


def huge_png(side: int = 30_000) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND")


def in_icns(data: bytes) -> bytes:
    block = b"ic10" + struct.pack(">I", len(data) + 8) + data
    return b"icns" + struct.pack(">I", len(block) + 8) + block


def in_icon(data: bytes, kind: int) -> bytes:
    return struct.pack("<3H", 0, kind, 1) + struct.pack("<4B2H2I", 0, 0, 0, 0, 1, 32, len(data), 22) + data


@pytest.fixture
def in_command(monkeypatch):
    """Pillow without a limit of its own, as the command leaves it."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)


@pytest.mark.parametrize("kind", ["png", "ico", "cur", "icns"])
def test_a_huge_picture_is_refused_inside_of_any_other(in_command, kind):
    data = huge_png()
    wrapped = {"png": data, "ico": in_icon(data, 1), "cur": in_icon(data, 2), "icns": in_icns(data)}[kind]
    with pytest.raises(InputError, match=r"has .*900,000,000 pixels, more than 178,956,970; .* --max-pixels 900000000"):
        load_picture(io.BytesIO(wrapped))
    assert Image.MAX_IMAGE_PIXELS is None


def test_as_many_pixels_as_are_allowed_are_read(in_command):
    stream = io.BytesIO()
    make_photo(33, 31).save(stream, "TIFF")
    assert load_picture(io.BytesIO(stream.getvalue()), Settings(max_pixels=33 * 31)).size == (33, 31)


@pytest.mark.parametrize("kind", ["JPEG2000", "WEBP"])
def test_a_decoder_that_takes_more_memory_counts_as_more_pixels(kind):
    stream = io.BytesIO()
    make_photo(20, 10).save(stream, kind)
    with pytest.raises(InputError, match=rf"200 pixels, which take .* {kind} as much memory as 2[58]0, more"):
        load_picture(io.BytesIO(stream.getvalue()), Settings(max_pixels=249))
    load_picture(io.BytesIO(stream.getvalue()), Settings(max_pixels=280))


def test_sentences_stay_short():
    with pytest.raises(InputError) as caught:
        refuse_large("a.jp2", (1_000_000, 170), 1, 178_956_970, "JPEG2000")
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize("junk", [b"\0", b"\xff", b"\xff\xd0", b"\xff\xe5\0\2"])
def test_a_jpeg_whose_pixels_never_come_is_refused(junk):
    memory = io.BytesIO()
    Image.new("RGB", (8, 8)).save(memory, "JPEG")
    data = memory.getvalue()
    long = data[:20] + junk * (1 << 17) + data[20:]
    with pytest.raises(InputError, match="before its pixels"):
        load_picture(io.BytesIO(long))
    assert load_picture(io.BytesIO(data[:20] + junk * 500 + data[20:])).size == (8, 8)


def test_a_jpeg_of_a_thousand_scans_is_refused():
    stream = io.BytesIO()
    make_photo(64, 64).save(stream, "JPEG", progressive=True)
    data = stream.getvalue()
    last = data[data.rindex(b"\xff\xda") : -2]
    assert load_picture(io.BytesIO(data[:-2] + 100 * last + data[-2:])).size == (64, 64)
    with pytest.raises(InputError, match=r"is a JPEG of 1,0.. scans, more than 200"):
        load_picture(io.BytesIO(data[:-2] + 1000 * last + data[-2:]))


def test_a_tiff_of_more_strips_than_are_read_in_seconds_is_refused(monkeypatch):
    stream = io.BytesIO()
    make_photo(8, 64).save(stream, "TIFF", tiffinfo={278: 1})
    assert load_picture(io.BytesIO(stream.getvalue())).size == (8, 64)
    monkeypatch.setattr("quantize.files.reading.limits._MAX_STRIPS", 63)
    with pytest.raises(InputError, match="is a TIFF of 64 strips, more than 63"):
        load_picture(io.BytesIO(stream.getvalue()))


def test_an_apng_of_more_frames_than_are_read_in_seconds_is_refused(monkeypatch):
    stream = io.BytesIO()
    make_photo().save(stream, "PNG", save_all=True, append_images=[make_photo(seed=seed) for seed in (1, 2)])
    assert len(load_picture(io.BytesIO(stream.getvalue())).keys) == 3
    monkeypatch.setattr("quantize.files.reading.apng.MAX_FRAMES", 2)
    with pytest.raises(InputError, match="more than 2 frames"):
        load_picture(io.BytesIO(stream.getvalue()))


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.avif"])
def test_a_file_that_is_read_whole_is_not_read_when_it_is_too_long(tmp_path, name):
    frames = [make_photo(16, 16, seed) for seed in range(2)]
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    os.truncate(tmp_path / name, 3 << 30)
    with pytest.raises(InputError, match="has 3,221,225,472 bytes, more than 425,022,804"):
        load_picture(tmp_path / name)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.bmp"])
def test_what_follows_a_picture_in_its_file_is_not_read(tmp_path, name):
    make_photo(16, 16).save(tmp_path / name)
    os.truncate(tmp_path / name, 3 << 30)
    assert load_picture(tmp_path / name).size == (16, 16)


def test_a_device_without_an_end_is_read_to_a_limit():
    with pytest.raises(InputError, match="/dev/zero: goes on after 67,108,864 bytes"):
        load_picture("/dev/zero")


def test_pages_that_are_not_used_are_not_counted(monkeypatch):
    stream = io.BytesIO()
    make_photo(8, 8).save(stream, "TIFF", save_all=True, append_images=[make_photo(8, 8)] * 30)
    from PIL.TiffImagePlugin import TiffImageFile

    seeks = []
    seek = TiffImageFile._seek
    monkeypatch.setattr(TiffImageFile, "_seek", lambda self, frame: seeks.append(frame) or seek(self, frame))
    assert load_picture(io.BytesIO(stream.getvalue())).source.notices == ("holds several pictures; the first is used",)
    assert max(seeks) <= 1


_IPTC_FIELDS = b"\x1c\x03\x3c\0\2\1\1\x1c\x03\x14\0\1\x10\x1c\x03\x1e\0\1\x10"
PROGRAMS = {
    "a.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "a.iim": _IPTC_FIELDS + b"\x1c\x08\x0a\0\x10%!PS-Adobe-3.0 E",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_that_starts_a_program_is_ever_opened(tmp_path, monkeypatch, name):
    from PIL import EpsImagePlugin, IptcImagePlugin

    for plugin, cls in ((EpsImagePlugin, "EpsImageFile"), (IptcImagePlugin, "IptcImageFile")):
        monkeypatch.setattr(plugin, cls, lambda *_: pytest.fail("was opened"))
    (tmp_path / name).write_bytes(PROGRAMS[name])
    with pytest.raises(InputError):
        load_picture(tmp_path / name)
    assert not {"EPS", "IPTC", "WMF", "FPX", "MIC"} & {*opening._COMMON, *opening._OTHERS}


def test_a_name_that_is_not_utf_8_is_a_name(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.png"
    make_photo().save(tmp_path / "cafe.png")
    (tmp_path / "cafe.png").rename(os.fsdecode(path))
    assert load_picture(os.fsdecode(path)).size == (48, 32)
