import numpy as np
import pytest
from skimage.metrics import structural_similarity

from quantize import Palette, Settings, apply_palette, load_picture, quantize_picture
from quantize.color.dither.names import DITHERS
from quantize.color.histogram import count_colors
from quantize.color.measure import ssim as similarity
from quantize.color.measure.metrics import LEVELS, map_ciede2000, measure_everything, measure_loss
from quantize.color.measure.worst_regions import find_regions
from quantize.records.settings import REPORTS
from tests.conftest import make_photo


def apply(image, palette):
    picture = load_picture(np.asarray(image))
    return apply_palette(picture, count_colors(picture), Palette(np.array(palette, np.uint8)), Settings())


GRAYS = [(40, 40, 40), (120, 120, 120), (220, 220, 220)]


def test_levels_are_those_of_the_option():
    assert tuple(LEVELS) == REPORTS


def test_level_none_measures_nothing():
    assert LEVELS["none"](apply(make_photo(), GRAYS)) is None


def test_full_says_the_same_as_basic_and_more():
    quantized = apply(make_photo(), GRAYS)
    basic, full = measure_loss(quantized), measure_everything(quantized)
    more = {"lost", "ssim", "regions"}
    assert {key: basic[key] for key in basic.keys() - more} == {key: full[key] for key in full.keys() - more}
    assert [basic[key] for key in ("ssim", "regions")] == [None, None]
    assert all(full[key] is not None for key in more)


def test_pairs_of_a_dither_measure_as_the_pixels_do(monkeypatch):
    # A dither that gives one color several rows.
    def alternate(picture, histogram, palette, settings):
        labels = np.indices(picture.keys.shape).sum(axis=0) % len(palette)
        return labels.astype(np.uint8), None

    monkeypatch.setitem(DITHERS, "none", alternate)
    image = np.asarray(make_photo())
    quantized = apply(image, GRAYS)
    error = measure_everything(quantized)
    difference = image.astype(float) - quantized.pixels
    assert error["mse"] == pytest.approx((difference**2).sum(axis=-1).mean())
    assert error["ciede2000"]["mean"] == pytest.approx(map_ciede2000(quantized).mean(), rel=1e-5)


def test_colors_that_a_sample_of_the_pairs_leaves_out_are_measured_too(monkeypatch):
    image = np.asarray(make_photo()) // 2
    image[0, 1] = 255  # between two pixels of the sample
    monkeypatch.setattr("quantize.color.measure.metrics._MOST_PAIRS", 10)
    monkeypatch.setattr("quantize.color.measure.metrics._PAIRED", 100)
    monkeypatch.setattr("quantize.color.measure.metrics._SAMPLE", image[..., 0].size // 4)
    picture = load_picture(image)
    result = quantize_picture(picture, Settings(n_colors=4, dither="bayer"))
    assert measure_everything(result)["regions"]


def test_map_has_the_difference_of_each_pixel():
    image = np.full((20, 20, 3), 40, np.uint8)
    image[3, 4] = (255, 0, 0)
    errors = map_ciede2000(apply(image, GRAYS))
    assert np.flatnonzero(errors).tolist() == [3 * 20 + 4]


@pytest.mark.parametrize("widest", [20, 100])
def test_ssim_is_that_of_the_whole_picture_although_it_is_measured_in_strips(monkeypatch, widest):
    """A picture that is wide and low is cut into strips of columns: those of rows would hold all of it."""
    image = np.asarray(make_photo(50, 40))
    quantized = apply(image, GRAYS)
    expected = structural_similarity(
        image, quantized.pixels, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        data_range=255, channel_axis=-1,
    )  # fmt: skip
    assert similarity.measure_ssim(quantized) == pytest.approx(expected, abs=1e-6)
    monkeypatch.setattr(similarity, "_STRIP", 40 * 7)
    monkeypatch.setattr(similarity, "_WIDEST", widest)
    shapes, compare = [], similarity._ssim
    monkeypatch.setattr(similarity, "_ssim", lambda *pair: shapes.append(pair[0].shape) or compare(*pair))
    assert similarity.measure_ssim(quantized) == pytest.approx(expected, abs=1e-6)
    assert {shape[1] for shape in shapes} == {50 if widest == 100 else 40}


@pytest.mark.parametrize("size", [(10, 40), (40, 10), (1, 1)])
def test_ssim_of_a_picture_smaller_than_its_window_is_none(size):
    assert similarity.measure_ssim(apply(make_photo(*size), GRAYS)) is None


def test_ssim_of_an_unchanged_picture_is_one():
    image = np.resize(np.array(GRAYS, np.uint8), (12, 12, 3))
    assert similarity.measure_ssim(apply(image, GRAYS)) == 1


def test_ssim_sees_alpha():
    image = np.zeros((16, 16, 4), np.uint8)
    image[:, 8:] = (0, 0, 0, 200)
    palette = [(0, 0, 0, 0), (0, 0, 0, 120)]
    assert 0 < similarity.measure_ssim(apply(image, palette)) < 0.99


def test_worst_regions_are_blocks_of_32_with_their_neighbors_joined():
    errors = np.zeros((150, 640), np.float32)
    errors[10:20, 20:40] = 16
    errors[100:150, 608:640] = 9
    assert find_regions(errors) == [
        {"box": {"x": 608, "y": 96, "width": 32, "height": 54, "frame": 0}, "ciede2000": pytest.approx(9 * 50 / 54)},
        {"box": {"x": 0, "y": 0, "width": 64, "height": 32, "frame": 0}, "ciede2000": 16 * 10 * 20 / (32 * 64)},
    ]


def test_region_names_its_frame():
    errors = np.zeros((3, 20, 20), np.float32)
    errors[1] = 2
    assert find_regions(errors) == [{"box": {"x": 0, "y": 0, "width": 20, "height": 20, "frame": 1}, "ciede2000": 2}]


def test_no_region_is_worst_where_nothing_was_lost():
    assert find_regions(np.zeros((64, 64), np.float32)) == []


def test_at_most_ten_regions_are_told_the_worst_first():
    errors = np.random.default_rng(0).exponential(1, (1024, 1024)).astype(np.float32)
    errors[::128, ::128] = 5000
    regions = find_regions(errors)
    means = [region["ciede2000"] for region in regions]
    assert len(regions) == 10
    assert means == sorted(means, reverse=True)


def test_a_twentieth_of_the_blocks_are_the_worst():
    errors = np.repeat(np.repeat(np.arange(100).reshape(10, 10), 32, axis=0), 32, axis=1)
    [region] = find_regions(errors)
    assert region == {"box": {"x": 160, "y": 288, "width": 160, "height": 32, "frame": 0}, "ciede2000": 97}


def test_dithered_picture_is_judged_after_the_blur_too():
    ramp = np.repeat(np.linspace(0, 255, 48).astype(np.uint8)[None, :, None], 3, axis=2).repeat(32, axis=0)
    plain, dithered = (
        quantize_picture(ramp, Settings(n_colors=2, dither=dither)) for dither in ("none", "floyd-steinberg")
    )
    assert measure_everything(plain)["blurred"] is None
    assert measure_loss(dithered)["blurred"]["ciede2000"] is None
    facts = measure_everything(dithered)
    assert facts["blurred"]["psnr"] > facts["psnr"] + 3
    assert facts["blurred"]["ciede2000"]["mean"] < 0.7 * facts["ciede2000"]["mean"]
