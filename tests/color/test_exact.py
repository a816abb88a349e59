"""Entries that are exactly what people expect."""

import numpy as np
import pytest

from quantize import Settings, quantize_picture
from quantize.color.spaces import SPACES
from tests.conftest import make_photo


def make_page(paper=255, ink=0):
    """Lines on paper: three quarters are exactly the paper, and the lines have soft edges."""
    levels = np.full(64, paper, float)
    for start in range(4, 60, 14):
        levels[start : start + 4] = paper + (ink - paper) * np.array([0.12, 1, 0.9, 0.4])
    return np.broadcast_to(levels[:, None, None], (64, 48, 3)).astype(np.uint8)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("k", [2, 3, 4])
def test_paper_stays_exactly_what_it_is(k, space):
    page = make_page(paper=250)
    assert "#fafafa" in quantize_picture(page, Settings(n_colors=k, space=space)).palette.hex


def test_color_that_covers_a_part_of_the_picture_stays_where_that_costs_little():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 120, (64, 64, 3)).astype(np.uint8)
    image[:20] = (228, 0, 43)
    image[:20, :6] = (225, 2, 45)
    palette = quantize_picture(image, Settings(n_colors=4)).palette
    assert "#e4002b" in palette.hex


@pytest.mark.parametrize("space", SPACES)
def test_logo_has_exactly_its_two_colors_though_neither_covers_half(space):
    red, white = np.array([228, 0, 43]), np.full(3, 255)
    cover = np.clip(np.hypot(*np.mgrid[-32:32, -24:24]) - 22.5, 0, 1)[..., np.newaxis]
    image = np.rint(red + cover * (white - red)).astype(np.uint8)
    assert (image == white).all(axis=2).mean() < 0.5
    assert quantize_picture(image, Settings(n_colors=2, space=space)).palette.hex == ["#e4002b", "#ffffff"]


def test_ink_of_thick_lines_is_exactly_black_and_that_of_thin_ones_what_costs_least():
    thick, thin = make_page().copy(), make_page()
    thick[:, 20:52] = 0
    assert quantize_picture(thick, Settings(n_colors=2)).palette.hex == ["#000000", "#ffffff"]
    assert "#000000" not in quantize_picture(thin, Settings(n_colors=2)).palette.hex


def test_color_that_would_cost_much_is_not_forced():
    image = np.concatenate([np.full((20, 40, 3), 100), np.full((19, 40, 3), 160)]).astype(np.uint8)
    image[30:, ::2] = 250
    assert "#646464" in quantize_picture(image, Settings(n_colors=2)).palette.hex
    assert "#a0a0a0" not in quantize_picture(image, Settings(n_colors=2)).palette.hex


def test_paper_stays_in_a_picture_with_clear_parts():
    page = np.dstack([make_page(), np.full((64, 48), 255, np.uint8)])
    page[:4] = 0
    hexes = quantize_picture(page, Settings(n_colors=3)).palette.hex
    assert {"#00000000", "#ffffffff"} < {code if len(code) == 9 else code + "ff" for code in hexes}


def test_kept_color_is_not_exchanged_for_the_paper_beside_it():
    hexes = quantize_picture(make_page(), Settings(n_colors=2, keep=((250, 250, 250),))).palette.hex
    assert "#fafafa" in hexes


def test_photograph_without_a_frequent_color_is_left_alone(monkeypatch):
    from quantize.pipeline import finding as line

    photo = make_photo()
    found = quantize_picture(photo, Settings(n_colors=8)).palette.hex
    monkeypatch.setattr(line, "settle_exact", lambda palette, histogram, kept, space, n_threads: (palette, kept))
    assert quantize_picture(photo, Settings(n_colors=8)).palette.hex == found
