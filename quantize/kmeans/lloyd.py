"""Lloyd's step: every point to its nearest center, every center to the mean of its points.

S. P. Lloyd: Least squares quantization in PCM. IEEE Transactions on Information Theory 28(2), 1982.
"""

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans.nearest import Floats
from quantize.kmeans.points import Points


def lloyd_step(points: Points, centers: Floats, n_fixed: int = 0, n_jobs: int = 1) -> tuple[Floats, float]:
    """Move each center but the first `n_fixed` to the mean of its points.

    A center without points goes to the point that adds most to the error. Returns the new centers, and the sum of
    squared distances from the old ones.
    """
    labels, moments = points.look(centers, n_jobs)
    moved = moments.means(otherwise=centers)
    empty = np.flatnonzero(moments.weight == 0)
    if len(empty):
        refill(points, moved, labels, empty)
    moved[:n_fixed] = centers[:n_fixed]
    return moved, moments.cost(centers)


def refill(points: Points, centers: Floats, labels: NDArray[np.intp], empty: NDArray[np.intp]) -> None:
    """Put the `empty` rows of `centers` on the points with the largest weighted squared distances."""
    coordinates = points.columns[:-1]
    errors = points.weight * ((coordinates - centers[labels].T) ** 2).sum(axis=0)
    worst = np.argsort(-errors, kind="stable")[: len(empty)]
    worst = worst[errors[worst] > 0]
    centers[empty[: len(worst)]] = coordinates[:, worst].T
