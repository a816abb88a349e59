"""The stages between pixels and labels, each by hand-made answers."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from quantize import Histogram, Palette, Settings, apply_palette, find_palette, load_picture, quantize_picture
from quantize.color.dither.names import DITHERS
from quantize.color.histogram import count_colors, count_labels, sum_by_label
from quantize.color.measure.metrics import (
    mean_squared_error,
    measure_error,
    measure_everything,
    peak_signal_to_noise_ratio,
)
from quantize.color.remap import find_nearest, look_up, remap
from quantize.color.rounding import make_palette, take_colors
from quantize.color.spaces import SPACES, to_colors, to_points
from quantize.kmeans import EFFORTS
from quantize.records import settings as names
from quantize.records.picture import Picture, coarsen


def rows(*colors):
    return np.array(colors, np.uint8)


def test_names_of_options_are_the_names_of_functions():
    assert tuple(SPACES) == names.SPACES
    assert tuple(DITHERS) == names.DITHERS
    assert tuple(EFFORTS) == names.EFFORTS


def test_histogram_counts_each_unique_color():
    histogram = count_colors(load_picture(rows((5, 6, 7), (1, 2, 3), (5, 6, 7)).reshape(1, 3, 3)))
    assert dict(zip(map(tuple, histogram.colors.tolist()), histogram.counts.tolist(), strict=True)) == {
        (1, 2, 3): 1, (5, 6, 7): 2,
    }  # fmt: skip


def test_large_picture_is_counted_in_strips_with_the_same_result(monkeypatch):
    picture = load_picture(np.random.default_rng(0).integers(0, 4, (40, 50, 3), np.uint8))
    whole = count_colors(picture)
    monkeypatch.setattr("quantize.color.histogram._STRIP", 77)
    strips = count_colors(picture)
    assert (strips.keys == whole.keys).all()
    assert (strips.counts == whole.counts).all()


@pytest.fixture
def too_many(monkeypatch):
    """Let pictures of more than 500 colors be too much to hold."""
    monkeypatch.setattr("quantize.color.histogram._STRIP", 400)
    monkeypatch.setattr("quantize.color.histogram.MOST_COLORS", {False: 500, True: 500})


def noise(channels, size=(40, 50)):
    pixels = np.random.default_rng(3).integers(0, 256, (*size, channels), np.uint8)
    pixels[:8] = 255
    return load_picture(pixels)


@pytest.mark.parametrize("channels", [3, 4])
def test_too_many_colors_are_counted_in_cells_of_which_black_white_and_opaque_are_their_own(too_many, channels):
    picture = noise(channels)
    histogram = count_colors(picture)
    again = count_colors(picture, n_threads=3)
    assert len(histogram) <= 500 and not histogram.is_exact
    assert histogram.total == 2000
    assert (histogram.colors == 255).all(axis=1).sum() == 1
    assert histogram.counts[(histogram.colors == 255).all(axis=1)][0] == 400
    assert (again.keys == histogram.keys).all() and (again.counts == histogram.counts).all()


@pytest.mark.parametrize("channels", [3, 4])
def test_cells_are_whole_cells_of_coarser_ones_and_stay_as_they_are(channels):
    keys = noise(channels).keys.reshape(-1)
    for n_bits in range(2, 8):
        cells = coarsen(keys, n_bits)
        assert (coarsen(cells, n_bits) == cells).all()
        assert (coarsen(coarsen(keys, n_bits + 1), n_bits) == cells).all()
        assert ((keys.view("u1") == 255) == (cells.view("u1") == 255)).all()
        assert abs(cells.view("u1").astype(int) - keys.view("u1")).max() < 256 >> n_bits


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("dither", ["none", "floyd-steinberg", "blue-noise"])
def test_picture_of_too_many_colors_has_its_nearest_entries_and_its_own_error(too_many, channels, dither):
    picture = noise(channels)
    result = quantize_picture(picture, Settings(n_colors=8, dither=dither))
    assert not result.histogram.is_exact
    exact = replace(result, histogram=Histogram(*np.unique(picture.keys, return_counts=True), channels == 4))
    assert measure_error(result)["mse"] == pytest.approx(measure_error(exact)["mse"])
    if dither == "none":
        labels = find_nearest(picture.pixels.reshape(-1, channels), result.palette, "rgb")
        assert (result.labels.reshape(-1) == labels).all()


def test_everything_is_measured_of_a_picture_of_too_many_colors(too_many):
    facts = measure_everything(quantize_picture(noise(4), 8))
    assert facts["ciede2000"]["mean"] > 0
    assert facts["regions"]


def test_sum_of_an_opaque_and_a_transparent_histogram_has_alpha():
    opaque = Histogram(np.array([0x030201], "<u4"), np.array([2]))
    clear = Histogram(np.array([0, 0xFF030201], "<u4"), np.array([5, 1]), has_alpha=True)
    total = opaque + clear
    assert total.colors.tolist() == [[0, 0, 0, 0], [1, 2, 3, 255]]
    assert total.counts.tolist() == [5, 3]


def test_points_are_normalized():
    assert to_points(rows((0, 255, 51)), "rgb")[0] == pytest.approx([0, 1, 0.2])


@pytest.mark.parametrize("space", SPACES)
def test_every_gray_comes_back_from_the_space(space):
    grays = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    assert (to_colors(to_points(grays, space), space) == grays).all()


def test_points_outside_are_clipped():
    assert to_colors(np.array([[-0.1, 1.2, 0.5]]), "rgb").tolist() == [[0, 255, 128]]


def test_palette_is_rounded_without_duplicates_dark_to_light():
    palette = make_palette(np.array([[1, 1, 1], [0.001, 0, 0], [0, 0, 0], [0.2, 0.2, 0.2]]), "rgb")
    assert palette.hex == ["#000000", "#333333", "#ffffff"]


def test_least_opaque_colors_come_first():
    histogram = Histogram(np.array([0, 0x80FFFFFF, 0xFF000000], "<u4"), np.ones(3), has_alpha=True)
    assert take_colors(histogram).hex == ["#00000000", "#ffffff80", "#000000"]


def test_tie_falls_to_the_first_palette_row():
    picture = load_picture(rows((10, 10, 10)).reshape(1, 1, 3))
    labels, _ = remap(picture, count_colors(picture), Palette(rows((8, 10, 10), (12, 10, 10))), Settings())
    assert labels.tolist() == [[0]]


@pytest.mark.parametrize("side", [16, 300])
def test_look_up_by_search_and_by_table_agree(side):
    picture = load_picture(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8))
    histogram = count_colors(picture)
    positions = look_up(picture, histogram, np.arange(len(histogram)))
    assert (histogram.colors[positions] == picture.pixels).all()


def test_mse_is_summed_over_channels_and_averaged_over_pixels():
    colors, palette = rows((0, 0, 0), (10, 20, 30)), rows((10, 20, 30), (1, 2, 3))
    assert mean_squared_error(colors, np.array([3, 1]), np.array([1, 0]), palette) == 14 * 3 / 4


def test_transparent_pixels_of_any_color_are_equal():
    assert mean_squared_error(rows((9, 9, 9, 0)), np.array([1]), np.array([0]), rows((200, 0, 0, 0))) == 0


def test_error_with_alpha_is_the_mean_of_those_on_black_and_on_white():
    # Half of a gray of 100 is 50 on black, and 177.5 on white; gone, it is 0 and 255.
    colors, palette = rows((100, 100, 100, 102), (7, 7, 7, 255)), rows((0, 0, 0, 0), (9, 7, 7, 255))
    on_black, on_white = 3 * 40**2, 3 * (255 - 193) ** 2
    assert mean_squared_error(colors, np.array([1, 3]), np.array([0, 1]), palette) == pytest.approx(
        ((on_black + on_white) / 2 + 3 * 4) / 4
    )


def test_psnr_is_per_channel():
    assert peak_signal_to_noise_ratio(3.0) == pytest.approx(48.1308, abs=1e-4)
    assert peak_signal_to_noise_ratio(0.0) is None


def test_fully_transparent_pixels_are_one_color_whatever_they_hide():
    image = Image.fromarray(rows((9, 9, 9, 0), (200, 0, 0, 0), (1, 2, 3, 255)).reshape(1, 3, 4))
    assert len(count_colors(load_picture(image))) == 2


def test_sums_by_label_are_those_of_bincount(monkeypatch):
    rng = np.random.default_rng(0)
    labels, counts, channel = rng.integers(0, 9, 1000), rng.integers(1, 99, 1000), rng.integers(0, 256, 1000)
    monkeypatch.setattr("quantize.color.histogram._STRIP", 64)
    assert (sum_by_label(labels, 12, counts, channel) == np.bincount(labels, counts * channel, 12)).all()


@pytest.mark.parametrize("n_different", [3, 500])
def test_strips_add_up_whether_colors_repeat_or_not(monkeypatch, n_different):
    pixels = np.resize(np.random.default_rng(0).integers(1 << 24, size=n_different), 500).astype("<u4")
    picture = Picture(pixels.reshape(20, 25))
    whole = count_colors(picture)
    monkeypatch.setattr("quantize.color.histogram._STRIP", 64)
    parts = count_colors(picture)
    assert parts.keys.tolist() == whole.keys.tolist() == sorted(set(pixels.tolist()))
    assert parts.counts.tolist() == whole.counts.tolist()


def test_a_palette_is_found_from_a_sample_where_there_are_more_colors_than_it_takes(monkeypatch):
    picture = load_picture(np.random.default_rng(0).integers(0, 256, (64, 64, 4), np.uint8))
    histogram = count_colors(picture)
    errors = []
    for n_points in (1 << 21, 2048):
        monkeypatch.setattr("quantize.pipeline.finding._MOST_POINTS", n_points)
        palette = find_palette(histogram, Settings(n_colors=8))
        errors.append(measure_error(apply_palette(picture, histogram, palette, Settings()))["mse"])
    assert errors[0] < errors[1] < 1.03 * errors[0]


def test_labels_are_counted_in_little_memory(monkeypatch):
    monkeypatch.setattr("quantize.color.histogram._AT_ONCE", 100)
    labels = np.random.default_rng(0).integers(0, 7, (70, 30)).astype(np.uint8)
    assert count_labels(labels, 9).tolist() == np.bincount(labels.reshape(-1), minlength=9).tolist()


def test_visible_colors_are_all_but_the_clear_one():
    histogram = count_colors(load_picture(np.array([[[0, 0, 0, 0], [1, 2, 3, 4], [9, 9, 9, 255]]], np.uint8)))
    assert histogram.visible.colors.tolist() == [[1, 2, 3, 4], [9, 9, 9, 255]]
    assert histogram.visible.total == 2
    black = count_colors(load_picture(np.zeros((1, 1, 3), np.uint8)))
    assert black.visible is black
