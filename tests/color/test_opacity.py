"""What is opaque stays opaque, and near."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from quantize import Settings, apply_palette, load_picture, quantize_picture
from quantize.color.histogram import count_colors
from quantize.color.measure.metrics import measure_error
from quantize.color.opacity import keep_opaque
from quantize.color.remap import is_opaque
from quantize.color.spaces import SPACES, to_colors, to_points
from quantize.color.transparency import with_alpha
from quantize.kmeans import nearest_label


def rows(*colors):
    return np.array(colors, np.uint8)


def keep(colors, centers, n_fixed=0):
    """Give colors of one pixel each to centers, and read what these become."""
    histogram = count_colors(load_picture(rows(*colors)[None]))
    points, places = (to_points(values, "rgb") for values in (histogram.colors, rows(*centers)))
    found = keep_opaque(places, nearest_label(points, places), points, histogram, n_fixed)
    return to_colors(found, "rgb").tolist()


def make_icon(shape=32):
    """A dark outline, light inside, and a soft edge: opaque black is nearer to what is gone than to the light."""
    y, x = np.mgrid[:shape, :shape] - (shape - 1) / 2
    distance = np.hypot(x, y)
    rng = np.random.default_rng(0)
    light = np.stack([rng.integers(190, 215, x.shape), 255 - rng.integers(0, 9, x.shape), 150 + 2 * np.abs(x)], axis=-1)
    color = np.where(distance[..., None] < 10, light, 0)
    alpha = (255 * (15 - distance) / 4).clip(0, 255)
    return Image.fromarray(np.dstack([color, alpha]).astype(np.uint8))


def test_center_of_both_kinds_becomes_one_of_each_and_others_merge():
    colors = [(200, 0, 0, 255), (200, 0, 0, 200), (0, 0, 100, 255), (0, 0, 102, 255)]
    found = keep(colors, [(200, 0, 0, 228), (0, 0, 100, 255), (0, 0, 102, 255)])
    assert found == [[200, 0, 0, 255], [0, 0, 101, 255], [200, 0, 0, 200]]


def test_centers_of_one_kind_each_are_left_as_they_are():
    centers = [(200, 0, 0, 255), (0, 0, 90, 100)]
    assert keep([(200, 0, 0, 255), (0, 0, 90, 110)], centers) == [list(center) for center in centers]


def test_centers_that_stay_do_so():
    colors = [(0, 0, 0, 255), (0, 0, 0, 40), (250, 250, 250, 255), (255, 255, 255, 255), (250, 250, 250, 200)]
    found = keep(colors, [(0, 0, 0, 0), (255, 255, 255, 255), (0, 0, 0, 250)], n_fixed=2)
    assert sorted(found) == [[0, 0, 0, 0], [0, 0, 0, 255], [255, 255, 255, 255]]


def test_end_of_a_fade_gets_an_opaque_entry_although_that_costs():
    fade = [(200, 0, 0, alpha) for alpha in range(40, 255, 5)]
    found = keep([*fade, (200, 0, 0, 253), (0, 0, 0, 255)], [(200, 0, 0, 100), (190, 0, 0, 200)])
    assert sorted(alpha == 255 for *_, alpha in found) == [False, True]


@pytest.mark.parametrize("seed", range(12))
def test_palette_is_no_worse_than_an_opaque_one_where_nothing_is_really_transparent(seed):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (5, 7, 4)).astype(np.uint8)
    pixels[..., 3] = rng.choice([250, 254, 255], (5, 7))
    found = quantize_picture(pixels, Settings(n_colors=6))
    palette = quantize_picture(pixels[..., :3], Settings(n_colors=6)).palette
    opaque = replace(palette, colors=with_alpha(palette.colors))
    errors = [measure_error(apply_palette(found.picture, found.histogram, one, found.settings))["mse"]
              for one in (found.palette, opaque)]  # fmt: skip
    assert errors[0] <= 1.02 * errors[1]


@pytest.mark.parametrize("k", [2, 5, 40])
def test_opaque_pixels_stay_opaque_where_others_are_almost(k):
    rng = np.random.default_rng(k)
    gray = rng.integers(0, 256, (24, 24, 1)).repeat(3, axis=2)
    alpha = rng.choice([0, 1, 100, 128, 254, 255], (24, 24), p=[0.1, 0.1, 0.1, 0.1, 0.4, 0.2])
    result = quantize_picture(Image.fromarray(np.dstack([gray, alpha]).astype(np.uint8)), Settings(n_colors=k))
    opaque = is_opaque(result.picture.pixels.reshape(-1, 4))
    assert is_opaque(result.pixels.reshape(-1, 4)[opaque]).all()


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("k", [4, 8, 16])
def test_opaque_dark_pixels_stay_dark(k, space):
    result = quantize_picture(make_icon(), Settings(n_colors=k, space=space))
    pixels = result.picture.pixels.reshape(-1, 4)
    outline = is_opaque(pixels) & (pixels[:, :3].max(axis=1) == 0)
    assert outline.any()
    became = result.pixels.reshape(-1, 4)[outline]
    assert (became[:, :3] < 64).all()
    assert is_opaque(became).all()
