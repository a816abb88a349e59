"""Greedy k-means++: starting centers drawn from the points, far from each other where the weight is.

Each center is a point drawn in proportion to its weight times its squared distance from the centers before it. Greedy
means that a few are drawn and the one that leaves the smallest error is kept.

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
    centers = np.empty((n_clusters, len(points.coordinates)), points.coordinates.dtype)
    centers[: len(fixed)] = fixed
    squared = np.einsum("ij,ij->j", points.coordinates, points.coordinates)
    columns = np.vstack([points.coordinates, np.ones_like(squared), squared])
    lifted = np.vstack([-2 * points.coordinates, squared, np.ones_like(squared)]).T
    nearest = np.full(len(points), np.inf, centers.dtype)
    for center in fixed:
        np.minimum(nearest, ((points.coordinates - center[:, np.newaxis]) ** 2).sum(axis=0), out=nearest)
    # As many trials as Arthur and Vassilvitskii's own program, and scikit-learn's, make.
    n_trials = 2 + int(math.log(n_clusters))
    for i in range(len(fixed), n_clusters):
        chances = points.weight if i == 0 else points.weight * nearest
        drawn = _draw(chances, n_trials if i else 1, random)
        closer = np.minimum(nearest, np.maximum(lifted.take(drawn, axis=0) @ columns, 0))
        best = int(np.argmin(closer @ points.weight))
        nearest = closer[best]
        centers[i] = points.coordinates[:, drawn[best]]
    return centers


def _draw(chances: Floats, n_draws: int, random: Random) -> Indices:
    cumulative = np.cumsum(chances, dtype=np.float64)
    if cumulative[-1] <= 0:  # every point lies on a center already
        cumulative = np.arange(1.0, len(chances) + 1)
    targets = [random.random() * cumulative[-1] for _ in range(n_draws)]
    return np.minimum(np.searchsorted(cumulative, targets, side="right"), len(chances) - 1)
