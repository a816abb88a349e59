"""Which center is nearest to each point, and how far it is: the one definition that everything uses."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantize.kmeans.blocks import BLOCK, MOST_DIMENSIONS, Blocks, curve_order
from quantize.kmeans.distances import Floats, Indices, find_nearest, lift
from quantize.parallel.threads import map_chunks

Labels = NDArray[np.int32]

# Coordinates that are held at a time: 512 KB of float32, half of a common second-level cache; of distances to all
# centers twice as many. Much more takes up to four times as long: the system takes a megabyte back each time.
CHUNK = 1 << 17
# Centers from which sorting the points first is faster than comparing all of them.
WORTH_SORTING = 128
# Points that are sorted at a time, because they are held three times then; more take as long.
SORTED = 1 << 17


def nearest_center(X: ArrayLike, centers: ArrayLike, *, n_jobs: int = 1) -> tuple[Labels, Floats]:
    """Find the nearest center of each point, and the squared distance to it.

    Parameters
    ----------
    X : array of shape (n, d)
        Points; integers are compared as floats. Points that lie in the order of `blocks.curve_order`, or sorted by one
        coordinate at least, are found faster.
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
    labels = nearest_label(X, centers, n_jobs=n_jobs)
    points, rows = _as_floats(X, centers)
    distances = np.empty(len(points), rows.dtype)

    def measure(piece: slice) -> None:
        difference = points[piece] - rows.take(labels[piece], axis=0)
        np.einsum("ij,ij->i", difference, difference, out=distances[piece])

    map_chunks(measure, len(points), max(CHUNK // 2 // points.shape[1], 1), n_jobs)
    return labels, distances


def nearest_label(X: ArrayLike, centers: ArrayLike, *, n_jobs: int = 1) -> Labels:
    """Return the labels of `nearest_center` without its distances."""
    points, rows = _as_floats(X, centers)
    labels = np.empty(len(points), np.int32)
    if not len(points):
        return labels
    origin = rows[0]  # distances from a center: no large common offset to cancel, and integers stay integers
    is_wide = rows.shape[1] > MOST_DIMENSIONS
    if len(rows) >= WORTH_SORTING and not is_wide:
        return np.concatenate(
            map_chunks(lambda piece: _sort_and_label(points[piece], rows, n_jobs), len(points), SORTED)
        )
    lifted = lift(rows - origin)

    def compare(piece: slice) -> None:
        columns = np.ones((rows.shape[1] + 1, piece.stop - piece.start), rows.dtype, "F" if is_wide else "C")
        np.subtract(points[piece].T, origin[:, np.newaxis], out=columns[:-1])
        labels[piece] = find_nearest(lifted, columns)

    size = min(2 * CHUNK // len(lifted), CHUNK // max(len(lifted.T), 8))
    map_chunks(compare, len(points), max(size, BLOCK), n_jobs)
    return labels


def _sort_and_label(points: Floats, rows: Floats, n_jobs: int) -> Labels:
    labels = np.empty(len(points), np.int32)
    origin = rows[0]
    columns = np.subtract(points.T, origin[:, np.newaxis], dtype=rows.dtype, order="C")
    order = curve_order(columns)
    blocks = Blocks(columns.take(order, axis=1))

    def keep(piece: slice, found: Indices, alone: NDArray[np.bool_]) -> None:
        place = slice(piece.start * BLOCK, piece.stop * BLOCK)
        labels[order[place]] = found.ravel()[: len(labels) - place.start]

    blocks.visit(rows - origin, keep, n_jobs)
    return labels


def _as_floats(X: ArrayLike, centers: ArrayLike) -> tuple[Floats, Floats]:
    points, rows = np.asarray(X), np.asarray(centers)
    return points, rows.astype(np.result_type(points, rows, np.float32), copy=False)
