"""Mixtures of few entries: the best there are, by trying all."""

from itertools import combinations

import numpy as np
import pytest

from quantize.color.dither.mixtures import find_mixtures, measure_slopes
from tests.color.dither.conftest import SPARSE


def measure_cost(weights, entries, point, noise):
    mixed = weights @ entries
    return np.square(mixed - point).sum() + noise * (weights @ np.square(entries - point).sum(axis=1))


def try_all(entries, point, noise):
    """The least cost of all mixtures of up to four entries whose weights are none of them negative."""
    least = np.inf
    for size in range(1, 5):
        for rows in combinations(range(len(entries)), size):
            corners = entries[list(rows)]
            sides = (corners[1:] - corners[0]).T
            squares = np.square(corners - point).sum(axis=1)
            if np.linalg.matrix_rank(sides, tol=1e-6) < size - 1:
                continue
            right = sides.T @ (point - corners[0]) - noise / 2 * (squares[1:] - squares[0])
            rest = np.linalg.solve(sides.T @ sides, right)
            weights = np.array([1 - rest.sum(), *rest])
            if weights.min() >= 0:
                least = min(least, measure_cost(weights, corners, point, noise))
    return least


@pytest.mark.parametrize("noise", [0.001, 0.25])
@pytest.mark.parametrize("entries", ["random", "in a line", *SPARSE])
def test_mixture_costs_as_little_as_the_best_of_all(entries, noise):
    rng = np.random.default_rng(0)
    made = {"random": rng.integers(0, 256, (9, 3)), "in a line": np.repeat(rng.integers(0, 256, (8, 1)), 3, axis=1)}
    entries = np.array({**SPARSE, **made}[entries], float)
    points = rng.uniform(0, 255, (6, 3))
    points[:3] = points[:3, :1]  # gray
    found = find_mixtures(points, entries, noise)
    assert found.weights.min() >= 0
    assert found.weights.sum(axis=0) == pytest.approx(1, abs=1e-5)
    assert (np.count_nonzero(found.weights, axis=0) <= 4).all()
    for point, rows, shares in zip(points, found.rows.T, found.weights.T, strict=True):
        cost = measure_cost(np.bincount(rows, shares, len(entries)), entries, point, noise)
        assert cost <= try_all(entries, point, noise) + 1


@pytest.mark.parametrize("noise", [0.001, 0.25])
def test_mixtures_of_points_nearby_are_only_a_shorter_way(noise):
    rng = np.random.default_rng(0)
    entries, points = rng.integers(0, 256, (12, 3)).astype(float), rng.uniform(0, 255, (50, 3))
    start = find_mixtures(points + rng.normal(0, 9, points.shape), entries, noise)
    begun = start.weights.copy()
    found, plain = find_mixtures(points, entries, noise, start), find_mixtures(points, entries, noise)
    shares = [[np.bincount(*each, 12) for each in zip(m.rows.T, m.weights.T, strict=True)] for m in (found, plain)]
    assert shares[0] == pytest.approx(np.array(shares[1]), abs=1e-3)
    assert not np.allclose(begun, found.weights)


def test_two_entries_are_mixed_by_the_formula():
    """Of black and white, gray s gets s (1 + noise) - noise / 2 of white."""
    points = np.repeat([[0.3], [0.5], [0.6]], 3, axis=1)
    found = find_mixtures(255 * points, np.array([[0.0, 0, 0], [255, 255, 255]]), 0.2)
    white = (found.weights * (found.rows == 1)).sum(axis=0)
    assert white == pytest.approx(points[:, 0] * 1.2 - 0.1, abs=1e-5)


def test_slopes_lead_from_a_mixture_to_that_of_a_point_beside():
    entries = np.random.default_rng(1).integers(0, 256, (9, 4)).astype(float)
    point, other = np.full((1, 4), 120.0), np.array([[123.0, 118, 121, 120]])
    near, there = find_mixtures(point, entries, 0.05), find_mixtures(other, entries, 0.05)
    slopes = measure_slopes(near, entries, 0.05)[..., 0]
    followed = np.bincount(near.rows[:, 0], near.weights[:, 0] + slopes @ (other - point)[0], 9)
    found = np.bincount(there.rows[:, 0], there.weights[:, 0], 9)
    assert np.count_nonzero(found) > 2
    assert followed == pytest.approx(found, abs=1e-4)
    assert np.abs(followed - np.bincount(near.rows[:, 0], near.weights[:, 0], 9)).max() > 0.01
