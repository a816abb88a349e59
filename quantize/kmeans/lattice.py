"""Centers that may only stand on a grid: better than the nearest grid points of the best free centers.

Rounding moves every center by up to half a step in each coordinate, each regardless of the others. Here every center is
offered a step up or down in each coordinate, and the exact change of the error is computed for all of them from the two
nearest centers of each point: a point stays, leaves for its second center, or joins from its first. All moves that save
something are made at once. Those of neighbors do not quite add up, so where they raise the error the better half is
made instead.
"""

from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from quantize.kmeans.distances import Floats, Indices, find_two_nearest, lift
from quantize.kmeans.points import Points
from quantize.kmeans.sampling import Cloud
from quantize.kmeans.validation import check_points, check_weight
from quantize.parallel.threads import map_chunks

# Points whose errors decide: of more, this many are drawn.
MOST_POINTS = 1 << 17
# Distances held at a time: 512 KB of float32.
CHUNK = 1 << 17


def descend_on_grid(
    X: ArrayLike,
    centers: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    step: float = 1.0,
    low: float = -np.inf,
    high: float = np.inf,
    n_fixed: int = 0,
    max_rounds: int = 20,
    n_jobs: int = 1,
) -> Floats:
    """Move centers by grid steps to where the sum of squared distances is smallest nearby.

    Parameters
    ----------
    X : array of shape (n, d)
    centers : array of shape (k, d)
        Where to start, on the grid already.
    sample_weight : array of shape (n,)
    step : float
        The grid's width.
    low, high : float
        The range of each coordinate of a center.
    n_fixed : int
        The first centers, that many, stay.
    max_rounds : int
        Looks at all points. The first three bring a third of the gain, 20 nearly all.
    n_jobs : int

    Returns
    -------
    array of shape (k, d), in X's type
    """
    points = check_points(X)
    cloud = Cloud(points, check_weight(sample_weight, points))
    sample = cloud.draw(MOST_POINTS, Random(0))
    trial = np.array(centers, points.dtype)
    best, best_gains, least = trial, np.zeros((*trial.shape, 2)), np.inf
    n_most = len(trial)
    for _ in range(max_rounds):
        cost, gains = _measure_moves(sample, trial - cloud.origin, step, n_jobs)
        if cost < least:
            gains[:n_fixed] = 0
            gains[trial >= high, 0] = gains[trial <= low, 1] = 0
            best, best_gains, least = trial, gains, cost
        else:
            n_most //= 2
        moves = _choose_moves(best_gains, n_most)
        n_most = len(moves.centers)
        if not n_most:
            break
        trial = best.copy()
        trial[moves.centers, moves.coordinates] += (moves.signs * step).astype(points.dtype)
    return best


class Moves(NamedTuple):
    """Single steps: which centers make one, along which coordinate, and up (1) or down (-1)."""

    centers: Indices
    coordinates: Indices
    signs: Indices


def _choose_moves(gains: Floats, n_most: int) -> Moves:
    """Choose each center's best step, for the `n_most` centers that gain most, if it gains anything."""
    flat = gains.reshape(len(gains), -1)
    gain = flat.max(axis=1)
    centers = np.argsort(-gain, kind="stable")[:n_most]
    centers = centers[gain[centers] > 0]
    coordinates, down = np.divmod(flat[centers].argmax(axis=1), 2)
    return Moves(centers, coordinates, 1 - 2 * down)


def _measure_moves(points: Points, centers: Floats, step: float, n_jobs: int) -> tuple[float, Floats]:
    """Return the error, and what a step of each center up and down each coordinate would save: (k, d, 2)."""
    first, second, near, far = _two_nearest(points, centers, n_jobs)
    roles = np.concatenate([first, second])
    own, other = np.concatenate([near, far]), np.concatenate([far, near])
    weight = np.concatenate([points.weight, points.weight])
    now = np.concatenate([near, near])
    gains = np.zeros((*centers.shape, 2))

    def measure(piece: slice) -> None:
        for i in range(piece.start, piece.stop):
            shift = 2 * step * (np.concatenate([points.coordinates[i]] * 2) - centers[:, i].take(roles))
            for down, change in enumerate((step**2 - shift, step**2 + shift)):
                saved = weight * (now - np.minimum(own + change, other))
                gains[:, i, down] = np.bincount(roles, saved, len(centers))

    map_chunks(measure, centers.shape[1], 1, n_jobs)
    return float(near @ points.weight.astype(np.float64)), gains


def _two_nearest(points: Points, centers: Floats, n_jobs: int) -> tuple[Indices, Indices, Floats, Floats]:
    lifted = lift(centers)
    columns = np.vstack([points.coordinates, np.ones_like(points.weight)])
    squares = np.einsum("ij,ij->j", points.coordinates, points.coordinates)

    def search(piece: slice) -> tuple[Floats, Indices, Floats, Indices]:
        return find_two_nearest(lifted, columns[:, piece])

    found = map_chunks(search, len(points), max(CHUNK // len(centers), 64), n_jobs)
    near, first, far, second = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return first, second, np.maximum(near + squares, 0), np.maximum(far + squares, 0)
