"""The best entries of a given palette: by the error that they leave, with names, kept colors and transparency."""

from itertools import combinations

import numpy as np
import pytest

from quantize import Palette, Settings, load_picture
from quantize.color.histogram import count_colors, list_colors
from quantize.color.measure.metrics import measure_error
from quantize.color.palette_choice import choose_entries
from quantize.pipeline.quantize import apply_palette, quantize_picture
from quantize.records.settings import DITHERS, Target
from tests.conftest import make_flat, make_glow, make_photo

NONE = list_colors(())


def make_chart(n, seed=0):
    colors = np.random.default_rng(seed).integers(0, 256, (n, 3), np.uint8)
    return Palette(colors, names=tuple(f"DMC {number}" for number in range(n)), title="dmc")


def error_of(picture, palette, space="rgb"):
    settings = Settings(palette=palette, space=space)
    return measure_error(apply_palette(picture, count_colors(picture), palette, settings))["mse"]


def test_entries_are_the_best_of_all_subsets():
    picture, chart = load_picture(make_photo(32, 32)), make_chart(11)
    chosen = choose_entries(count_colors(picture), chart, 4, NONE, "rgb")
    best = min(error_of(picture, chart.take(np.array(rows))) for rows in combinations(range(11), 4))
    assert error_of(picture, chosen) == pytest.approx(best)


def test_entries_keep_their_names_and_the_order_of_the_file():
    chart = make_chart(60)
    result = quantize_picture(make_photo(), Settings(candidates=chart, n_colors=8))
    rows = [int(name.removeprefix("DMC ")) for name in result.palette.names]
    assert rows == sorted(rows) and len(rows) == 8
    assert (result.palette.colors == chart.colors[rows]).all()
    assert result.palette.title == "dmc"


def test_no_entry_is_chosen_that_no_pixel_has():
    chart = Palette(np.array([[9, 9, 9], [200, 0, 0], [201, 0, 0], [0, 0, 250]], np.uint8))
    chosen = choose_entries(count_colors(load_picture(make_flat([(200, 0, 0), (0, 0, 255)]))), chart, 4, NONE, "rgb")
    assert chosen.hex == ["#c80000", "#0000fa"]


def test_kept_colors_count_and_need_not_be_candidates():
    chart, histogram = make_chart(40), count_colors(load_picture(make_photo()))
    given = tuple(chart.colors[17].tolist())
    chosen = choose_entries(histogram, chart, 6, list_colors((given, (1, 2, 3))), "rgb")
    assert len(chosen) == 6
    assert "DMC 17" in chosen.names
    assert (chosen.hex[-1], chosen.names[-1]) == ("#010203", "")


def test_transparent_pixels_take_an_entry_that_counts():
    picture = load_picture(make_glow())
    for chart in (make_chart(30), Palette(np.vstack([np.zeros((1, 4), np.uint8), np.full((1, 4), 255, np.uint8)]))):
        result = quantize_picture(picture, Settings(candidates=chart, n_colors=5))
        assert len(result.palette) <= 5
        assert (result.palette.colors[:, 3] == 0).sum() == 1
        clear = picture.pixels[..., 3] < 128
        assert (result.pixels[..., 3][clear] == 0).all() and (result.pixels[..., 3][~clear] == 255).all()


def test_opaque_picture_gets_no_transparent_entry():
    chart = Palette(np.array([[0, 0, 0, 0], [128, 128, 128, 100], [10, 10, 10, 200]], np.uint8))
    result = quantize_picture(make_photo(), Settings(candidates=chart, n_colors=3))
    assert result.palette.hex == ["#0a0a0a"]


def test_groups_of_like_colors_choose_nearly_as_well_as_all(monkeypatch):
    picture, chart = load_picture(make_photo()), make_chart(100)
    histogram = count_colors(picture)
    exact = error_of(picture, choose_entries(histogram, chart, 8, NONE, "rgb"))
    monkeypatch.setattr("quantize.color.palette_choice._MOST_COSTS", 100 * 200)
    assert error_of(picture, choose_entries(histogram, chart, 8, NONE, "rgb")) <= 1.03 * exact


@pytest.mark.parametrize("space", ["rgb", "oklab", "lab", "linear"])
def test_entries_are_chosen_in_the_space_of_the_settings(space):
    result = quantize_picture(make_photo(), Settings(candidates=make_chart(60), n_colors=5, space=space))
    assert len(result.palette) == 5


@pytest.mark.parametrize("dither", DITHERS)
def test_every_dither_paints_with_the_chosen_entries(dither):
    result = quantize_picture(make_glow(), Settings(candidates=make_chart(60), n_colors=5, dither=dither))
    assert len(result.palette) == 5
    assert int(result.labels.max()) < 5


@pytest.mark.parametrize("target", [Target("psnr", 18), Target("delta-e", 12), Target("size", 1500)])
def test_target_is_reached_with_entries(target):
    chart = make_chart(60)
    result = quantize_picture(make_photo(), Settings(candidates=chart, target=target))
    search = result.palette.search
    assert search is not None and search["reached"]
    assert {tuple(row) for row in result.palette.colors.tolist()} <= {tuple(row) for row in chart.colors.tolist()}
    assert len(result.palette) < 60
