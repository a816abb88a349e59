"""Decoding while numpy loads, which nobody may notice but by the clock."""

import os
import shutil

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from quantize import InputError, load_picture
from quantize.files.reading import ahead
from quantize.files.reading.ahead import decode_ahead, take_decoded
from tests.conftest import make_photo


def save(path, image, **options):
    image.save(path, **options)
    return path


def load_both_ways(path):
    plain = load_picture(path)
    decode_ahead(str(path))
    ahead._ahead[0].join()
    image = ahead._ahead[0].image
    was_decoded = image is not None and not image.tile
    return plain, load_picture(path), was_decoded


def turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def gamma():
    chunks = PngImagePlugin.PngInfo()
    chunks.add(b"gAMA", (100000).to_bytes(4, "big"))
    return chunks


PHOTO = make_photo()
PLAIN = {
    "photo.jpg": {},
    "turned.jpg": {"exif": turned()},
    "photo.png": {},
    "turned.png": {"exif": turned()},
    "keyed.png": {"transparency": PHOTO.getpixel((0, 0))},
    "gamma.png": {"pnginfo": gamma()},
}


@pytest.mark.parametrize("name", PLAIN)
def test_a_picture_decoded_ahead_is_the_same_picture(tmp_path, name):
    before, after, was_decoded = load_both_ways(save(tmp_path / name, PHOTO, **PLAIN[name]))
    assert was_decoded
    assert (before.keys == after.keys).all()
    assert (before.has_alpha, before.source) == (after.has_alpha, after.source)


@pytest.mark.parametrize(
    ("name", "image", "options"),
    [
        ("progressive.jpg", PHOTO, {"progressive": True}),
        ("gray.png", PHOTO.convert("L"), {}),
        ("indexed.png", PHOTO.quantize(4), {}),
        ("animated.png", PHOTO, {"save_all": True, "append_images": [PHOTO.rotate(90)]}),
        ("photo.gif", PHOTO, {}),
    ],
)
def test_a_picture_that_is_looked_at_on_the_way_is_not_decoded_ahead(tmp_path, name, image, options):
    before, after, was_decoded = load_both_ways(save(tmp_path / name, image, **options))
    assert not was_decoded
    assert (before.keys == after.keys).all()


def test_a_file_that_was_replaced_meanwhile_is_read_as_it_is_now(tmp_path):
    path = save(tmp_path / "photo.png", PHOTO)
    decode_ahead(str(path))
    ahead._ahead[0].join()
    shutil.move(save(tmp_path / "other.png", Image.new("RGB", (1, 1), "red")), path)
    assert load_picture(path).keys.tolist() == [[0xFF]]


def test_another_file_is_not_taken_for_the_one_that_was_decoded(tmp_path):
    decode_ahead(str(save(tmp_path / "photo.png", PHOTO)))
    with save(tmp_path / "other.png", Image.new("RGB", (1, 1))).open("rb") as other:
        assert take_decoded(other) is None


@pytest.mark.parametrize("name", ["cut.png", "cut.jpg", "missing.png", "."])
def test_what_goes_wrong_ahead_is_told_where_it_is_read(tmp_path, name):
    path = tmp_path / name
    if name.startswith("cut"):
        save(path, PHOTO)
        os.truncate(path, 300)
    sentences = []
    for is_ahead in (False, True):
        if is_ahead:
            decode_ahead(str(path))
        with pytest.raises(InputError) as caught:
            load_picture(path)
        sentences.append(str(caught.value))
    assert sentences[0] == sentences[1]


def test_a_picture_is_decoded_on_this_thread_where_there_is_no_other(tmp_path, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(ahead._Decoding, "start", refuse)
    decode_ahead(str(save(tmp_path / "photo.png", PHOTO)))
    assert np.asarray(load_picture(tmp_path / "photo.png").size).tolist() == list(PHOTO.size)
