import numpy as np
import pytest

from quantize.records.srgb import LUMINANCE, decode, lay_on


def test_curve_meets_the_values_of_the_standard() -> None:
    assert decode(np.array([0.0, 0.04045, 128 / 255, 1.0])) == pytest.approx(
        [0, 0.04045 / 12.92, 0.215861, 1], abs=1e-6
    )
    assert LUMINANCE.sum() == pytest.approx(1)


def test_color_is_laid_on_a_ground_by_its_alpha() -> None:
    colors = np.array([[200, 30, 40, 0], [200, 30, 40, 51], [200, 30, 40, 255]], np.uint8)
    assert lay_on(colors, 255).tolist() == [[255, 255, 255], [244, 210, 212], [200, 30, 40]]
    assert lay_on(colors, 0).tolist() == [[0, 0, 0], [40, 6, 8], [200, 30, 40]]
