"""The search for a number of colors, on costs made by formulas, and on pictures."""

import math

import numpy as np
import pytest
from PIL import Image

from quantize import Palette, Settings, load_picture, quantize_picture
from quantize.color.histogram import count_colors, draw_colors
from quantize.color.measure.quality import delta_e, psnr, ssim
from quantize.color.sketch import SKETCHES, sketch_bands
from quantize.errors import InputError
from quantize.pipeline.choose import COSTS, RISING, choose_n_colors
from quantize.pipeline.target import MEASURES
from quantize.records.settings import TARGETS, Target
from tests.conftest import make_flat, make_photo


class Counted:
    """A cost by a formula that remembers what it was asked."""

    def __init__(self, formula):
        self.formula = formula
        self.asked = []

    def __call__(self, n_colors):
        self.asked.append(n_colors)
        return self.formula(n_colors)


@pytest.mark.parametrize("exponent", [0.3, 0.85, 1.5])
@pytest.mark.parametrize("wanted", [2, 3, 5, 16, 17, 30, 64, 99, 256])
@pytest.mark.parametrize("factor", [1, 1.3, 0.8])
def test_fewest_colors_of_a_power_law_are_found_in_three_measurements(exponent, wanted, factor):
    measure = Counted(lambda k: k**-exponent)
    choice = choose_n_colors(measure, lambda k: factor * k**-exponent, (wanted - 0.01) ** -exponent)
    assert choice.reached
    assert wanted <= choice.n_colors <= max(wanted, 1.02 * wanted)
    assert len(measure.asked) <= 3


@pytest.mark.parametrize("wanted", [2, 7, 16, 40, 200])
def test_most_colors_within_a_rising_cost_are_found(wanted):
    measure = Counted(lambda k: 900 * k**0.4)
    choice = choose_n_colors(measure, lambda k: 700 * k**0.4, 900 * (wanted + 0.01) ** 0.4, rises=True, n_trials=4)
    assert choice.reached
    assert wanted / 1.02 <= choice.n_colors <= wanted
    assert len(measure.asked) <= 4


def test_sketch_that_is_wrong_costs_a_measurement_and_not_the_answer():
    measure = Counted(lambda k: k**-0.5)
    choice = choose_n_colors(measure, lambda k: 3 * k**-0.4, 40**-0.5, n_trials=4)
    assert 40 <= choice.n_colors <= 44
    assert len(measure.asked) <= 4


def test_scatter_never_lets_a_missed_limit_pass_for_reached():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        costs = np.arange(1, 300.0) ** -0.4 * rng.normal(1, 0.02, 299)
        limit = float(rng.uniform(0.12, 0.6))
        measure = Counted(lambda k, costs=costs: float(costs[k]))
        choice = choose_n_colors(measure, lambda k: 0.9 * k**-0.4, limit)
        assert choice.reached == (costs[choice.n_colors] <= limit)
        assert choice.n_colors in measure.asked
        assert len(measure.asked) <= 5


def test_limit_out_of_reach_ends_with_the_number_that_comes_nearest():
    assert choose_n_colors(lambda k: 1 / k, lambda k: 1 / k, 1e-9) == (256, False)
    assert choose_n_colors(lambda k: 100 * k, lambda k: 100 * k, 5, rises=True) == (2, False)


def test_range_is_obeyed():
    assert choose_n_colors(lambda k: 1 / k, lambda k: 1 / k, 1, least=7) == (7, True)
    assert choose_n_colors(lambda k: 1 / k, lambda k: 1 / k, 1 / 90, most=80) == (80, False)
    assert choose_n_colors(lambda k: 1 / k, lambda k: 1 / k, 1, least=3, most=3) == (3, True)


def test_cost_of_nothing_is_no_error():
    choice = choose_n_colors(lambda k: max(0, 70 - k), lambda k: max(0, 70 - k), 0)
    assert choice.reached
    assert choice.n_colors >= 70


def test_names_of_targets_are_the_names_of_functions():
    assert set(TARGETS) == set(MEASURES) == set(COSTS) == set(SKETCHES)
    assert set(TARGETS) >= RISING


def test_colors_are_drawn_in_proportion_to_their_counts():
    histogram = count_colors(load_picture(make_photo(64, 64)))
    drawn = draw_colors(histogram, 1000)
    assert drawn.counts.sum() == 1000
    expected = 1000 * histogram.counts / histogram.counts.sum()
    kept = np.searchsorted(histogram.keys, drawn.keys)
    assert (abs(drawn.counts - expected[kept]) < 1).all()
    missing = np.setdiff1d(np.arange(len(histogram)), kept)
    assert (expected[missing] < 1).all()
    assert draw_colors(histogram, 10**6) is histogram


