import numpy as np
import pytest

from quantize.kmeans import nearest_center, nearest_label
from quantize.kmeans.distances import find_nearest, find_two_nearest, lift
from quantize.parallel.threads import map_chunks


def by_the_definition(X, centers):
    return ((X[:, np.newaxis].astype(float) - centers) ** 2).sum(axis=2)


@pytest.mark.parametrize("k", [1, 2, 16, 255, 256, 257, 600])
@pytest.mark.parametrize("d", [1, 3, 4])
def test_integers_get_exactly_the_nearest_center_and_ties_go_to_the_lowest(k, d):
    random = np.random.default_rng(k * d)
    X, centers = random.integers(0, 256, (4000, d)), random.integers(0, 256, (k, d))
    distances = by_the_definition(X, centers)
    labels, squared = nearest_center(X.astype(np.float32), centers.astype(np.float32))
    np.testing.assert_array_equal(labels, distances.argmin(axis=1))
    np.testing.assert_array_equal(squared, distances.min(axis=1))
    assert labels.dtype == np.int32
    assert squared.dtype == np.float32


def test_bytes_are_compared_as_numbers_not_modulo_256():
    X, centers = np.array([[0], [200], [255]], np.uint8), np.array([[250], [10]], np.uint8)
    labels, squared = nearest_center(X, centers)
    assert labels.tolist() == [1, 0, 0]
    assert squared.tolist() == [100, 2500, 25]


def test_a_far_offset_does_not_blur_the_distances():
    random = np.random.default_rng(0)
    X, centers = random.normal(size=(2000, 3)), random.normal(size=(20, 3))
    labels, squared = nearest_center(X + 1e6, centers + 1e6)
    np.testing.assert_array_equal(labels, by_the_definition(X, centers).argmin(axis=1))
    np.testing.assert_allclose(squared, by_the_definition(X, centers).min(axis=1), rtol=1e-6)


def test_threads_change_no_bit():
    random = np.random.default_rng(0)
    X, centers = random.random((50_000, 3), np.float32), random.random((100, 3), np.float32)
    one, two = nearest_center(X, centers), nearest_center(X, centers, n_jobs=2)
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])
    np.testing.assert_array_equal(nearest_label(X, centers, n_jobs=2), one[0])


def test_layout_and_stride_do_not_matter():
    random = np.random.default_rng(0)
    X, centers = random.random((500, 3)), random.random((9, 3))
    expected = nearest_label(X, centers)
    np.testing.assert_array_equal(nearest_label(np.asfortranarray(X), np.asfortranarray(centers)), expected)
    np.testing.assert_array_equal(nearest_label(X[::-2], centers), expected[::-2])


def test_no_points_have_no_labels():
    labels, squared = nearest_center(np.empty((0, 3), np.float32), np.zeros((2, 3), np.float32))
    assert len(labels) == len(squared) == 0


@pytest.mark.parametrize("n_jobs", [1, 3])
def test_chunks_cover_the_range_once_and_come_back_in_order(n_jobs):
    pieces = map_chunks(lambda piece: list(range(10))[piece], 10, 3, n_jobs)
    assert pieces == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]


@pytest.mark.parametrize("k", [3, 100])
def test_two_nearest_are_those_of_the_definition_by_either_way(k):
    random = np.random.default_rng(k)
    X, centers = random.integers(0, 50, (500, 2)).astype(float), random.integers(0, 50, (k, 2)).astype(float)
    distances = by_the_definition(X, centers)
    columns = np.vstack([X.T, np.ones(500)])
    near, first, far, second = find_two_nearest(lift(centers), columns)
    squares = (X**2).sum(axis=1)
    np.testing.assert_array_equal(first, distances.argmin(axis=1))
    np.testing.assert_array_equal(find_nearest(lift(centers), columns), first)
    np.testing.assert_array_equal(near + squares, distances.min(axis=1))
    np.testing.assert_array_equal(far + squares, np.sort(distances, axis=1)[:, 1])
    assert (first != second).all()
