"""What is small and far from all others gets an entry, where accents ask for it."""

import numpy as np
import pytest

from quantize import Settings, find_palette, load_picture, quantize_picture
from quantize.color.accents import count_accents, find_accents
from quantize.color.histogram import count_colors
from quantize.color.measure.difference import to_oklab
from quantize.color.spaces import SPACES
from quantize.records.settings import Target

ROOF = (210, 30, 40)


def make_town(alpha=None):
    """Gray walls of many shades, and one small red roof."""
    rng = np.random.default_rng(0)
    walls = np.linspace(30, 230, 64 * 64).reshape(64, 64, 1) + rng.normal(0, 6, (64, 64, 3))
    image = walls.clip(0, 255).astype(np.uint8)
    image[40:43, 10:14] = ROOF
    if alpha is not None:
        image = np.dstack([image, np.full((64, 64), 255, np.uint8)])
        image[:, :8, 3] = alpha
    return image


def distance_of_roof(palette):
    entries = to_oklab(np.ascontiguousarray(palette.colors[:, :3]))
    return np.sqrt(np.square(entries - to_oklab(np.array([ROOF], np.uint8))).sum(axis=1)).min()


@pytest.mark.parametrize("space", SPACES)
def test_small_roof_has_its_color_with_accents_and_none_without(space):
    plain, accented = (
        quantize_picture(make_town(), Settings(n_colors=4, space=space, accents=accents)).palette
        for accents in (0, 0.5)
    )
    assert distance_of_roof(plain) > 20
    assert distance_of_roof(accented) < 0.01
    assert len(accented) == 4


def test_entries_for_accents_grow_with_strength_to_a_half():
    assert [count_accents(strength, 16) for strength in (0, 0.1, 0.5, 1)] == [0, 1, 4, 8]
    assert [count_accents(1, n_colors) for n_colors in (1, 2, 3)] == [0, 1, 2]


def test_specks_are_no_accents():
    image = np.tile(make_town(), (2, 2, 1))
    image[0, 0] = (0, 0, 255)
    histogram = count_colors(load_picture(image))
    found = find_accents(histogram, find_palette(histogram, Settings(n_colors=4)), 4)
    assert ROOF in found
    assert (0, 0, 255) not in found


def test_accents_know_what_is_kept_and_what_is_clear():
    settings = Settings(n_colors=6, accents=0.5, keep=((1, 2, 3),))
    palette = quantize_picture(make_town(alpha=0), settings).palette
    assert {"#00000000", "#010203", "#d21e28"} < set(palette.hex)
    assert len(palette) == 6


def test_accents_are_there_when_a_target_chooses_the_number():
    result = quantize_picture(make_town(), Settings(accents=0.5, target=Target("psnr", 30)))
    assert distance_of_roof(result.palette) < 0.01


def test_no_accent_is_forced_where_nothing_is_lost():
    image = np.repeat(np.arange(0, 64, dtype=np.uint8)[:, None, None], 3, axis=2)
    assert quantize_picture(image, Settings(n_colors=8, accents=1)).palette.hex == (
        quantize_picture(image, Settings(n_colors=8)).palette.hex
    )