def test_bands_are_whole_rows_from_everywhere():
    pixels = np.zeros((3000, 100, 3), np.uint8)
    pixels[..., 0] = np.arange(3000)[:, None] // 12
    picture = load_picture(pixels)
    bands = sketch_bands(picture, count_colors(picture)).picture
    assert bands.size == (100, 640)
    rows = bands.pixels[:, 0, 0].astype(int)
    assert rows.min() < 12
    assert rows.max() > 238


def test_ssim_and_color_difference_are_those_of_scikit_image():
    from skimage.color import deltaE_ciede2000, rgb2lab
    from skimage.metrics import structural_similarity

    result = quantize_picture(make_photo(), Settings(n_colors=5))
    before, after = result.picture.pixels, result.pixels
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    assert ssim(result) == pytest.approx(structural_similarity(before, after, channel_axis=-1, **options), abs=1e-6)
    assert delta_e(result) == pytest.approx(deltaE_ciede2000(rgb2lab(before), rgb2lab(after)).mean(), rel=1e-5)


def test_measures_of_an_unchanged_picture_are_the_best_there_are():
    result = quantize_picture(make_flat([(1, 2, 3), (200, 0, 0)], 16, 16), Settings())
    assert (psnr(result), ssim(result), delta_e(result)) == (math.inf, 1, 0)


def test_fully_transparent_pixels_differ_in_nothing():
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 4), np.uint8)
    pixels[..., 3] = np.where(np.arange(16) < 8, 0, 255)
    palette = Palette(np.unique(pixels[:, 8:].reshape(-1, 4), axis=0))
    result = quantize_picture(pixels, Settings(palette=palette))
    assert (psnr(result), ssim(result), delta_e(result)) == (math.inf, 1, 0)


SOME = [Target("psnr", 26), Target("psnr", 33), Target("delta-e", 5), Target("ssim", 0.8)]


@pytest.mark.parametrize("target", SOME, ids=str)
def test_target_is_reached_by_a_palette_that_fewer_colors_could_not_give(target):
    image, settings = make_photo(64, 64), Settings(target=target, effort="fast")
    result = quantize_picture(image, settings)
    search = result.palette.search
    assert search["reached"]
    n_colors = len(result.palette)
    value = MEASURES[target.measure](result)
    assert value == search["value"]
    assert value >= target.value if target.measure in ("psnr", "ssim") else value <= target.value
    fewer = quantize_picture(image, Settings(n_colors=int(0.95 * n_colors - 0.5), effort="fast"))
    missed = MEASURES[target.measure](fewer)
    assert missed < target.value if target.measure in ("psnr", "ssim") else missed > target.value


def test_palette_of_a_target_is_the_palette_of_its_number():
    image = make_photo(64, 64)
    found = quantize_picture(image, Settings(target=Target("psnr", 27)))
    given = quantize_picture(image, Settings(n_colors=len(found.palette)))
    assert (found.palette.colors == given.palette.colors).all()


def test_size_is_kept_and_used():
    result = quantize_picture(make_photo(64, 64), Settings(target=Target("size", 2000), effort="fast"))
    assert result.palette.search["reached"]
    assert 1800 < MEASURES["size"](result) <= 2000


@pytest.mark.parametrize("n", [1, 2, 64])
def test_picture_with_few_colors_gets_exactly_those(n):
    colors = np.random.default_rng(n).integers(1 << 24, size=n)
    image = make_flat([(c >> 16, c >> 8 & 255, c & 255) for c in colors.tolist()], height=n)
    result = quantize_picture(image, Settings(target=Target("delta-e", 20)))
    assert len(result.palette) == n
    assert (result.pixels == np.asarray(image)).all()
    assert result.palette.search["reached"]


def test_small_size_is_kept_even_by_a_picture_with_few_colors():
    image = Image.fromarray(np.random.default_rng(0).integers(0, 4, (64, 64, 3), np.uint8) * 60)
    result = quantize_picture(image, Settings(target=Target("size", 1000)))
    assert result.palette.search["reached"]
    assert 2 <= len(result.palette) < 64


def test_curve_tells_what_was_seen_in_order():
    curve = quantize_picture(make_photo(), Settings(target=Target("delta-e", 4), effort="fast")).palette.search["curve"]
    assert [point["colors"] for point in curve] == sorted(point["colors"] for point in curve)
    assert all(point["mse"] > 0 and point["delta_e"] > 0 and point["ssim"] is None for point in curve)
    assert {point["sketched"] for point in curve} == {True, False}


def test_ssim_of_a_picture_smaller_than_its_window_is_a_sentence():
    with pytest.raises(InputError, match="is 48x10, too small for ssim, which compares windows of 11x11"):
        quantize_picture(make_photo(48, 10), Settings(target=Target("ssim", 0.9)))


@pytest.mark.parametrize("most", [2, 16, 200, 256])
def test_where_all_colors_fit_all_are_taken(most):
    choice = choose_n_colors(lambda n: n**0.4, lambda n: n**0.4, 1e9, rises=True, most=most)
    assert choice == (most, True)
