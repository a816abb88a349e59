"""Colors in the models of CSS: values that its standard and its tests give."""

import numpy as np
import pytest

from quantize.color.models import MODELS, convert_colors
from quantize.color.spaces import SPACES

GREEN = (0, 153, 0)
MOSS = (114, 137, 73)
SAGE = (106, 128, 93)

# Of the web platform tests for css-color, and the demonstration page of V8's developers;
# rec2020, which has changed since, by coloraide.
KNOWN = [
    ("lch", (54, 35, 118), MOSS),
    ("display-p3", (0.465377, 0.532768, 0.317713), MOSS),
    ("rec2020", (0.390819, 0.599529, 0.225537), GREEN),
    ("display-p3", (0.26374, 0.59085, 0.16434), GREEN),
    ("lab", (51.2345, -13.6271, 16.2401), SAGE),
    ("a98-rgb", (0.44091, 0.49971, 0.37408), SAGE),
    ("prophoto-rgb", (0.36589, 0.41717, 0.31333), SAGE),
    ("srgb", (0.41587, 0.503670, 0.36664), SAGE),
    ("oklab", (0.51975, -0.1403, 0.10768), (0, 128, 0)),
    ("oklch", (0.51975, 0.17686, 142.495), (0, 128, 0)),
    ("xyz-d65", (0.07719, 0.15438, 0.02573), (0, 128, 0)),
    ("xyz-d50", (0.08314, 0.154746, 0.020821), (0, 128, 0)),
    ("srgb-linear", (0, 0.21586, 0), (0, 128, 0)),
    ("hsl", (120, 100, 25), (0, 128, 0)),
    ("hwb", (90, 10, 20), (115, 204, 26)),
    ("hwb", (90, 80, 80), (128, 128, 128)),
    ("hsv", (120, 100, 50), (0, 128, 0)),
    ("cmyk", (0, 1, 1, 0.5), (128, 0, 0)),
    ("oklch", (0.637, 0.237, 25.331), (251, 44, 54)),  # Tailwind's red-500, which its page gives as #fb2c36
]


@pytest.mark.parametrize(("model", "values", "color"), KNOWN)
def test_model_gives_the_known_color(model, values, color):
    assert convert_colors(model, np.array([values])).tolist() == [list(color)]


@pytest.mark.parametrize("model", ["lab", "lch", "oklab", "oklch", "hsl", "hwb", "hsv", "xyz-d65", "srgb-linear"])
def test_what_no_screen_shows_is_clipped(model):
    for values in ((1e3, 1e3, 1e3), (-1e3, -1e3, -1e3), (0, 0, 0)):
        assert convert_colors(model, np.array([values])).shape == (1, 3)


@pytest.mark.parametrize("model", [name for name in MODELS if "rgb" in name or name in ("display-p3", "rec2020")])
def test_white_and_black_of_each_rgb_are_those_of_srgb(model):
    assert convert_colors(model, np.array([[1, 1, 1], [0, 0, 0]])).tolist() == [[255] * 3, [0] * 3]


def test_oklab_and_lab_lead_back_to_the_colors_of_our_own_spaces():
    colors = np.random.default_rng(0).integers(0, 256, (50, 3), np.uint8)
    points = SPACES["oklab"].from_srgb(colors).astype(float)
    assert (convert_colors("oklab", points / [1, 2, 2]) == colors).all()
