import numpy as np
import pytest

from quantize.kmeans.lloyd import lloyd_step
from quantize.kmeans.points import Points
from quantize.kmeans.refine import choose_exchanges, find_region, merge_costs, refine, split_clusters


def points(rows, weight=None):
    X = np.array(rows, float)
    return Points(X.T, np.ones(len(X)) if weight is None else np.array(weight, float))


def test_merge_cost_and_split_gain_on_four_points():
    cloud, centers = points([[0, 0], [2, 0], [10, 0], [10, 6]]), np.array([[1.0, 0], [10.0, 3]])
    labels, moments = cloud.assign(centers)
    costs, partners = merge_costs(moments, centers, n_fixed=0)
    np.testing.assert_allclose(costs, 2 * 2 / 4 * (81 + 9))
    assert partners.tolist() == [1, 0]
    split = split_clusters(cloud, labels, centers)
    np.testing.assert_allclose(split.gains, [2, 18])
    assert sorted(map(tuple, [split.near[1], split.far[1]])) == [(10, 0), (10, 6)]


@pytest.mark.parametrize("n_fixed", [0, 5])
def test_merge_costs_of_many_centers_are_found_some_rows_at_a_time(monkeypatch, n_fixed):
    rng = np.random.default_rng(0)
    cloud, centers = points(rng.random((200, 3))), rng.random((12, 3))
    moments = cloud.assign(centers)[1]
    whole = merge_costs(moments, centers, n_fixed)
    monkeypatch.setattr("quantize.kmeans.refine.COSTS", 12 * 4)
    costs, partners = merge_costs(moments, centers, n_fixed)
    assert np.isinf(costs[:n_fixed]).all()
    np.testing.assert_allclose(costs, whole[0])
    assert (partners[n_fixed:] == whole[1][n_fixed:]).all()


def test_moments_give_the_error():
    cloud, centers = points([[0], [2], [10], [14]]), np.array([[0.0], [11.0]])
    _, moments = cloud.assign(centers)
    assert cloud.error(moments, centers) == pytest.approx(0 + 4 + 1 + 9)


def test_sample_stands_for_the_points_by_their_weights():
    cloud = Points(np.arange(6.0)[np.newaxis], np.array([1.0, 0, 6, 1, 0, 4]))
    drawn, weight = cloud.sample(4)
    assert (drawn.tolist(), weight.tolist()) == ([2, 2, 3, 5], [3, 3, 3, 3])
    drawn, weight = Points(np.arange(6.0)[np.newaxis]).sample(3)
    assert (drawn.tolist(), weight.tolist()) == ([0, 2, 4], [2, 2, 2])
    drawn, weight = cloud.sample(6)
    assert (drawn.tolist(), weight.tolist()) == ([0, 1, 2, 3, 4, 5], [1, 0, 6, 1, 0, 4])


def test_only_exchanges_that_promise_a_gain_are_chosen_and_no_cluster_twice():
    costs, partners = np.array([1.0, 2, 50, 60, 70]), np.array([1, 0, 3, 2, 3])
    gains = np.array([0.0, 0, 40, 30, 0])
    assert choose_exchanges((costs, partners), gains, 4, set()) == [(0, 1, 2)]
    assert choose_exchanges((costs, partners), gains, 4, {(0, 1, 2)}) == [(0, 1, 3)]
    assert choose_exchanges((costs, partners), gains / 1000, 4, set()) == []


def test_refinement_moves_a_center_between_regions_that_lloyd_cannot_leave():
    rows = [[x] for start in (0, 100, 200) for x in (start, start + 1, start + 2)]
    cloud, stuck = points(rows), np.array([[0.5], [2.0], [151.0]])
    assert lloyd_step(cloud, stuck)[0].tolist() == stuck.tolist()
    *_, (centers, cost) = refine(cloud, stuck, n_rounds=3, n_steps=3)
    assert sorted(centers.ravel()) == [1, 101, 201]
    assert cost == pytest.approx(6)


def test_refinement_never_makes_the_error_larger_and_keeps_fixed_centers():
    random = np.random.default_rng(0)
    cloud, start = points(random.random((2000, 3))), random.random((12, 3))
    costs = [cloud.error(cloud.assign(start)[1], start)]
    for centers, cost in refine(cloud, start, n_rounds=20, n_steps=2, n_fixed=4):
        assert cost <= costs[-1]
        assert centers[:4].tolist() == start[:4].tolist()
        assert cost == pytest.approx(cloud.error(cloud.assign(centers)[1], centers))
        costs.append(cost)
    assert costs[-1] < 0.9 * costs[0]


def test_region_is_what_an_exchange_touches_and_what_lies_around():
    centers = np.arange(100.0)[:, np.newaxis]
    region = np.flatnonzero(find_region([(10, 12, 50)], centers))
    assert {10, 12, 50, 9, 11, 13, 49, 51} <= set(region)
    assert len(region) < 30
    assert find_region([(0, 1, 2)], centers[:20]).all()


def test_clusters_far_from_an_exchange_stay_as_they_are():
    rng = np.random.default_rng(0)
    # Settled pairs along a line, but for one place with a center too many and one with a center too few.
    places = np.repeat(np.arange(60.0) * 10, 2) + np.tile([0.0, 1.0], 60)
    cloud = points((places[:, np.newaxis] + rng.normal(0, 0.01, (120, 40))).reshape(-1, 1))
    centers = np.delete(places, 100)[:, np.newaxis]
    centers = np.append(centers, [[0.5]], axis=0)
    *_, (refined, cost) = refine(cloud, centers, n_rounds=3, n_steps=2)
    assert cost < 1
    assert sorted(np.rint(refined[:, 0])) == sorted(places)


def test_error_of_local_rounds_is_that_of_the_centers_or_hardly_more():
    rng = np.random.default_rng(1)
    cloud = points(rng.normal(size=(3000, 2)) * rng.uniform(0.1, 2, (3000, 1)))
    start = np.array(rng.normal(size=(90, 2)))
    errors = [(cost, cloud.error(cloud.assign(centers)[1], centers)) for centers, cost in refine(cloud, start, 14, 2)]
    assert len(errors) > 8
    for cost, exact in errors:
        assert exact * (1 - 1e-9) <= cost < exact * 1.02
    assert errors[-1][1] < 0.52 * errors[0][1], "labels that lag behind end at 0.54"
