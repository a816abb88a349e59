import numpy as np
import pytest

from quantize import Palette, Settings, quantize_picture
from quantize.color.swatch_order import SORTS


def order(name, *colors):
    row = np.repeat(np.array(colors, np.uint8), range(1, len(colors) + 1), axis=0)[None]
    quantized = quantize_picture(row, Settings(palette=Palette(np.array(colors, np.uint8), title="x")))
    return [colors[index] for index in SORTS[name](quantized)]


RED, DARK_RED, GREEN, BLUE = (220, 20, 30), (90, 5, 10), (20, 160, 40), (20, 40, 200)
WHITE, GRAY, BLACK = (255, 255, 255), (128, 127, 125), (0, 0, 0)


def test_commonest_color_comes_first():
    assert order("share", RED, GREEN, BLUE) == [BLUE, GREEN, RED]


def test_darkest_color_comes_first():
    assert order("lightness", WHITE, RED, BLACK, DARK_RED) == [BLACK, DARK_RED, RED, WHITE]


def test_hues_stand_together_from_dark_to_light_and_grays_before_them():
    assert order("hue", RED, BLUE, WHITE, GREEN, DARK_RED, GRAY, BLACK) == [
        BLACK, GRAY, WHITE, DARK_RED, RED, GREEN, BLUE,
    ]  # fmt: skip


@pytest.mark.parametrize("name", SORTS)
def test_every_color_has_one_place(name):
    colors = np.random.default_rng(0).integers(0, 256, (40, 4))
    quantized = quantize_picture(colors.astype(np.uint8)[None], Settings(n_colors=40))
    assert sorted(SORTS[name](quantized)) == list(range(len(quantized.palette)))
