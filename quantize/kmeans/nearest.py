"""Which center is nearest to each point, and how far it is: the one definition that everything uses.

The squared distance |x|² - 2 c.x + |c|² is a matrix product plus terms of one point or one center. |x|² does not change
which center is nearest, so only the product of the rows [-2c, |c|²] with the columns [x, 1] has to be compared. The
points lie in columns, one row for each coordinate: the minimum over the centers then runs along memory, at a fraction
of the cost of an `argmin` for each point.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantize.kmeans.chunks import map_chunks

Floats = NDArray[Any]
Labels = NDArray[np.int32]

# Centers compared at a time, so that a position among them fits one byte.
BLOCK = 256
# Distances held at a time: 512 KB of float32, half of a common second-level cache.
CHUNK_ELEMENTS = 1 << 17


def nearest_center(X: ArrayLike, centers: ArrayLike, *, n_jobs: int = 1) -> tuple[Labels, Floats]:
    """Find the nearest center of each point, and the squared distance to it.

    Parameters
    ----------
    X : array of shape (n, d)
        Points; integers are compared as floats.
    centers : array of shape (k, d)
    n_jobs : int
        Threads. The result does not depend on it.

    Returns
    -------
    labels : int32 array of shape (n,)
        Row of the nearest center, the lowest one of several at the same distance. Exact for integers that differ by
        less than 1024 in up to four coordinates: each sum of the expanded square is then an integer below 2**24, which
        float32 holds. Other points get a center that is nearest within the rounding of the expanded square.
    squared_distances : float array of shape (n,)
        From the differences to that center, hence without the cancellation of the expanded square.
    """
    labels, points, rows = _label(X, centers, n_jobs)
    distances = np.empty(len(points), rows.dtype)

    def measure(piece: slice) -> None:
        difference = points[piece] - rows[labels[piece]]
        np.einsum("ij,ij->i", difference, difference, out=distances[piece])

    map_chunks(measure, len(points), CHUNK_ELEMENTS // 8, n_jobs)
    return labels, distances


def nearest_label(X: ArrayLike, centers: ArrayLike, *, n_jobs: int = 1) -> Labels:
    """Return the labels of `nearest_center` without its distances, in about half the time."""
    return _label(X, centers, n_jobs)[0]


def _label(X: ArrayLike, centers: ArrayLike, n_jobs: int) -> tuple[Labels, Floats, Floats]:
    points, rows = np.asarray(X), np.asarray(centers)
    rows = rows.astype(np.result_type(points, rows, np.float32), copy=False)
    labels = np.empty(len(points), np.int32)
    origin = rows[0]  # distances from a center: no large common offset to cancel, and integers stay integers
    lifted = lift(rows - origin)

    def label(piece: slice) -> None:
        labels[piece] = nearest_column(lifted, homogeneous(points[piece] - origin))

    map_chunks(label, len(points), chunk_size(len(rows)), n_jobs)
    return labels, points, rows


def chunk_size(n_clusters: int) -> int:
    """Return how many points to compare with `n_clusters` centers at a time."""
    return min(max(CHUNK_ELEMENTS // min(n_clusters, BLOCK), 512), 8192)


def homogeneous(X: Floats) -> Floats:
    """Lay points (n, d) out in columns, over a row of ones: (d + 1, n)."""
    columns = np.empty((X.shape[1] + 1, len(X)), X.dtype)
    columns[:-1] = X.T
    columns[-1] = 1
    return columns


def lift(centers: Floats) -> Floats:
    """Return the rows [-2c, |c|²] whose product with columns [x, 1] is the squared distance less |x|²."""
    return np.column_stack([-2 * centers, np.einsum("ij,ij->i", centers, centers)])


def nearest_column(lifted: Floats, columns: Floats) -> NDArray[np.intp]:
    """Return for each of the columns [x, 1] the index of its nearest center, the lowest of equals."""
    lowest, labels = _lowest(lifted[:BLOCK] @ columns)
    for start in range(BLOCK, len(lifted), BLOCK):
        values, indices = _lowest(lifted[start : start + BLOCK] @ columns)
        closer = values < lowest
        lowest[closer] = values[closer]
        labels[closer] = indices[closer] + start
    return labels


def _lowest(values: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """Return each column's minimum and its first index.

    The rows that hold the minimum are marked with numbers that fall from row to row; the highest mark tells the first.
    Three passes that the processor does 16 or 64 elements at a time, where `argmin` takes columns one by one.
    """
    lowest = values.min(axis=0)
    marks = np.equal(values, lowest).view(np.ubyte)
    marks *= np.arange(BLOCK - 1, BLOCK - 1 - len(values), -1, dtype=np.ubyte)[:, np.newaxis]
    return lowest, np.subtract(BLOCK - 1, marks.max(axis=0), dtype=np.intp)
