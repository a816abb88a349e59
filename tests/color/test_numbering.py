"""Numbers of colors: by a table, they are those of a search."""

import numpy as np
import pytest

from quantize import load_picture
from quantize.color.histogram import count_colors
from quantize.color.numbering import TABLE_PIXELS, make_numbering


@pytest.mark.parametrize("colors", [[[0, 0, 0]], [[255, 255, 255]], [[255, 0, 0], [0, 1, 0], [255, 255, 0], [0, 0, 1]]])
@pytest.mark.parametrize("n_pixels", [0, TABLE_PIXELS])
def test_every_color_has_its_own_number(colors, n_pixels):
    picture = load_picture(np.array([colors], np.uint8))
    histogram = count_colors(picture)
    found = make_numbering(histogram, n_pixels)(picture.keys.reshape(-1))
    assert (histogram.colors[found] == colors).all()


def test_colors_of_a_full_block_and_of_its_neighbors_are_told_apart():
    """All values of red beside one green and blue, which a byte just counts."""
    reds = np.zeros((3, 256, 3), np.uint8)
    reds[..., 0], reds[1, :, 1], reds[2, :, 2] = np.arange(256), 255, 1
    picture = load_picture(reds)
    found = make_numbering(count_colors(picture), TABLE_PIXELS)(picture.keys)
    assert found.tolist() == np.arange(768).reshape(3, 256).tolist()
