"""Colors of many pictures, counted one at a time."""

import numpy as np
import pytest

from quantize import InputError, count_colors
from quantize.color.histogram import add_up
from tests.conftest import make_photo


def test_a_series_counts_as_its_frames_together():
    frames = [np.asarray(make_photo(seed=seed)) for seed in range(5)]
    together = count_colors(np.concatenate(frames))
    for series in (iter(frames), frames, np.stack(frames)):
        histogram = count_colors(series)
        assert (histogram.keys == together.keys).all()
        assert (histogram.counts == together.counts).all()


def test_one_frame_is_held_at_a_time():
    alive = []

    class Frame(np.ndarray):
        def __del__(self):
            alive.remove(1)

    def read_frames():
        for level in range(50):
            alive.append(1)
            assert len(alive) <= 2, "the one that is counted, and the one that comes"
            yield np.full((4, 4, 3), level, np.uint8).view(Frame)

    assert len(count_colors(read_frames())) == 50


def test_sum_holds_a_few_histograms_at_a_time(monkeypatch):
    sizes = []
    plain = count_colors(np.zeros((2, 2, 3), np.uint8))
    monkeypatch.setattr(type(plain), "__add__", lambda one, other: sizes.append((len(one), len(other))) or one)
    add_up(plain for _ in range(1000))
    assert len(sizes) == 999


def test_no_picture_is_a_sentence():
    with pytest.raises(InputError, match="no picture to count"):
        count_colors([])


def test_one_picture_is_no_series(photo):
    assert count_colors(photo).total == count_colors(np.asarray(make_photo())).total == 48 * 32
