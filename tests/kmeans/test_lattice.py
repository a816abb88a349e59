import numpy as np
import pytest

from quantize.kmeans.lattice import descend_on_grid


def error(X, centers, weight=1.0):
    return (((X[:, np.newaxis].astype(float) - centers) ** 2).sum(axis=2).min(axis=1) * weight).sum()


def test_centers_step_to_the_nearest_grid_point_of_their_mean():
    X = np.array([[0.0], [1.0], [1.0], [50.0], [53.0], [54.0]])
    assert descend_on_grid(X, [[4.0], [48.0]]).tolist() == [[1.0], [52.0]]


def test_weights_count():
    X = np.array([[0.0], [1.0], [50.0], [54.0]])
    assert descend_on_grid(X, [[4.0], [48.0]], [1, 3, 1, 3]).tolist() == [[1.0], [53.0]]


@pytest.mark.parametrize("step", [1.0, 0.25])
def test_it_beats_rounding_and_stays_on_the_grid(step):
    random = np.random.default_rng(0)
    X = (random.random((5000, 3)) * 12 * step).astype(np.float32)
    rounded = (np.rint(X[:40] / step) * step).astype(np.float32)
    moved = descend_on_grid(X, rounded, step=step)
    assert error(X, moved) < 0.97 * error(X, rounded)
    np.testing.assert_array_equal(moved, np.rint(moved / step) * step)


def test_bounds_hold_and_fixed_centers_stay():
    random = np.random.default_rng(0)
    X = random.normal(size=(2000, 2)) * 10
    start = np.clip(np.rint(X[:10]), -5, 5)
    moved = descend_on_grid(X, start, low=-5, high=5, n_fixed=3)
    assert np.abs(moved).max() <= 5
    np.testing.assert_array_equal(moved[:3], start[:3])


def test_threads_change_no_bit():
    X = np.random.default_rng(0).random((20_000, 3)).astype(np.float32) * 255
    start = np.rint(X[:64])
    one, two = (descend_on_grid(X, start, max_rounds=4, n_jobs=n) for n in (1, 2))
    assert one.tobytes() == two.tobytes()


def test_one_center_has_no_second_and_still_descends():
    assert descend_on_grid([[0.0], [10.0], [12.0]], [[4.0]]).tolist() == [[7.0]]
