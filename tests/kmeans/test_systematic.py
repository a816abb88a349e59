import numpy as np

from quantize.kmeans import draw_systematically


def test_each_item_is_drawn_as_often_as_its_weight_asks_give_or_take_one():
    weight = np.random.default_rng(0).integers(0, 50, 100).astype(float)
    for offset in (0.01, 0.5, 1.0):
        counts = np.bincount(draw_systematically(np.cumsum(weight), 60, offset), minlength=100)
        assert counts.sum() == 60
        assert (np.abs(counts - 60 * weight / weight.sum()) < 1).all()


def test_items_without_weight_are_never_drawn():
    cumulative = np.cumsum([0, 0, 1, 0, 0, 2, 0])
    for offset in (1e-300, 0.25, 0.5, 1.0):
        assert set(draw_systematically(cumulative, 3, offset)) <= {2, 5}


def test_even_weights_are_drawn_in_even_steps():
    assert draw_systematically(np.arange(1, 13), 4).tolist() == [1, 4, 7, 10]
