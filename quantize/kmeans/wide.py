"""Points of many dimensions, in rows: no box rules a center out, and all that counts is how often a point is read.

What a look at all points found is kept for the next one. A center that moves by s comes nearer to a point by s at most:
a point whose second nearest center is farther than its nearest by more than they have moved keeps its label unread.

G. Hamerly: Making k-means even faster. SIAM International Conference on Data Mining, 2010.
"""

from collections.abc import Callable
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans.distances import Floats, Indices, find_two_nearest, lift, multiply
from quantize.kmeans.points import Moments, Points, sum_by
from quantize.parallel.threads import map_chunks

# Numbers that are read and written at a time: 512 KB of float32, half of a common second-level cache.
CHUNK = 1 << 17


class WidePoints(Points):
    """Points with weights (of one, if none are given), laid out as rows [x, 1]."""

    def __init__(self, rows: Floats, weight: Floats | None = None) -> None:
        self.n = len(rows)
        self.even = weight is None
        self.weight = np.ones(self.n, rows.dtype) if weight is None else weight
        self.coordinates = rows[:, :-1].T
        self._rows = rows
        self._point_squares = np.einsum("ij,ij->i", rows[:, :-1], rows[:, :-1])
        self._farthest = self._point_squares.max(initial=0)
        self._squares = float(np.einsum("i,i->", self._point_squares, self.weight, dtype=np.float64))
        self._latest: Look | None = None

    @classmethod
    def gather(cls, X: Floats, which: Indices, origin: Floats, weight: Floats | None = None) -> Self:
        """Copy some rows of X (n, d), relative to the origin."""
        rows = np.ones((len(which), X.shape[1] + 1), X.dtype)

        def copy(piece: slice) -> None:
            np.subtract(X.take(which[piece], axis=0), origin, out=rows[piece, :-1])

        map_chunks(copy, len(which), max(CHUNK // X.shape[1], 1))
        return cls(rows, weight)

    def select(self, which: NDArray[np.bool_]) -> Self:
        return type(self)(self._rows[which], None if self.even else self.weight[which])

    def pick(self, which: Indices) -> Floats:
        return self._rows.take(which, axis=0)[:, :-1].T

    def spread(self, centers: Floats, labels: Indices) -> Floats:
        return centers.take(labels, axis=0).T

    def measure_from(self) -> Callable[[Indices], Floats]:
        def measure(which: Indices) -> Floats:
            squared: Floats = multiply(lift(self.pick(which).T), self._rows.T) + self._point_squares
            return squared

        return measure

    def assign(self, centers: Floats, n_jobs: int = 1) -> tuple[Indices, Moments]:
        before = self._latest
        if before is None or before.centers.shape != centers.shape:
            labels, slack = np.empty(self.n, np.intp), np.full(self.n, -np.inf)
        else:
            labels, slack = before.labels.copy(), before.slack - before.approach(centers)
        self._label(np.flatnonzero(slack <= 0), centers, labels, slack, n_jobs)
        sums = self._add_up(labels, len(centers))
        self._latest = Look(centers.copy(), labels, slack, sums)
        return labels, Moments.of(sums)

    def _label(self, doubtful: Indices, centers: Floats, labels: Indices, slack: Floats, n_jobs: int) -> None:
        """Write the labels and the slack of the `doubtful` points."""
        lifted = lift(centers)
        # What rounding adds to a product at most: N. Higham, Accuracy and Stability of Numerical Algorithms, 2002, 3.1.
        rounding = (len(centers.T) + 16) * np.finfo(centers.dtype).eps * (lifted[:, -1].max() + self._farthest)

        def work(piece: slice) -> None:
            which = doubtful[piece]
            rows = self._rows[piece] if len(doubtful) == self.n else self._rows.take(which, axis=0)
            near, labels[which], far, _ = find_two_nearest(lifted, rows.T)
            squares = self._point_squares.take(which)
            near, far = np.maximum(near + squares + rounding, 0), np.maximum(far + squares - rounding, 0)
            slack[which] = np.sqrt(far) - np.sqrt(near)

        map_chunks(work, len(doubtful), max(CHUNK // max(lifted.shape), 1), n_jobs)

    def _add_up(self, labels: Indices, n_labels: int) -> Floats:
        """Return the terms [x, 1] added up by label: only what has a new label is read."""
        before = self._latest
        if before is not None and before.sums.shape[1] == n_labels:
            changed = np.flatnonzero(labels != before.labels)
            if 2 * len(changed) < self.n:
                moved = self._read_terms(changed)
                come, gone = (sum_by(names[changed], moved, n_labels) for names in (labels, before.labels))
                sums = before.sums + come - gone
                sums[-1] = np.bincount(labels, self.weight, n_labels)
                sums[:, sums[-1] == 0] = 0  # not what rounding left
                return sums
        return sum_by(labels, self._read_terms(slice(None)), n_labels)

    def _read_terms(self, which: Indices | slice) -> Floats:
        rows = self._rows[which]
        return rows.T if self.even else rows.T * self.weight[which]


class Look(NamedTuple):
    """What a look at all points found.

    Attributes
    ----------
    centers : array of shape (k, d)
    labels : array of shape (n,)
    slack : array of shape (n,)
        How much farther, at least, the second nearest center of each point is than its nearest.
    sums : array of shape (d + 1, k)
        The points' terms added up by label.
    """

    centers: Floats
    labels: Indices
    slack: Floats
    sums: Floats

    def approach(self, centers: Floats) -> Floats:
        """How much of each point's slack is lost at most where the centers have moved to `centers`."""
        shifts = np.sqrt(((centers - self.centers).astype(np.float64) ** 2).sum(axis=1))
        farthest = int(shifts.argmax())
        others = np.full(len(shifts), shifts[farthest])
        others[farthest] = max(shifts[:farthest].max(initial=0), shifts[farthest + 1 :].max(initial=0))
        lost: Floats = (shifts + others).take(self.labels)
        return lost
