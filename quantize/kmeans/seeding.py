"""Greedy k-means++: starting centers drawn from the points, far from each other where the weight is.

Centers are points drawn in proportion to their weight times their squared distance from the centers before them. Greedy
means that of a few that are drawn, those that leave the smallest error are kept.

D. Arthur, S. Vassilvitskii: k-means++: the advantages of careful seeding. SODA 2007.
"""

import math
from typing import Protocol

import numpy as np

from quantize.kmeans.distances import Floats, Indices
from quantize.kmeans.points import Points


class Random(Protocol):
    """Numbers from 0 up to 1: `random.Random`, `numpy.random.Generator` and `RandomState` all give them."""

    def random(self) -> float: ...


def seed_centers(points: Points, n_clusters: int, random: Random, fixed: Floats) -> Floats:
    """Return `n_clusters` starting centers, the rows of `fixed` first.

    Where fewer distinct points than clusters exist, the remaining centers repeat points.
    """
    centers = np.empty((n_clusters, len(points.coordinates)), points.dtype)
    centers[: len(fixed)] = fixed
    measure = points.measure_from()
    nearest = np.full(len(points), np.inf, points.coordinates.dtype)
    for center in fixed:
        np.minimum(nearest, ((points.coordinates - center[:, np.newaxis]) ** 2).sum(axis=0), out=nearest)
    # As many trials as Arthur and Vassilvitskii's own program, and scikit-learn's, make.
    n_trials = 2 + int(math.log(n_clusters))
    n_found = len(fixed)
    while n_found < n_clusters:
        chances, n_draws = (points.weight * nearest, n_trials) if n_found else (points.weight, 1)
        drawn = _draw(chances, n_draws, random)
        closer = np.minimum(nearest, np.maximum(measure(drawn), 0))
        # Half of what was drawn is kept: what the others would have gained, a round of refinement gains sooner.
        least = np.inf
        for _ in range(min(max(n_draws // 2, 1), n_clusters - n_found)):
            errors = np.einsum("ij,j->i", closer, points.weight)
            best = int(np.argmin(errors))
            if errors[best] >= least:  # all the others are where this one is
                break
            nearest, least = closer[best].copy(), errors[best]
            np.minimum(closer, nearest, out=closer)
            centers[n_found] = points.locate(drawn[best])
            n_found += 1
    return centers


def draw_points(points: Points, n_clusters: int, random: Random) -> Floats:
    """Return `n_clusters` of the points as centers, in proportion to their weights, none twice while there are others.

    E. W. Forgy: Cluster analysis of multivariate data. Biometrics 21, 1965.
    """
    chances = points.weight.astype(np.float64)
    rows: list[int] = []
    while len(rows) < n_clusters:
        if not chances.any():
            chances = points.weight.astype(np.float64)  # fewer points with weight than centers: they repeat
        for row in _draw(chances, n_clusters - len(rows), random):
            if chances[row]:
                rows.append(int(row))
                chances[row] = 0
    return points.locate(np.array(rows)).copy()


def _draw(chances: Floats, n_draws: int, random: Random) -> Indices:
    cumulative = np.cumsum(chances, dtype=np.float64)
    if cumulative[-1] <= 0:  # every point lies on a center already
        cumulative = np.arange(1.0, len(chances) + 1)
    targets = [random.random() * cumulative[-1] for _ in range(n_draws)]
    return np.minimum(np.searchsorted(cumulative, targets, side="right"), len(chances) - 1)
