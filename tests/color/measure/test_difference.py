import numpy as np
import pytest

from quantize.color.measure.ciede2000 import square_ciede2000, to_lab
from quantize.color.measure.difference import (
    ciede2000_difference,
    lay_on_black_and_white,
    summarize_differences,
    to_oklab,
)


def colors(*rows):
    return np.array(rows, np.uint8)


def test_black_to_white_is_one_hundred_without_the_light_of_the_screen():
    black, white = to_oklab(colors((0, 0, 0), (255, 255, 255)))
    assert white == pytest.approx([100, 0, 0], abs=0.01)
    assert black == pytest.approx([100 * (0.01 / 1.01) ** (1 / 3), 0, 0], abs=0.01)


def test_red_lies_where_oklab_has_it_with_a_and_b_doubled():
    # Ottosson's table for linear red, (1, 0, 0): L 0.628, a 0.225, b 0.126; the flare moves it by little.
    assert to_oklab(colors((255, 0, 0)))[0] == pytest.approx([62.8, 45.0, 25.2], abs=4)


def test_nearly_black_colors_hardly_differ():
    black, nearly = to_oklab(colors((0, 0, 0), (3, 3, 3)))
    assert np.linalg.norm(nearly - black) < 1


def test_differences_follow_the_labels_over_many_chunks():
    rng = np.random.default_rng(0)
    many, palette = rng.integers(0, 256, (70_000, 3), np.uint8), rng.integers(0, 256, (5, 3), np.uint8)
    labels = rng.integers(0, 5, len(many))
    expected = np.sqrt(square_ciede2000(to_lab(many), to_lab(palette[labels])))
    assert ciede2000_difference(many, labels, palette) == pytest.approx(expected, rel=1e-4)


def test_opaque_colors_measure_the_same_with_and_without_alpha():
    one, other = colors((200, 30, 40), (1, 2, 3)), colors((190, 60, 40), (40, 50, 60))
    plain = ciede2000_difference(one, np.array([0, 1]), other)
    opaque = np.full((2, 1), 255, np.uint8)
    assert ciede2000_difference(
        np.hstack([one, opaque]), np.array([0, 1]), np.hstack([other, opaque])
    ) == pytest.approx(plain)


def test_fully_transparent_colors_are_equal_and_half_transparent_ones_are_not():
    one = colors((0, 0, 0, 0), (0, 0, 0, 128))
    differences = ciede2000_difference(one, np.array([0, 0]), colors((255, 0, 0, 0)))
    assert differences[0] == 0
    assert differences[1] > 10


def test_a_color_with_alpha_looks_as_laid_on_black_and_on_white():
    black, white = lay_on_black_and_white(colors((200, 100, 0, 51)))
    assert black.tolist() == [[40, 20, 0]]
    assert white.tolist() == [[244, 224, 204]]


@pytest.mark.parametrize("scale", [1.0, 1e-3, 50.0])
def test_spread_is_that_of_the_pixels(scale):
    rng = np.random.default_rng(1)
    differences, counts = rng.exponential(scale, 3000).astype(np.float32), rng.integers(1, 50, 3000)
    pixels = np.repeat(differences, counts)
    assert summarize_differences(differences, counts) == pytest.approx(
        {"mean": pixels.mean(), "p95": np.percentile(pixels, 95, method="inverted_cdf"), "max": pixels.max()}, rel=1e-5
    )


def test_spread_of_no_difference_is_nothing():
    assert summarize_differences(np.zeros(3, np.float32), np.array([1, 2, 3])) == {"mean": 0, "p95": 0, "max": 0}
