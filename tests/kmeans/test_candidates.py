"""The best few of given centers, against all subsets of small problems."""

from itertools import combinations

import numpy as np
import pytest

from quantize.kmeans import choose_candidates
from quantize.kmeans.candidates import _change_of_each


def make_costs(n_candidates, n_points, seed):
    random = np.random.default_rng(seed)
    places, points = random.random((n_candidates, 3)), random.random((n_points, 3))
    return random.exponential(size=n_points) * ((points - places[:, np.newaxis]) ** 2).sum(axis=2)


def total(costs, chosen):
    return costs[list(chosen)].min(axis=0).sum()


@pytest.mark.parametrize(("n_candidates", "n_clusters"), [(8, 3), (12, 4), (14, 6), (9, 1), (9, 8)])
def test_choice_is_the_best_of_all_subsets_of_small_problems(n_candidates, n_clusters):
    n_best = 0
    for seed in range(20):
        costs = make_costs(n_candidates, 40, seed)
        best = min(total(costs, rows) for rows in combinations(range(n_candidates), n_clusters))
        found = total(costs, choose_candidates(costs, n_clusters))
        assert found <= 1.01 * best
        n_best += found <= best * (1 + 1e-9)
    assert n_best >= 19


def test_fixed_candidates_are_chosen_and_the_others_knowing_them():
    for seed in range(10):
        costs = make_costs(10, 40, seed)
        chosen = choose_candidates(costs, 4, fixed=[7, 2])
        assert {2, 7} <= set(chosen.tolist()) and len(chosen) == 4
        best = min(total(costs, (2, 7, *rows)) for rows in combinations([0, 1, 3, 4, 5, 6, 8, 9], 2))
        assert total(costs, chosen) <= best * (1 + 1e-9)


def test_no_exchange_of_one_would_lower_the_sum():
    costs = make_costs(60, 500, 0).astype(np.float32)
    chosen = choose_candidates(costs, 12).tolist()
    before = total(costs, chosen)
    for place in range(12):
        for row in set(range(60)) - set(chosen):
            assert total(costs, [*chosen[:place], row, *chosen[place + 1 :]]) >= before * (1 - 1e-5)


def test_change_of_each_exchange_is_what_the_exchange_does():
    costs = make_costs(9, 30, 3)
    changes = _change_of_each(costs, [4, 1, 6])
    for place in range(3):
        for row in (0, 2, 3, 5, 7, 8):
            others = [chosen for chosen in (4, 1, 6) if chosen != (4, 1, 6)[place]]
            assert changes[row, place] == pytest.approx(total(costs, [*others, row]) - total(costs, [4, 1, 6]))


def test_no_more_are_chosen_than_lower_anything():
    costs = np.array([[0, 4, 4.0], [4, 0, 0], [5, 5, 5], [0, 4, 4]])
    assert choose_candidates(costs, 4).tolist() == [0, 1]
    assert choose_candidates(costs, 1).tolist() == [1]
    assert choose_candidates(costs[:, :0], 3, fixed=[2]).tolist() == [2]


def test_same_costs_give_the_same_choice():
    costs = make_costs(20, 100, 1)
    assert (choose_candidates(costs, 7) == choose_candidates(costs, 7)).all()
