from random import Random

import numpy as np

from quantize.kmeans.points import Points
from quantize.kmeans.seeding import seed_centers

NONE = np.empty((0, 2))


def points(rows, weight=None):
    X = np.array(rows, float)
    return Points(X.T, np.ones(len(X)) if weight is None else np.array(weight, float))


def as_set(centers):
    return sorted(map(tuple, centers))


def test_as_many_centers_as_distinct_points_are_those_points():
    rows = [(0, 0), (0, 1), (5, 5), (9, 0)]
    for seed in range(20):
        assert as_set(seed_centers(points(rows * 3), 4, Random(seed), NONE)) == sorted(rows)


def test_no_center_is_kept_twice_of_the_same_draws():
    rows = [(i % 4, i // 4) for i in range(15)]
    for seed in range(50):
        assert as_set(seed_centers(points(rows * 3), 15, Random(seed), NONE)) == sorted(rows)


def test_points_without_weight_are_never_drawn():
    cloud = points([(0, 0), (1, 0), (100, 100), (2, 0)], [1, 1, 0, 1])
    for seed in range(20):
        assert (100, 100) not in as_set(seed_centers(cloud, 3, Random(seed), NONE))


def test_a_heavy_point_is_drawn_first_as_often_as_its_weight_asks():
    cloud = points([(0, 0), (1, 0)], [9, 1])
    first = [seed_centers(cloud, 1, Random(seed), NONE)[0, 0] for seed in range(1000)]
    assert 70 <= sum(first) <= 130


def test_fixed_centers_come_first_and_are_not_drawn_again():
    cloud = points([(0, 0), (8, 8), (4, 0)])
    for seed in range(20):
        centers = seed_centers(cloud, 3, Random(seed), np.array([(8.0, 8.0)]))
        assert tuple(centers[0]) == (8, 8)
        assert as_set(centers) == [(0, 0), (4, 0), (8, 8)]


def test_fewer_distinct_points_than_clusters_repeat():
    assert as_set(seed_centers(points([(1, 2)] * 5), 3, Random(0), NONE)) == [(1, 2)] * 3


def test_trials_find_the_far_group_that_a_single_draw_may_miss():
    cloud = points([(0, i / 100) for i in range(100)] + [(100, 0), (-100, 0)])
    for seed in range(20):
        assert {x for x, _ in as_set(seed_centers(cloud, 3, Random(seed), NONE))} == {-100, 0, 100}
