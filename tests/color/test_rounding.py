"""Rounding of centers to a palette."""

import numpy as np

from quantize.color.rounding import measure_spacing


def test_spacing_is_the_distance_to_the_nearest_other_color():
    rows = np.array([[0, 0], [3, 4], [0, 0], [3, 5]], np.float32)
    assert measure_spacing(rows).tolist() == [5, 1, 5, 1]
    assert measure_spacing(rows[:1]).tolist() == [0]
