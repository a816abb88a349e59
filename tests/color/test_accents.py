"""What is small and far from all others gets an entry, where accents ask for it."""

import numpy as np
import pytest

from quantize import Settings, find_palette, load_picture, quantize_picture
from quantize.color import accents
from quantize.color.accents import settle_accents
from quantize.color.histogram import count_colors, list_colors
from quantize.color.measure.difference import place_looks
from quantize.color.measure.lost import NEAR, group_lost
from quantize.color.spaces import SPACES
from quantize.records.settings import Target

ROOF = (210, 30, 40)
DOOR = (30, 60, 200)
NONE = list_colors((), has_alpha=False)


def make_town(alpha=None):
    """Gray walls of many shades, one small red roof, and a smaller blue door."""
    rng = np.random.default_rng(0)
    walls = np.linspace(30, 230, 64 * 64).reshape(64, 64, 1) + rng.normal(0, 6, (64, 64, 3))
    image = walls.clip(0, 255).astype(np.uint8)
    image[40:43, 10:14], image[50:53, 30:32] = ROOF, DOOR
    if alpha is not None:
        image = np.dstack([image, np.full((64, 64), 255, np.uint8)])
        image[:, :8, 3] = alpha
    return image


def distance_of(color, palette):
    alpha = (255,) * (palette.colors.shape[1] - 3)
    looks = place_looks(np.array([(*color, *alpha)], np.uint8))
    return np.sqrt(np.square(place_looks(palette.colors) - looks).sum(axis=1)).min()


def quantize_town(k, *, alpha=None, **settings):
    return quantize_picture(make_town(alpha), Settings(n_colors=k, **settings)).palette


@pytest.mark.parametrize("space", SPACES)
def test_small_roof_has_its_color_with_accents_and_none_without(space):
    plain, accented = (quantize_town(4, space=space, accents=accents) for accents in (0, 0.5))
    assert distance_of(ROOF, plain) > NEAR
    assert distance_of(ROOF, accented) < NEAR
    assert len(accented) == 4


def test_colors_come_back_as_accents_grow_the_larger_first():
    kept = [
        [distance_of(color, quantize_town(5, accents=accents)) < NEAR for color in (ROOF, DOOR)]
        for accents in (0.05, 0.4, 1)
    ]
    assert kept == [[False, False], [True, False], [True, True]]


def test_entries_that_are_not_needed_for_accents_serve_the_walls():
    picture = load_picture(make_town())
    histogram = count_colors(picture)
    accented = find_palette(histogram, Settings(n_colors=6, accents=0.6))
    grays = [row for row in accented.colors.astype(int) if np.ptp(row) < 30]
    assert len(grays) == 4
    assert max(np.diff(sorted(gray[0] for gray in grays))) < 80


def test_specks_are_no_accents():
    image = np.tile(make_town(), (2, 2, 1))
    image[:2, :2] = (255, 255, 0)
    image[0, 0] = (0, 255, 0)
    accented = quantize_picture(image, Settings(n_colors=5, accents=0.5)).palette
    assert distance_of(ROOF, accented) < NEAR
    assert distance_of((0, 255, 0), accented) > NEAR


@pytest.mark.parametrize("alpha", [0, 90])
def test_accents_know_what_is_kept_and_what_is_clear(alpha):
    palette = quantize_town(7, alpha=alpha, accents=0.5, keep=((1, 2, 3),))
    assert "#010203" in palette.hex
    assert ("#00000000" in palette.hex) == (alpha == 0)
    assert distance_of(ROOF, palette) < NEAR
    assert len(palette) == 7
    assert {code[7:] for code in palette.hex} >= {"", "00" if alpha == 0 else "5a"}


def test_kept_colors_and_the_clear_one_leave_no_entry_to_move():
    palette = quantize_town(2, alpha=0, accents=1, keep=((1, 2, 3),))
    assert palette.hex == ["#00000000", "#010203"]


def test_accents_are_there_when_a_target_chooses_the_number():
    result = quantize_picture(make_town(), Settings(accents=0.5, target=Target("psnr", 30)))
    assert distance_of(ROOF, result.palette) < NEAR


def test_palette_is_as_by_area_where_nothing_is_lost():
    image = np.repeat(np.arange(0, 64, dtype=np.uint8)[:, None, None], 3, axis=2)
    assert quantize_picture(image, Settings(n_colors=8, accents=1)).palette.hex == (
        quantize_picture(image, Settings(n_colors=8)).palette.hex
    )


def test_gray_picture_gets_gray_accents():
    image = np.full((64, 64, 3), 20, np.uint8)
    image[:32] += np.arange(32, dtype=np.uint8)[:, None, None]
    image[40:44, 40:44] = 250
    for space in SPACES:
        colors = quantize_picture(image, Settings(n_colors=2, space=space, accents=1)).palette.colors
        assert (colors == colors[:, :1]).all()


def test_accents_lose_fewer_colors_of_many_than_the_palette_by_area():
    rng = np.random.default_rng(3)
    walls = rng.normal(120, 25, (64, 64, 1)) + rng.normal(0, 8, (64, 64, 3))
    image = walls.clip(0, 255).astype(np.uint8)
    for number in range(12):
        image[5 * number : 5 * number + 3, 10:13] = rng.integers(0, 256, 3)
    histogram = count_colors(load_picture(image))
    by_area = find_palette(histogram, Settings(n_colors=8))
    lost = [
        len(group_lost(histogram.colors, histogram.counts, palette.colors)[0])
        for palette in (by_area, settle_accents(by_area, histogram, NONE, "rgb", 0.5))
    ]
    assert lost[1] < lost[0] / 2


def make_patches():
    """Noise about three colors, and a dozen small patches of any."""
    rng = np.random.default_rng(1)
    ground = np.array([(60, 90, 160), (150, 110, 60), (90, 130, 80)])[rng.integers(0, 3, (64, 64))]
    image = (ground + rng.normal(0, 14, (64, 64, 3))).clip(0, 255).astype(np.uint8)
    for top, left in rng.integers(0, 61, (12, 2)):
        image[top : top + 3, left : left + 3] = rng.integers(0, 256, 3)
    return count_colors(load_picture(image))


def measure_mean(histogram, palette):
    looks, entries = place_looks(histogram.colors), place_looks(palette.colors)
    squares = np.square(looks[:, np.newaxis] - entries).sum(axis=2)
    return np.average(np.sqrt(squares.min(axis=1)), weights=histogram.counts)


def test_mean_difference_grows_no_more_than_its_limit_whatever_is_lost(monkeypatch):
    histogram = make_patches()
    by_area = find_palette(histogram, Settings(n_colors=5))
    growths, n_lost = [], []
    for most in (0.1, accents._MOST_GROWTH):
        monkeypatch.setattr(accents, "_MOST_GROWTH", most)
        settled = settle_accents(by_area, histogram, NONE, "rgb", 0.5)
        growths.append(measure_mean(histogram, settled) / measure_mean(histogram, by_area))
        n_lost.append(len(group_lost(histogram.colors, histogram.counts, settled.colors)[0]))
    assert growths[0] < 1.06 < growths[1] < 1.22
    assert n_lost[0] > n_lost[1]
