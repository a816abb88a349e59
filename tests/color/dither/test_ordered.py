"""Ordered dithers: their masks, and what a mask makes of a color."""

import numpy as np
import pytest

from quantize import Settings, load_picture, quantize_picture
from quantize.color.dither import ordered
from quantize.color.dither.ordered import bayer_mask, blue_noise_mask
from quantize.data.blue_noise import rank_pixels
from quantize.records.picture import Picture
from tests.color.dither.conftest import dither
from tests.conftest import make_photo
from tests.files.reading.test_frames import make_frames, save


def test_mask_mixes_a_flat_color_to_its_mean():
    for name, tolerance in (("bayer", 255 / 64), ("blue-noise", 1.5)):
        for level in (17, 127, 201):
            flat = np.full((64, 64, 3), level, np.uint8)
            labels = dither(name, flat, [[0, 0, 0], [255, 255, 255]], dither_strength=1)
            assert 255 * labels.mean() == pytest.approx(level, abs=tolerance)


@pytest.mark.parametrize("name", ["bayer", "blue-noise"])
def test_lighter_color_keeps_the_dots_of_a_darker_one(name):
    levels = np.repeat(np.arange(0, 256, 5, dtype=np.uint8), 64 * 64).reshape(-1, 64, 64)
    keys = levels.astype("<u4") * 0x010101
    dots = dither(name, Picture(keys), [[0, 0, 0], [255, 255, 255]]).astype(int)
    assert (np.diff(dots, axis=0) >= 0).all()


@pytest.mark.parametrize("name", ["bayer", "blue-noise"])
def test_what_stands_still_does_not_flicker_under_an_ordered_dither(name):
    result = quantize_picture(save(make_frames(), "png", [50] * 5), Settings(n_colors=6, dither=name))
    still = (result.picture.keys == result.picture.keys[0]).all(axis=0)
    assert 50 < still.sum() < still.size
    assert (result.labels[:, still] == result.labels[0, still]).all()


def test_ordered_dither_is_the_same_in_strips_and_on_two_threads(monkeypatch):
    picture = load_picture(make_photo(50, 70))
    colors = [[0, 0, 0], [90, 160, 90], [255, 255, 255]]
    whole = dither("bayer", picture, colors)
    monkeypatch.setattr(ordered, "_PIXELS_AT_ONCE", 300)
    assert (dither("bayer", picture, colors, n_threads=2) == whole).all()


def test_masks_have_every_threshold_once():
    assert sorted(64 * bayer_mask().reshape(-1) - 0.5) == pytest.approx(range(64))
    assert (bayer_mask()[:2, :2] * 4).astype(int).tolist() == [[0, 2], [3, 1]]
    assert sorted(4096 * blue_noise_mask().reshape(-1) - 0.5) == pytest.approx(range(4096))


def test_blue_noise_mask_is_what_its_script_makes():
    assert (rank_pixels() == 4096 * blue_noise_mask() - 0.5).all()


def test_blue_noise_has_no_low_frequencies():
    spectrum = np.abs(np.fft.fft2(blue_noise_mask() - 0.5)) ** 2
    frequencies = np.fft.fftfreq(64)
    radius = np.hypot(frequencies[:, np.newaxis], frequencies)
    assert spectrum[radius < 0.2].mean() < spectrum[radius > 0.3].mean() / 20
