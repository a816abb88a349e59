"""One step of mini-batch k-means, whose rate falls with the root of what a center has seen."""

import numpy as np

from quantize.kmeans.nearest import Floats
from quantize.kmeans.points import Moments


def mini_batch_step(centers: Floats, seen: Floats, moments: Moments) -> Floats:
    """Move each center toward the mean of its points in a batch.

    A center's i-th point moves it by i**-0.5 of the way, farther than the 1/i that would make it the mean of all its
    points: it forgets the time when the other centers had not settled. For m points after the n `seen` these steps
    leave the center the share prod(1 - i**-0.5, i = n+1 .. n+m), which is exp(S(n+m) - S(n)) where, but for terms of
    third order, S(n) = -2 sqrt(n) - log(n) / 2.
    """
    after = seen + moments.weight
    with np.errstate(invalid="ignore"):
        keep = np.sqrt(seen / after) * np.exp(2 * (np.sqrt(seen) - np.sqrt(after)))
    keep = np.where(moments.weight > 0, keep, 1)[:, np.newaxis]
    moved: Floats = (keep * centers + (1 - keep) * moments.means(otherwise=centers)).astype(centers.dtype)
    return moved
