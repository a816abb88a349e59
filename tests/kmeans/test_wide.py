import numpy as np
import pytest
from sklearn.datasets import load_digits

from quantize.kmeans import MiniBatchKMeans, wide
from quantize.kmeans.sampling import Cloud, gather_points
from quantize.kmeans.wide import WidePoints

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(900, 20)) + RANDOM.integers(0, 6, (900, 1)) * 3
WEIGHT = RANDOM.integers(0, 4, len(X)).astype(float)


def make_points(dtype=float, weight=None):
    points = gather_points(X.astype(dtype), np.arange(len(X)), X[0].astype(dtype), weight)
    assert isinstance(points, WidePoints)
    return points


def distances_by_the_definition(centers):
    return ((X[:, np.newaxis] - X[0] - centers) ** 2).sum(axis=2)


@pytest.mark.parametrize("k", [1, 2, 7, 50, 90])
@pytest.mark.parametrize("weight", [None, WEIGHT])
def test_looks_one_after_the_other_find_what_each_finds_alone(k, weight):
    points, centers = make_points(weight=weight), RANDOM.normal(size=(k, 20)) * 5
    for step in range(12):
        labels, moments = points.assign(centers)
        np.testing.assert_array_equal(labels, distances_by_the_definition(centers).argmin(axis=1))
        w = np.ones(len(X)) if weight is None else weight
        np.testing.assert_allclose(moments.weight, np.bincount(labels, w, k))
        sums = [(w * column) @ np.eye(k)[labels] for column in (X - X[0]).T]
        np.testing.assert_allclose(moments.sums.T, sums, atol=1e-9)
        error = (distances_by_the_definition(centers).min(axis=1) * w).sum()
        assert points.error(moments, centers) == pytest.approx(error)
        centers = moments.means(otherwise=centers) + RANDOM.normal(size=centers.shape) * 0.5**step
        if step == 6:
            centers[0] = X[5] - X[0]  # one jumps, as in an exchange


def test_points_whose_label_is_certain_are_not_read_again(monkeypatch):
    read, find = [], wide.find_two_nearest
    monkeypatch.setattr(wide, "find_two_nearest", lambda *both: read.append(both[1].shape[1]) or find(*both))
    points, centers = make_points(), X[:6] - X[0]
    points.assign(centers)
    assert sum(read) == len(X)
    read.clear()
    points.assign(centers)
    assert sum(read) == 0
    points.assign(centers + 0.01)
    assert 0 < sum(read) < len(X) / 4
    read.clear()
    points.assign(centers[:5])
    assert sum(read) == len(X), "other centers"


def test_points_between_two_centers_go_to_the_first_however_often_one_looks():
    rows = np.zeros((4, 10))
    rows[:, 0] = [0, 1, 2, 3]
    points = gather_points(rows, np.arange(4), rows[0])
    centers = rows[[1, 1, 3]]
    for _ in range(3):
        assert points.assign(centers)[0].tolist() == [0, 0, 0, 2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_two_layouts_give_the_same_pieces(dtype):
    points, centers = make_points(dtype), X[:3].astype(dtype)
    which, labels = np.array([5, 0, 7]), np.array([2, 0, 2])
    np.testing.assert_allclose(points.pick(which), points.coordinates[:, which])
    np.testing.assert_allclose(points.spread(centers, labels), centers[labels].T, rtol=1e-7)
    expected = ((X - X[which, np.newaxis]) ** 2).sum(axis=2)
    np.testing.assert_allclose(points.measure_from()(which), expected, rtol=1e-4, atol=1e-3)
    part = points.select(points.coordinates[0] > 0)
    np.testing.assert_array_equal(part.coordinates, points.coordinates[:, points.coordinates[0] > 0])


def test_the_variance_is_that_of_the_definition_in_few_and_in_many_dimensions():
    for d in (2, 20):
        expected = np.average((X[:, :d] - np.average(X[:, :d], axis=0, weights=WEIGHT)) ** 2, axis=0, weights=WEIGHT)
        assert Cloud(X[:, :d], WEIGHT).variance == pytest.approx(expected.mean())


def test_digits_end_as_near_as_one_start_of_scikit_learn():
    inertias = [MiniBatchKMeans(10, random_state=seed).fit(load_digits().data).inertia_ for seed in range(5)]
    assert np.median(inertias) <= 1_171_294  # the median of 21 seeds of its KMeans(10, n_init=1)


def test_many_separate_clusters_are_all_found_though_rounds_are_few():
    places = RANDOM.normal(size=(60, 12)) * 20
    cloud = np.repeat(places, 30, axis=0) + RANDOM.normal(size=(1800, 12))
    assert MiniBatchKMeans(60, random_state=0).fit(cloud).inertia_ < 1800 * 12


def test_both_centers_of_a_point_may_move():
    rows = np.zeros((2, 10))
    rows[1, 0] = 4.5
    points, centers = gather_points(rows, np.arange(2), rows[0]), np.zeros((2, 10))
    for near, far, label in ((0, 10, 0), (-0.6, 9.5, 1), (0, 10, 0), (-0.45, 9.4, 1)):
        centers[:, 0] = near, far
        assert points.assign(centers)[0][1] == label


def test_labels_that_single_precision_cannot_tell_are_those_of_double_precision():
    rows = np.random.default_rng(0).normal(size=(3000, 30))
    pair = rows[0] + np.outer([1, -1], np.full(30, 1e-6))
    rows[:200] = pair[np.arange(200) % 2] + np.random.default_rng(1).normal(size=(200, 30)) * 1e-8
    points = gather_points(rows, np.arange(3000), np.zeros(30))
    assert points.coordinates.dtype == np.float32
    labels, moments = points.assign(np.concatenate([pair, rows[1000:1003]]))
    np.testing.assert_array_equal(labels[:200], np.arange(200) % 2)
    np.testing.assert_allclose(moments.means(rows[:5])[0], rows[labels == 0].mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_points_beyond_single_precision_are_compared_in_double_precision(scale):
    cloud = np.random.default_rng(0).normal(size=(3000, 30)) + np.arange(3000)[:, np.newaxis] % 3 * 9
    model = MiniBatchKMeans(3, random_state=0).fit(cloud * scale)
    np.testing.assert_array_equal(model.labels_, MiniBatchKMeans(3, random_state=0).fit(cloud).labels_)


def test_centers_far_beyond_the_points_are_no_nearer_for_it():
    points = gather_points(np.random.default_rng(0).normal(size=(3000, 30)), np.arange(3000), np.zeros(30))
    centers = np.zeros((2, 30))
    centers[0] = 1e30
    assert points.assign(centers)[0].all()


def test_to_read_a_point_again_changes_nothing():
    large = np.random.default_rng(0).normal(size=(3000, 31))
    copy = large.copy()
    points = gather_points(large[:, :-1], np.arange(3000), np.ones(30))
    np.testing.assert_array_equal(points.locate(np.intp(7)), copy[7, :-1] - 1)
    np.testing.assert_array_equal(large, copy)
