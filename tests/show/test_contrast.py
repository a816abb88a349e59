import numpy as np
import pytest

from quantize.show.contrast import MIN_CONTRAST, contrast_of, contrasting, measure_luminance


def test_luminance_of_the_primaries_is_that_of_the_guidelines():
    found = measure_luminance([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)])
    assert found.tolist() == pytest.approx([0.2126, 0.7152, 0.0722, 1, 0])


def test_contrast_goes_from_1_to_21_whichever_comes_first():
    assert (contrast_of(0, 1), contrast_of(1, 0), contrast_of(0.3, 0.3)) == (21, 21, 1)


def test_text_stands_out_on_every_gray():
    for gray in range(256):
        luminances = measure_luminance(np.array([[gray] * 3, contrasting((gray,) * 3)]))
        assert contrast_of(*luminances) >= MIN_CONTRAST
