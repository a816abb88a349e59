"""What was lost: found by what it is to the eye, not by how many pixels it has."""

import numpy as np
import pytest

from quantize import Palette, Settings, apply_palette, load_picture
from quantize.color.histogram import count_colors
from quantize.color.measure.metrics import measure_everything, measure_loss


def apply(image, palette):
    picture = load_picture(np.asarray(image, np.uint8))
    return apply_palette(picture, count_colors(picture), Palette(np.array(palette, np.uint8)), Settings())


def field(*, noise=6, width=64):
    """A large green field, of which no two pixels are alike."""
    rng = np.random.default_rng(0)
    return (np.array([60, 140, 50]) + rng.integers(-noise, noise + 1, (width, width, 3))).astype(np.uint8)


GREENS = [(60, 140, 50), (50, 130, 45)]


def test_small_red_thing_on_a_large_green_field_is_lost_first():
    image = field()
    image[40:43, 10:14] = (210, 30, 40)
    lost = measure_everything(apply(image, GREENS))["lost"]
    assert lost["colors"][0]["hex"] == "#d21e28"
    assert lost["colors"][0]["share"] == pytest.approx(12 / 64**2)
    assert lost["colors"][0]["became"] in ("#3c8c32", "#32822d")
    assert lost["colors"][0]["ciede2000"] > 30
    assert lost["colors"][0]["spot"] == {"x": 10, "y": 40, "width": 4, "height": 3, "frame": 0}


def test_color_that_is_in_the_palette_is_not_lost():
    image = field()
    image[40:43, 10:14] = (210, 30, 40)
    lost = measure_loss(apply(image, [*GREENS, (210, 30, 40)]))["lost"]
    assert all(color["hex"] != "#d21e28" for color in lost["colors"])


def test_nothing_is_lost_where_every_color_is_near():
    assert measure_everything(apply(field(noise=1), GREENS))["lost"] == {"share": 0, "colors": []}


def test_colors_that_look_alike_are_taken_together():
    image = field(noise=2)
    image[:2, :8] = np.array([200, 30, 40]) + np.random.default_rng(1).integers(-6, 7, (2, 8, 3))
    image[10, 10:14] = (30, 40, 220)
    lost = measure_loss(apply(image, GREENS))["lost"]
    assert [round(color["share"] * 64**2) for color in lost["colors"]] == [16, 4]
    assert lost["share"] == pytest.approx(20 / 64**2)


def test_speck_is_lost_and_not_listed():
    image = field(noise=2)
    image[10, 10:12] = (30, 40, 220)
    lost = measure_loss(apply(image, GREENS))["lost"]
    assert lost == {"share": pytest.approx(2 / 64**2), "colors": []}


def test_color_that_is_another_shade_is_not_lost_and_one_of_another_name_is():
    image = field(noise=0)
    image[:8], image[8:16] = (90, 165, 80), (110, 90, 50)
    [lost] = measure_loss(apply(image, GREENS))["lost"]["colors"]
    assert lost["hex"] == "#6e5a32"


def test_shades_a_little_apart_are_one_lost_color_and_others_are_not():
    image = field(noise=0)
    image[:4, :4], image[10:13, :4], image[20:22, :4] = (210, 30, 40), (170, 20, 30), (250, 150, 40)
    lost = measure_loss(apply(image, GREENS))["lost"]["colors"]
    assert sorted(round(color["share"] * 64**2) for color in lost) == [8, 28]


def test_difference_that_nobody_sees_at_arms_length_is_no_loss():
    image = field(noise=0)
    image[:20] = (60, 140, 90)
    assert measure_loss(apply(image, GREENS))["lost"] == {"share": 0, "colors": []}


def test_spot_is_the_largest_of_those_that_hang_together():
    image = field(noise=2)
    for box in ((slice(3, 5), slice(3, 5)), (slice(20, 24), slice(30, 33)), (slice(50, 51), slice(0, 5))):
        image[box] = (210, 30, 40)
    [lost] = measure_everything(apply(image, GREENS))["lost"]["colors"]
    assert lost["spot"] == {"x": 30, "y": 20, "width": 3, "height": 4, "frame": 0}


def test_spot_hangs_together_across_corners():
    image = field(noise=2)
    image[30, 30] = image[31, 31] = image[32, 30] = (210, 30, 40)
    [lost] = measure_everything(apply(image, GREENS))["lost"]["colors"]
    assert lost["spot"] == {"x": 30, "y": 30, "width": 2, "height": 3, "frame": 0}


def test_few_pixels_far_off_matter_more_than_many_nearby():
    image = field(noise=0)
    image[0, :24] = (60, 140, 160)
    image[40:43, 10:14] = (210, 30, 40)
    near, far = sorted(measure_loss(apply(image, GREENS))["lost"]["colors"], key=lambda color: color["ciede2000"])
    assert (round(near["share"] * 64**2), round(far["share"] * 64**2)) == (24, 12)
    assert measure_loss(apply(image, GREENS))["lost"]["colors"] == [far, near]


def test_no_more_than_ten_colors_are_told():
    rng = np.random.default_rng(2)
    lost = measure_loss(apply(rng.integers(0, 256, (64, 64, 3)), [(0, 0, 0)]))["lost"]
    assert len(lost["colors"]) == 10
    weights = [color["share"] * color["ciede2000"] ** 2 for color in lost["colors"]]
    assert weights[0] > weights[-1]


def test_transparent_pixels_are_never_lost():
    image = np.zeros((8, 8, 4), np.uint8)
    image[:4] = (210, 30, 40, 255)
    image[4:, :4] = (0, 0, 0, 120)
    lost = measure_everything(apply(image, [(0, 0, 0, 0), (210, 30, 40, 255)]))["lost"]
    assert [color["hex"] for color in lost["colors"]] == ["#00000078"]
    assert lost["share"] == 0.25
