"""Lloyd's step: every point to its nearest center, every center to the mean of its points.

S. P. Lloyd: Least squares quantization in PCM. IEEE Transactions on Information Theory 28(2), 1982.
D. Lee, S. Baek, K. Sung: Modified k-means algorithm for vector quantizer design. IEEE Signal Processing Letters 4(1),
1997, for steps that go beyond the mean.
"""

import numpy as np

from quantize.kmeans.distances import Floats, Indices
from quantize.kmeans.points import Points

# Lee, Baek and Sung's factor. The mean falls short of where its center is bound, as the next mean will lie farther on.
LONG_STRIDE = 1.8


def lloyd_step(
    points: Points, centers: Floats, n_fixed: int = 0, n_jobs: int = 1, stride: float = 1.0
) -> tuple[Floats, float]:
    """Move each center but the first `n_fixed` to the mean of its points, or `stride` times as far.

    A center without points goes to the point that adds most to the error. Returns the new centers, and the sum of
    squared distances from the old ones.
    """
    labels, moments = points.assign(centers, n_jobs)
    means = moments.means(otherwise=centers)
    moved: Floats = centers + centers.dtype.type(stride) * (means - centers) if stride != 1 else means
    empty = np.flatnonzero(moments.weight == 0)
    if len(empty):
        refill(points, moved, labels, empty)
    moved[:n_fixed] = centers[:n_fixed]
    return moved, points.error(moments, centers)


def refill(points: Points, centers: Floats, labels: Indices, empty: Indices) -> None:
    """Put the `empty` rows of `centers` on the points with the largest weighted squared distances."""
    errors = points.weight * ((points.coordinates - centers[labels].T) ** 2).sum(axis=0)
    worst = np.argsort(-errors, kind="stable")[: len(empty)]
    worst = worst[errors[worst] > 0]
    centers[empty[: len(worst)]] = points.coordinates[:, worst].T
