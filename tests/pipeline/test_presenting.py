"""A result's page, and the watched search that it shows."""

import numpy as np
import pytest

import quantize
from quantize import Settings, quantize_picture
from quantize.pipeline.presenting import watch_search
from tests.conftest import make_flat, make_photo


@pytest.mark.parametrize("space", ["rgb", "oklab"])
def test_watched_search_ends_in_the_palette_itself(space):
    result = quantize_picture(make_photo(), Settings(n_colors=6, space=space))
    steps = watch_search(result)
    assert steps[0].stage == "seed"
    assert len({step.stage for step in steps}) > 1
    assert {*map(bytes, steps[-1].centers)} == {*map(bytes, result.palette.colors)}


def test_a_picture_of_few_colors_was_not_searched_and_has_a_page_all_the_same():
    result = quantize_picture(make_flat([(255, 0, 0), (0, 0, 255)]))
    assert watch_search(result) == []
    page = quantize.render_page(result)
    assert "none: every pixel is as it was" in page
    assert 'id="steps"' not in page


@pytest.mark.parametrize("settings", [Settings(n_colors=3, dither="bayer"), Settings(n_colors=3, keep=((1, 2, 3),))])
def test_transparent_pictures_have_pages_too(settings):
    pixels = np.dstack([np.asarray(make_photo(32, 32)), np.tile(np.arange(0, 256, 8, dtype=np.uint8), (32, 1))])
    result = quantize_picture(pixels, settings)
    assert all(step.centers.shape == (3, 4) for step in watch_search(result))
    assert 'id="steps"' in quantize.render_page(result)
