"""Points of many dimensions, in rows: no box rules a center out, and all that counts is how often a point is read.

What a look at all points found is kept for the next one. A center that moves by s comes nearer to a point by s at most:
a point whose second nearest center is farther than its nearest by more than they have moved keeps its label unread.

Points of float64 are compared in float32, at half of the time. Rounding is bounded like movement: the few points whose
label it leaves in doubt are read again, so that each has the label that float64 gives it. Means are of float64.

G. Hamerly: Making k-means even faster. SIAM International Conference on Data Mining, 2010.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans.distances import Floats, Indices, find_two_nearest, lift, multiply
from quantize.kmeans.points import Moments, Points, sum_by, take_rows
from quantize.parallel.threads import map_chunks

# Numbers that are read and written at a time: 512 KB of float32, half of a common second-level cache. Of rows that are
# only read there may be eight times as many: of 5,000 with 784 coordinates 1,024 at a time take 0.6 of what 166 do.
CHUNK = 1 << 17
# Numbers from which a second look, at the points that float32 leaves in doubt, costs less than the first one saves.
WORTH_NARROWING = 1 << 16
# Squared distances below which float32, which ends at 3e38, has room for their products, and in reverse.
MOST_SQUARED = 1e30


class Originals(NamedTuple):
    """Where points were copied from, to be read again as they are: some rows of X (n, d), seen from the origin."""

    X: Floats
    rows: Indices
    origin: Floats

    def read(self, which: Indices | slice) -> Floats:
        """Return the coordinates (m, d) of some of the points, in X's type."""
        coordinates: Floats = take_rows(self.X, self.rows[which]) - self.origin
        return coordinates


class WidePoints(Points):
    """Points with weights (of one, if none are given), laid out as rows [x, 1] of float32 where X allows it."""

    def __init__(self, originals: Originals, rows: Floats, squares: Floats, weight: Floats | None = None) -> None:
        self.n, self.dtype = len(rows), originals.X.dtype
        self.even = weight is None
        self.weight = np.ones(self.n, rows.dtype) if weight is None else weight
        self.coordinates = rows[:, :-1].T
        self._originals, self._rows, self._point_squares = originals, rows, squares
        self._farthest = float(squares.max(initial=0))
        self._squares = float(np.einsum("i,i->", squares, self.weight, dtype=np.float64))
        self._latest: Look | None = None

    @classmethod
    def gather(cls, X: Floats, which: Indices, origin: Floats, weight: Floats | None = None) -> Self:
        """Copy some rows of X (n, d), relative to the origin."""
        originals, squares = Originals(X, which, origin), np.empty(len(which), X.dtype)

        def copy_rows(dtype: Any) -> Floats:
            rows = np.ones((len(which), X.shape[1] + 1), dtype)

            def copy(piece: slice) -> None:
                coordinates = originals.read(piece)
                np.einsum("ij,ij->i", coordinates, coordinates, out=squares[piece])
                rows[piece, :-1] = coordinates

            with np.errstate(over="ignore", under="ignore"):
                map_chunks(copy, len(which), max(CHUNK // 2 // X.shape[1], 1))
            return rows

        rows = copy_rows(np.float32 if len(which) * X.shape[1] >= WORTH_NARROWING else X.dtype)
        if rows.dtype != X.dtype and not 1 / MOST_SQUARED < squares.max(initial=0) < MOST_SQUARED:
            rows = copy_rows(X.dtype)
        return cls(originals, rows, squares, weight)

    def select(self, which: NDArray[np.bool_]) -> Self:
        originals = self._originals._replace(rows=self._originals.rows[which])
        weight = None if self.even else self.weight[which]
        return type(self)(originals, self._rows[which], self._point_squares[which], weight)

    def locate(self, which: Indices) -> Floats:
        if self._rows.dtype == self.dtype:
            return self._rows.take(which, axis=0)[..., :-1]
        return self._originals.read(which)

    def pick(self, which: Indices) -> Floats:
        return self._rows.take(which, axis=0)[:, :-1].T

    def spread(self, centers: Floats, labels: Indices) -> Floats:
        return centers.astype(self._rows.dtype, copy=False).take(labels, axis=0).T

    def measure_from(self) -> Callable[[Indices], Floats]:
        own = self._point_squares.astype(self._rows.dtype)

        def measure(which: Indices) -> Floats:
            squared: Floats = multiply(lift(self.pick(which).T), self._rows.T) + own
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
        """Write the labels and the slack of the `doubtful` points, again in X's type where float32 leaves doubts."""
        lifted = lift(centers)
        reach = float(lifted[:, -1].max()) + self._farthest
        if self._rows.dtype == self.dtype or reach < MOST_SQUARED:
            self._compare(doubtful, lifted.astype(self._rows.dtype), reach, self._take_rows, labels, slack, n_jobs)
        if self._rows.dtype != self.dtype:
            doubtful = doubtful[slack.take(doubtful) <= 0]
        if self._rows.dtype != self.dtype and len(doubtful):
            self._compare(doubtful, lifted, reach, self._read_rows, labels, slack, n_jobs)

    def _compare(
        self,
        doubtful: Indices,
        lifted: Floats,
        reach: float,
        take: Callable[[Indices], Floats],
        labels: Indices,
        slack: Floats,
        n_jobs: int,
    ) -> None:
        # What rounding adds to a product at most: N. Higham, Accuracy and Stability of Numerical Algorithms, 2002, 3.1.
        rounding = (len(lifted.T) + 15) * float(np.finfo(lifted.dtype).eps) * reach

        def work(piece: slice) -> None:
            which = doubtful[piece]
            near, labels[which], far, _ = find_two_nearest(lifted, take(which).T)
            squares = self._point_squares.take(which)
            near, far = np.maximum(near + squares + rounding, 0), np.maximum(far + squares - rounding, 0)
            slack[which] = np.sqrt(far) - np.sqrt(near)

        size = min(CHUNK // len(lifted), 8 * CHUNK // len(lifted.T))
        map_chunks(work, len(doubtful), max(size, 1), n_jobs)

    def _take_rows(self, which: Indices) -> Floats:
        return self._rows[which[0] : which[-1] + 1] if which[-1] - which[0] == len(which) - 1 else self._rows[which]

    def _read_rows(self, which: Indices) -> Floats:
        coordinates = self.locate(which)
        return np.column_stack([coordinates, np.ones(len(which), coordinates.dtype)])

    def _add_up(self, labels: Indices, n_labels: int) -> Floats:
        """Return the terms [x, 1] added up by label: only what has a new label is read."""
        before = self._latest
        if before is not None and before.sums.shape[1] == n_labels:
            changed = np.flatnonzero(labels != before.labels)
            if 2 * len(changed) < self.n:
                sums = before.sums.copy()
                moved = self._read_weighted(changed).T
                sums[:-1] += sum_by(labels[changed], moved, n_labels) - sum_by(before.labels[changed], moved, n_labels)
                sums[-1] = np.bincount(labels, self.weight, n_labels)
                sums[:, sums[-1] == 0] = 0  # not what rounding left
                return sums
        sums = np.empty((len(self.coordinates) + 1, n_labels))
        order, sums[-1] = np.argsort(labels, kind="stable"), np.bincount(labels, self.weight, n_labels)
        ends = np.cumsum(np.bincount(labels, minlength=n_labels)).tolist()
        for label, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
            sums[:-1, label] = self._read_weighted(order[start:end]).sum(axis=0, dtype=np.float64)
        return sums

    def _read_weighted(self, which: Indices) -> Floats:
        coordinates = self.locate(which)
        return coordinates if self.even else coordinates * self.weight[which, np.newaxis]


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
