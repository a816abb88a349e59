"""Files vouch for themselves, until another program changes them and keeps the mark."""

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from quantize import Settings, quantize_picture, save_picture
from quantize.files.marks import is_marked
from quantize.files.seals import is_sealed, seal
from quantize.version import MARK
from tests.conftest import make_photo

FORMATS = ("png", "gif", "webp")


@pytest.fixture(params=FORMATS)
def result(request, tmp_path):
    path = tmp_path / f"result.{request.param}"
    save_picture(quantize_picture(make_photo(), Settings(n_colors=8)), path)
    return path


def test_result_vouches_for_itself(result):
    data = result.read_bytes()
    assert is_marked(result)
    assert is_sealed(data)
    assert seal(data) == data


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_changed_byte_is_seen(result, place):
    data = bytearray(result.read_bytes())
    data[int(place * len(data))] ^= 1
    assert is_sealed(bytes(data)) is False


def test_picture_that_was_edited_elsewhere_and_kept_our_mark_is_not_ours(result):
    with Image.open(result) as image:
        image.load()
        kept = PngInfo()
        kept.add_text("Software", image.info.get("Software", ""))
        exif, comment = image.getexif(), image.info.get("comment", b"")
        image.putpixel((1, 1), 2 if image.mode == "P" else (1, 2, 3))
        options = {"png": {"pnginfo": kept}, "gif": {"comment": comment}, "webp": {"exif": exif, "lossless": True}}
        image.save(result, **options[result.suffix[1:]])
    assert MARK.encode() in result.read_bytes()
    assert not is_marked(result)


def test_mark_of_an_earlier_version_without_a_checksum_is_believed(tmp_path):
    kept = PngInfo()
    kept.add_text("Software", "quantize 0.1.0")
    make_photo().save(tmp_path / "old.png", pnginfo=kept)
    assert is_marked(tmp_path / "old.png")


def test_sealed_png_is_whole(tmp_path):
    save_picture(quantize_picture(make_photo(), 8), tmp_path / "result.png")
    with Image.open(io.BytesIO((tmp_path / "result.png").read_bytes())) as image:
        image.verify()  # the checksums of all chunks
