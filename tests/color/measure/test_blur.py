import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from quantize import Settings, quantize_picture
from quantize.color.measure.blur import SIGMA, measure_blurred_mse
from tests.conftest import make_photo


def test_error_after_the_blur_is_that_of_both_pictures_blurred():
    result = quantize_picture(make_photo(), Settings(n_colors=4, dither="bayer"))
    before, after = (
        gaussian_filter(side.astype(np.float64), (SIGMA, SIGMA, 0), mode="nearest")
        for side in (result.picture.pixels, result.pixels)
    )
    expected = np.square(before - after).sum(axis=2).mean()
    assert measure_blurred_mse(result) == pytest.approx(expected, rel=1e-5)
    assert result.report["error"]["blurred"]["psnr"] == pytest.approx(10 * np.log10(3 * 255**2 / expected), rel=1e-5)


def test_dots_of_black_and_white_are_seen_as_the_gray_between():
    gray = Image.new("L", (64, 64), 128)
    result = quantize_picture(gray, Settings(keep=("#000", "#fff"), n_colors=2, dither="bayer"))
    assert measure_blurred_mse(result) < 0.01 * result.report["error"]["mse"]


def test_undithered_picture_has_nothing_to_blur():
    assert quantize_picture(make_photo(), 4).report["error"]["blurred"] is None


def test_transparent_animation_is_measured_frame_by_frame():
    frames = np.zeros((3, 16, 16), "<u4")
    frames[:] = np.random.default_rng(0).integers(0, 1 << 32, (3, 16, 16))
    from quantize.records.picture import Animation, Picture

    picture = Picture(frames, True, animation=Animation((50, 50, 50)))
    whole = quantize_picture(picture, Settings(n_colors=8, dither="bayer"))
    assert 0 < measure_blurred_mse(whole) < whole.report["error"]["mse"]
