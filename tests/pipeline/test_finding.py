"""The ways to a palette."""

from dataclasses import replace

import numpy as np
import pytest

from quantize import Settings, find_palette, load_picture
from quantize.color.histogram import count_colors
from quantize.records.picture import Histogram
from tests.conftest import make_photo


@pytest.mark.parametrize("effort", ["fast", "best"])
def test_what_is_opaque_beside_what_is_clear_gets_the_palette_that_it_gets_alone(effort):
    image = make_photo().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 20, 9))
    whole = count_colors(load_picture(image))
    alone = Histogram(whole.keys[1:] & np.uint32(0xFFFFFF), whole.counts[1:])
    kept = Settings(n_colors=6, effort=effort, keep=((1, 2, 3),))
    found = find_palette(whole, kept)
    assert found.colors[0].tolist() == [0, 0, 0, 0]
    assert (found.colors[1:, 3] == 255).all()
    assert (found.colors[1:, :3] == find_palette(alone, replace(kept, n_colors=5)).colors).all()
