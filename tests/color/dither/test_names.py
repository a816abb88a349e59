"""What all dithers have in common, and how they are asked for."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from quantize import Palette, Settings, Target, load_picture, quantize_picture
from quantize.color.dither.names import DITHERS
from quantize.color.histogram import count_colors
from quantize.color.measure.quality import psnr
from quantize.color.remap import remap
from quantize.color.sketch import draw_sketch
from tests.color.dither.conftest import REAL_DITHERS, dither
from tests.conftest import make_photo


@pytest.mark.parametrize("space", ["rgb", "linear", "oklab", "lab"])
@pytest.mark.parametrize("name", REAL_DITHERS)
def test_picture_of_palette_colors_comes_out_unchanged(name, space):
    colors = np.array([[0, 0, 0], [200, 10, 10], [200, 11, 10], [90, 90, 255], [255, 255, 255]], np.uint8)
    image = colors[np.random.default_rng(0).integers(0, 5, (12, 18))]
    assert (colors[dither(name, image, colors, space=space, dither_strength=1)] == image).all()


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_transparent_picture_of_palette_colors_comes_out_unchanged(name):
    colors = np.array([[0, 0, 0, 0], [200, 10, 10, 3], [10, 200, 10, 3], [90, 90, 255, 128], [9, 9, 9, 255]], np.uint8)
    image = colors[np.random.default_rng(0).integers(0, 5, (12, 18))]
    assert (colors[dither(name, image, colors, dither_strength=1)] == image).all()


def test_kept_color_stays_in_a_dithered_picture():
    image = make_photo(32, 24)
    image.paste((228, 0, 43), (5, 5, 12, 12))
    for name in REAL_DITHERS:
        result = quantize_picture(image, Settings(n_colors=4, keep=((228, 0, 43),), dither=name, dither_strength=1))
        assert (result.pixels[5:12, 5:12] == (228, 0, 43)).all()


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_at_strength_zero_nothing_is_dithered(name):
    picture = load_picture(make_photo())
    histogram, palette = count_colors(picture), Palette(np.array([[0, 0, 0], [90, 99, 200], [255, 255, 255]], np.uint8))
    settings = Settings(dither=name, dither_strength=0, space="oklab")
    plain, found = (function(picture, histogram, palette, settings) for function in (remap, DITHERS[name]))
    assert all((one == other).all() for one, other in zip(plain, found, strict=True))


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_gray_stays_gray(name):
    result = quantize_picture(make_photo(64, 48).convert("L"), Settings(n_colors=5, dither=name, space="oklab"))
    assert (np.ptp(result.pixels.astype(int), axis=-1) == 0).all()
    assert len(np.unique(result.labels)) == 5


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_opaque_pixels_stay_opaque(name):
    image = np.dstack([np.asarray(make_photo(24, 16)), np.full((16, 24), 255, np.uint8)])
    image[:, :8, 3] = np.arange(0, 256, 32)
    colors = [[0, 0, 0, 0], [20, 20, 20, 128], [200, 190, 190, 160], [40, 40, 40, 255], [120, 120, 120, 255]]
    labels = dither(name, image, colors, dither_strength=1)
    assert (dither("none", image, colors)[:, 8:] >= 3).all()
    assert (labels[:, 8:] >= 3).all()
    assert set(labels[:, :8].flat) >= {0, 1, 2, 4}


@pytest.mark.parametrize("name", REAL_DITHERS)
def test_many_colors_and_few(name):
    many = quantize_picture(make_photo(), Settings(n_colors=300, dither=name))
    assert many.labels.dtype == np.uint16
    assert len(np.unique(many.labels)) > 256
    assert (dither(name, make_photo(), [[7, 8, 9]]) == 0).all()
    assert set(np.unique(dither(name, make_photo(), [[0, 0, 0], [255, 255, 255]]))) == {0, 1}


def test_dithers_come_closer_once_the_eye_has_mixed_the_dots():
    ramp = np.repeat(np.tile(np.linspace(0, 255, 64), (48, 1)).astype(np.uint8)[..., np.newaxis], 3, axis=-1)
    grays = np.repeat(np.linspace(0, 255, 4).astype(np.uint8)[:, np.newaxis], 3, axis=1)

    def error(name: str, **settings: float) -> float:
        shown = grays[dither(name, ramp, grays, **settings)].astype(float)
        return float(np.square(gaussian_filter(shown - ramp, (1.5, 1.5, 0))).sum(-1).mean())

    bands = error("none")
    assert bands > 900
    for name in REAL_DITHERS:
        assert error(name) < bands / (2 if name == "atkinson" else 5)


def test_dither_is_in_picture_and_report(quantize, photo, listing):
    assert quantize("photo.png", "-k", "3", "--dither", "floyd-steinberg").code == 0
    assert listing() == ["photo-k3-report.json", "photo-k3-swatch.png", "photo-k3.png", "photo.png"]
    result = quantize_picture("photo.png", Settings(n_colors=3, dither="floyd-steinberg"))
    assert (load_picture("photo-k3.png").pixels == result.pixels).all()
    assert not (result.pixels == quantize_picture("photo.png", Settings(n_colors=3)).pixels).all()
    run = quantize("photo.png", "-k", "3", "--dither", "bayer", "--dither-strength", "0.5", "--json", "-q")
    assert '"dither": "bayer", "dither_strength": 0.5' in run.out
    run = quantize("photo.png", "-p", "#000,#fff", "--dither", "bayer", "--json", "-q")
    assert '"dither": "bayer", "dither_strength": 1.0' in run.out


@pytest.mark.parametrize("strength", ["0", "0.5"])
def test_strength_without_a_dither_is_refused(quantize, photo, listing, strength):
    run = quantize("photo.png", "--dither-strength", strength)
    assert run.code == 2
    assert run.err == "quantize: --dither-strength says how much to dither; give --dither, too\n"
    assert listing() == ["photo.png"]


def test_sketch_for_a_dither_keeps_pixels_beside_each_other():
    picture = load_picture(make_photo(300, 900))
    histogram = count_colors(picture)
    assert draw_sketch("psnr", Settings(), picture, histogram).picture.size[1] == 1
    assert draw_sketch("psnr", Settings(dither="bayer"), picture, histogram).picture.size == (300, 224)


@pytest.mark.parametrize("name", ["floyd-steinberg", "blue-noise"])
def test_target_is_reached_by_what_is_written(name):
    result = quantize_picture(make_photo(64, 64), Settings(dither=name, target=Target("psnr", 27)))
    assert result.palette.search["reached"]
    assert psnr(result) >= 27


@pytest.mark.parametrize("name", [name for name in REAL_DITHERS if name != "atkinson"])
def test_soft_edge_comes_closer_on_black_and_on_white(name):
    """Means of 8x8 blocks, laid on either."""
    y, x = np.mgrid[:64, :64]
    alpha = (255 * (36 - np.hypot(x - 32, y - 32)) / 24).clip(0, 255)
    image = np.dstack([200 + 0 * x, 40 + x, 60 + 2 * y, alpha]).round().astype(np.uint8)
    colors = [[0, 0, 0, 0], [200, 70, 120, 90], [200, 70, 120, 170], [200, 50, 90, 255], [200, 90, 180, 255]]

    def measure(shown, ground: int) -> float:
        laid = [p[..., :3] * (p[..., 3:] / 255) + ground * (1 - p[..., 3:] / 255) for p in (shown, image)]
        return float(np.abs((laid[0] - laid[1]).reshape(8, 8, 8, 8, 3).mean(axis=(1, 3))).mean())

    plain, dithered = (np.uint8(colors)[dither(one, image, colors, dither_strength=1)] for one in ("none", name))
    assert (dithered[alpha < 0.5, 3] == 0).all()
    assert (dithered[alpha == 255, 3] == 255).all()
    for ground in (0, 255):
        assert measure(dithered, ground) < 0.75 * measure(plain, ground)
