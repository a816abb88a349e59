"""The library as a notebook uses it."""

import json

import numpy as np
import pytest
from PIL import Image

from quantize import InputError, OutputError, Quantized, Settings, load_picture, quantize_picture
from tests.conftest import make_photo


@pytest.fixture(scope="module")
def result():
    return quantize_picture(make_photo(), 8)


def test_number_of_colors_is_enough(result):
    assert isinstance(result, Quantized)
    assert len(result.palette) == 8


def test_image_is_indexed_and_has_the_pixels(result):
    assert (result.image.mode, result.image.size) == ("P", (48, 32))
    assert (np.asarray(result.image.convert("RGB")) == result.pixels).all()


def test_image_of_many_colors_is_true_color_and_transparency_stays():
    assert quantize_picture(make_photo(), 300).image.mode == "RGB"
    glow = make_photo().convert("RGBA")
    glow.putalpha(make_photo(seed=1).convert("L"))
    result = quantize_picture(glow, 9)
    assert (np.asarray(result.image.convert("RGBA")) == result.pixels).all()


def test_saved_file_is_what_the_command_writes(result, quantize, tmp_path):
    make_photo().save("photo.png")
    quantize("photo.png", "-k", "8")
    result.save(tmp_path / "mine.png")
    assert (tmp_path / "mine.png").read_bytes() == (tmp_path / "photo-k8.png").read_bytes()


def test_ending_that_cannot_be_written_is_refused(result, tmp_path):
    with pytest.raises(OutputError, match="a result is a png, gif or webp; let the name end so"):
        result.save(tmp_path / "x.jpg")
    assert not list(tmp_path.iterdir())


def test_swatch_and_report_are_at_hand(result):
    assert result.swatch.size[0] == 1024
    assert result.report["error"]["psnr"] > 20
    assert result.report is result.report
    assert [entry["hex"] for entry in result.report["palette"]]
    json.dumps(result.report)


def test_show_opens_the_image(result, monkeypatch):
    shown = []
    monkeypatch.setattr(Image.Image, "show", lambda self: shown.append(self.mode))
    result.show()
    assert shown == ["P"]


def test_records_say_in_a_line_what_they_are(result):
    assert repr(result) == "Quantized(48 x 32 in 8 colors)"
    assert repr(result.picture) == "Picture(48 x 32, 'picture')"
    assert repr(result.histogram).endswith(" colors of 1,536 pixels)")
    assert repr(result.palette).startswith("Palette(8 colors: #")
    assert len(repr(quantize_picture(make_photo(), 100).palette)) < 100


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_from_0_to_1_are_a_picture(dtype):
    pixels = np.asarray(make_photo())
    assert (load_picture((pixels / 255).astype(dtype)).pixels == pixels).all()


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.full((4, 4, 3), 255.0), "an array of floats: should be from 0 to 1"),
        (np.full((4, 4), np.nan), "an array of floats: should be from 0 to 1"),
        (np.zeros((4, 4, 3), np.int64), "an array of int64: should be of uint8, or of floats from 0 to 1"),
        (np.zeros((4, 4, 2), np.uint8), r"an array of shape \(4, 4, 2\): should be \(height, width\)"),
        (np.zeros((0, 4), np.uint8), "an array of shape"),
    ],
)
def test_array_that_is_no_picture_gets_a_sentence(array, sentence):
    with pytest.raises(InputError, match=sentence):
        quantize_picture(array, Settings())


def test_mask_is_black_and_white():
    assert load_picture(np.eye(4, dtype=bool)).pixels.max() == 255
