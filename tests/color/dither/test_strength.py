"""The strength of a dither: by the palette, and by what is around a pixel."""

import numpy as np
import pytest

from quantize import Palette, Settings, find_palette, load_picture
from quantize.color.dither.strength import (
    LEAST_STRENGTH,
    measure_offset,
    measure_steps,
    settle_strength,
    strength_of_steps,
)
from quantize.color.histogram import count_colors
from tests.conftest import make_photo


def test_steps_are_the_largest_difference_to_a_neighbor():
    image = np.full((4, 5, 3), 100, np.uint8)
    image[1, 2] = 130
    image[3, 0] = 0
    picture = load_picture(image)
    steps = measure_steps(picture, count_colors(picture), Palette(np.array([[0, 0, 0]], np.uint8)))
    assert steps.tolist() == [[0, 0, 30, 0, 0], [0, 30, 30, 30, 0], [100, 0, 30, 0, 0], [255, 100, 0, 0, 0]]


def test_strength_falls_from_calm_to_busy_unless_it_is_full():
    strengths = strength_of_steps(0.95)
    assert strengths[0] == pytest.approx(0.95)
    assert strengths[2] == pytest.approx(0.95**7)
    assert strengths[254] == pytest.approx(0.95**13, abs=1e-4)
    assert (strength_of_steps(1)[:255] == 1).all()
    assert strength_of_steps(1)[255] == 0


@pytest.mark.parametrize("space", ["rgb", "linear", "oklab"])
def test_palette_that_was_found_gets_hardly_more_than_the_least_strength(space):
    histogram = count_colors(load_picture(make_photo(64, 48)))
    settings = Settings(n_colors=16, space=space, dither="bayer")
    found = settle_strength(histogram, find_palette(histogram, settings), settings)
    assert LEAST_STRENGTH <= found.dither_strength < LEAST_STRENGTH + 0.03


def test_strength_rises_to_one_as_a_palette_moves_away_from_the_picture():
    histogram = count_colors(load_picture(make_photo(64, 48)))
    settings = Settings(n_colors=16, dither="floyd-steinberg")
    colors = find_palette(histogram, settings).colors.astype(int)
    strengths = [
        settle_strength(histogram, Palette((colors + shift).clip(0, 255).astype(np.uint8)), settings).dither_strength
        for shift in range(0, 60, 2)
    ]
    assert strengths == sorted(strengths)
    assert max(np.diff(strengths)) < 0.02
    assert strengths[-1] == 1


def test_offset_is_the_distance_from_entries_to_the_mean_of_their_pixels():
    picture = load_picture(np.repeat(np.uint8([[0, 10, 100, 140, 240, 240]]), 3, axis=0).T[np.newaxis])
    palette = Palette(np.array([[5, 5, 5], [117, 120, 120], [240, 240, 244]], np.uint8))
    assert measure_offset(count_colors(picture), palette, "rgb") == pytest.approx(np.sqrt((0 + 9 + 16) / 3))


def test_strength_that_is_given_stays():
    histogram, palette = count_colors(load_picture(make_photo())), Palette(np.array([[0, 0, 0]], np.uint8))
    for settings in (Settings(), Settings(dither="bayer", dither_strength=0.3)):
        assert settle_strength(histogram, palette, settings) is settings
