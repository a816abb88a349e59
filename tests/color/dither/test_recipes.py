"""Recipes of colors: what they come to, in cells and alone."""

import numpy as np
import pytest

from quantize import Palette, Settings
from quantize.color.dither import recipes
from quantize.color.dither.mixtures import find_mixtures
from quantize.color.dither.recipes import list_recipes
from quantize.color.histogram import pack_colors
from quantize.records.picture import Histogram
from tests.color.dither.conftest import dither, make_vignette
from tests.conftest import make_photo


@pytest.mark.parametrize("n_entries", [9, 13, 40])
def test_no_color_of_a_cell_is_far_off_its_own_mixture(n_entries):
    """Followed from the cell's mixture alone, single colors are off by 20 to 100 levels."""
    rng = np.random.default_rng(1)
    entries = rng.integers(0, 256, (n_entries, 3), np.uint8)
    levels = np.arange(0, 256, 12)
    colors = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    keys = np.sort(pack_colors(np.uint8(colors)))
    histogram = Histogram(keys, np.ones(len(keys)))
    found = list_recipes(histogram, Palette(entries), Settings(dither_strength=1))
    ends = np.pad(found.ends.astype(float), ((0, 0), (1, 1)), constant_values=((0, 0), (0, 255)))
    rows = found.rows[np.minimum(found.firsts[:, np.newaxis] + np.arange(5), len(found.rows) - 1)]
    means = (np.diff(ends)[..., np.newaxis] / 255 * entries[rows]).sum(axis=1)
    alone = find_mixtures(histogram.colors.astype(float), entries.astype(float), recipes._LEAST_NOISE)
    expected = np.einsum("sn,snd->nd", alone.weights, entries[alone.rows])
    off = np.linalg.norm(means - expected, axis=1)
    assert off.max() < 25
    assert off.mean() < 1


@pytest.mark.parametrize("n_channels", [3, 4])
def test_few_and_many_colors_are_mixed_alike(n_channels):
    """Many share the mixtures of their cells; a picture with few colors gives each its own."""
    photo = make_vignette(64)[..., :n_channels]
    colors = [[20, 20, 20, 255], [200, 60, 60, 150], [60, 200, 60, 90], [60, 60, 200, 210], [230, 230, 230, 255]]
    found = []
    for few in (1 << 24, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(recipes, "_FEW_COLORS", few)
            patch.setattr(recipes, "_SOFT_CELLS", 700)
            found.append(dither("bayer", photo, [color[:n_channels] for color in colors], dither_strength=1))
    own, shared = found
    assert 0 < (own != shared).mean() < 0.1


def test_recipes_are_those_of_their_cells_where_coarser_ones_go_before(monkeypatch):
    photo = make_photo(64, 64)
    colors = [[20, 20, 20], [200, 60, 60], [60, 200, 60], [60, 60, 200], [230, 230, 230]]
    plain = dither("bayer", photo, colors, dither_strength=1)
    monkeypatch.setattr(recipes, "_MANY_CELLS", 50)
    assert (dither("bayer", photo, colors, dither_strength=1) == plain).all()


def test_colors_that_have_a_cell_each_get_their_own_recipes(monkeypatch):
    """As those of consoles, of 5 bits a channel: there are as many cells as colors, in another order."""
    levels = np.arange(4, 256, 16)
    colors = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 64, 3).astype(np.uint8)
    entries = np.random.default_rng(0).integers(0, 256, (40, 3), np.uint8)
    found = dither("bayer", colors, entries, dither_strength=1)
    monkeypatch.setattr(recipes, "_FEW_COLORS", 1 << 24)
    assert (found != dither("bayer", colors, entries, dither_strength=1)).mean() < 0.02
