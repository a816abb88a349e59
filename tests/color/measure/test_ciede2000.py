import numpy as np
import pytest

from quantize.color.measure.ciede2000 import square_ciede2000, to_lab

PUBLISHED = [
    # Some of the pairs in table 1 of the paper that set the formula: rows 1, 4, 7, 9, 11, 17, 20 and 25.
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
]


@pytest.mark.parametrize(("one", "other", "expected"), PUBLISHED)
def test_formula_gives_the_published_differences(one, other, expected):
    pair = (np.array(color, np.float64)[:, np.newaxis] for color in (one, other))
    assert np.sqrt(square_ciede2000(*pair)) == pytest.approx(expected, abs=1e-4)


def test_colors_stand_in_cielab_where_scikit_image_puts_them():
    from skimage.color import rgb2lab

    colors = np.random.default_rng(0).integers(0, 256, (1000, 3), np.uint8)
    expected = rgb2lab(colors / 255)
    for given in (colors, colors.astype(np.float32)):
        assert np.abs(to_lab(given).T - expected).max() < 1e-3


def test_differences_of_8_bit_colors_are_those_of_scikit_image():
    from skimage.color import deltaE_ciede2000, rgb2lab

    rng = np.random.default_rng(0)
    one = rng.integers(0, 256, (20_000, 3), np.uint8)
    other = (one + rng.integers(-20, 21, one.shape)).clip(0, 255).astype(np.uint8)
    expected = deltaE_ciede2000(rgb2lab(one / 255), rgb2lab(other / 255))
    assert np.sqrt(square_ciede2000(to_lab(one), to_lab(other))) == pytest.approx(expected, abs=1e-3)


def test_a_color_does_not_differ_from_itself():
    every = to_lab(np.stack(np.meshgrid(*[np.arange(0, 256, 17)] * 3), axis=-1).reshape(-1, 3).astype(np.uint8))
    assert (square_ciede2000(every, every) == 0).all()
