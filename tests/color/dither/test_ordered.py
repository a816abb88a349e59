"""Ordered dithers: their masks, and what a mask makes of a color."""

import numpy as np
import pytest
from PIL import Image, ImageStat

from quantize import Settings, load_picture, quantize_picture
from quantize.color.dither import ordered
from quantize.color.dither.ordered import bayer_mask, blue_noise_mask
from quantize.data.blue_noise import rank_pixels
from quantize.records.picture import Picture
from tests.color.dither.conftest import SPARSE, dither, measure_blocks
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
    assert sorted(256 * bayer_mask().reshape(-1) - 0.5) == pytest.approx(range(256))
    assert (bayer_mask()[:2, :2] * 4).astype(int).tolist() == [[0, 2], [3, 1]]
    assert sorted(4096 * blue_noise_mask().reshape(-1) - 0.5) == pytest.approx(range(4096))


def test_blue_noise_mask_is_what_its_script_makes():
    assert (rank_pixels() == 4096 * blue_noise_mask() - 0.5).all()


def test_blue_noise_has_no_low_frequencies():
    spectrum = np.abs(np.fft.fft2(blue_noise_mask() - 0.5)) ** 2
    frequencies = np.fft.fftfreq(64)
    radius = np.hypot(frequencies[:, np.newaxis], frequencies)
    assert spectrum[radius < 0.2].mean() < spectrum[radius > 0.3].mean() / 20


@pytest.mark.parametrize("colors", SPARSE.values(), ids=SPARSE)
def test_gray_is_mixed_to_gray_of_any_colors(colors):
    """As levels in tiles, each of which holds the whole mask; 64 pixels of black and white come within 2 of a level."""
    levels = np.linspace(0, 255, 64).round().astype(np.uint8)
    tiles = np.repeat(levels.reshape(8, 8).repeat(8, axis=0).repeat(8, axis=1)[..., np.newaxis], 3, axis=-1)
    shown = np.array(colors)[dither("bayer", tiles, colors)].reshape(8, 8, 8, 8, 3).mean(axis=(1, 3)).reshape(64, 3)
    assert np.abs(shown - levels[:, np.newaxis]).mean(axis=0).max() < 2
    assert np.abs(shown.mean(axis=1) - levels).max() < 4


@pytest.mark.parametrize("name", ["bayer", "blue-noise"])
@pytest.mark.parametrize("colors", SPARSE.values(), ids=SPARSE)
def test_photograph_keeps_its_brightness_under_an_ordered_dither(name, colors):
    photo = make_photo(64, 64)
    shown = Image.fromarray(np.uint8(colors)[dither(name, photo, colors)])
    assert ImageStat.Stat(shown.convert("L")).mean == pytest.approx(ImageStat.Stat(photo.convert("L")).mean, abs=2)


@pytest.mark.parametrize(("space", "share"), [("rgb", 128 / 255), ("linear", 0.2158)])
def test_half_gray_is_half_the_dots_in_srgb_and_a_fifth_of_the_light(space, share):
    flat = np.full((64, 64, 3), 128, np.uint8)
    dots = dither("blue-noise", flat, [[0, 0, 0], [255, 255, 255]], space=space)
    assert dots.mean() == pytest.approx(share, abs=0.004)


def test_found_palette_spares_a_third_of_the_dots_beside_an_entry():
    """At 0.95 a mixture's noise weighs half as much as its error: gray s gets 1.5 s - 0.25 of white."""
    for level, share in ((40, 0), (64, 1.5 * 64 / 255 - 0.25), (102, 0.35), (128, 0.5)):
        flat = np.full((64, 64, 3), level, np.uint8)
        dots = dither("blue-noise", flat, [[0, 0, 0], [255, 255, 255]], dither_strength=0.95)
        assert dots.mean() == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize("name", ["bayer", "blue-noise"])
def test_colors_that_are_looked_up_are_decided_as_each_pixel_is(name):
    """Of twelve colors in 4,096 pixels each is decided once for each threshold; of twelve in 512, at each pixel."""
    pixels = np.random.default_rng(0).integers(0, 12, (64, 64, 1)).astype(np.uint8) * np.uint8([20, 9, 13])
    colors = [[0, 0, 0], [90, 160, 90], [200, 30, 60], [255, 255, 255]]
    assert (dither(name, pixels, colors)[:8] == dither(name, pixels[:8], colors)).all()


@pytest.mark.parametrize("name", ["bayer", "blue-noise"])
def test_many_pixels_of_palette_colors_come_out_unchanged(name):
    """Their recipes have one part, and are looked up by threshold."""
    colors = np.array([[0, 0, 0], [200, 10, 10], [90, 90, 255], [255, 255, 255]], np.uint8)
    image = colors[np.random.default_rng(0).integers(0, 4, (64, 64))]
    assert (colors[dither(name, image, colors)] == image).all()


@pytest.mark.parametrize("name", ["bayer", "blue-noise"])
def test_thin_smoke_keeps_its_light_on_any_ground(name):
    """All of its colors are nearly clear, and in cells of straight color and alpha all were alike."""
    photo = np.asarray(make_photo(64, 64))
    smoke = np.dstack([180 + photo // 4, photo.mean(axis=-1).astype(np.uint8) // 3])
    colors = quantize_picture(smoke, Settings(n_colors=8)).palette.colors
    plain, shown = (colors[dither(kind, smoke, colors)] for kind in ("none", name))
    for ground in (0, 128, 255):
        assert measure_blocks(smoke, shown, ground) < measure_blocks(smoke, plain, ground)
