"""What records show of themselves in a notebook."""

import io

import numpy as np
from PIL import Image

from quantize import Palette, Settings, quantize_picture
from tests.conftest import make_photo


def test_a_result_shows_its_own_pixels_palette_and_settings():
    result = quantize_picture(make_photo(), Settings(n_colors=5, dither="bayer"))
    assert (np.asarray(Image.open(io.BytesIO(result._repr_png_()))) == result.pixels).all()
    shown = result._repr_html_()
    assert "data:image/png;base64," in shown
    assert "5 colors, space rgb, dither bayer, seed 0" in shown
    assert all(code in shown for code in result.palette.hex)


def test_a_large_result_is_shown_smaller():
    result = quantize_picture(np.zeros((2, 4000, 3), np.uint8))
    assert Image.open(io.BytesIO(result._repr_png_())).size == (1334, 1)


def test_hostile_names_of_a_palette_stay_text():
    palette = Palette(np.zeros((1, 3), np.uint8), names=('"><script>alert(1)</script>',))
    assert "<script>" not in palette._repr_html_()
    assert palette._repr_html_().count("<span") == 1
