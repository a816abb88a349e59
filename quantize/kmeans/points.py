"""Weighted points as the engine holds them, and what it must know of the points around each center.

A cluster is known by its moments: how much its points weigh, and their sum. Means, the cost of a merge and the gain of
a split follow from moments, and with the sum of all points' squares the error does: to assign the points to centers is
to find the nearest ones and to add up a few sums. A block of points that has one center gives its own sums as a whole.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans.blocks import BLOCK, Blocks
from quantize.kmeans.distances import ONE_THREAD, Floats, Indices, multiply
from quantize.kmeans.systematic import draw_systematically

# Terms from which each label's points are added up together. Of 1,200 points with 16, 30, 64 and 784 terms one
# `bincount` for each term takes 0.07, 0.13, 0.35 and 3.4 ms, all together 0.08, 0.13, 0.12 and 0.6.
MANY_TERMS = 32


class Moments(NamedTuple):
    """Weight (k,) and sum of points (k, d) of k clusters, in float64."""

    weight: Floats
    sums: Floats

    @classmethod
    def of(cls, sums: Any) -> "Moments":
        """Read sums of terms [x, 1] (d + 1, k)."""
        return cls(sums[-1], sums[:-1].T)

    def means(self, otherwise: Floats) -> Floats:
        """Mean of each cluster; of one without points, the row of `otherwise`."""
        filled = self.weight > 0
        means = otherwise.copy()
        means[filled] = self.sums[filled] / self.weight[filled, np.newaxis]
        return means

    def rows(self, clusters: Indices) -> "Moments":
        """Return the moments of some clusters."""
        return Moments(self.weight[clusters], self.sums[clusters])

    def replace(self, clusters: Indices, moments: "Moments") -> "Moments":
        """Return these moments with others for some clusters."""
        result = Moments(self.weight.copy(), self.sums.copy())
        result.weight[clusters], result.sums[clusters] = moments.weight, moments.sums
        return result

    def saving(self, centers: Floats) -> float:
        """How much nearer all points, squared, are to their cluster's row of `centers` than to the origin."""
        wide = centers.astype(np.float64)
        return float(2 * np.einsum("ij,ij->", wide, self.sums) - np.einsum("ij,ij,i->", wide, wide, self.weight))


class Points:
    """Points (d, n) along a curve in space, with weights (of one, if none are given) and the terms of their moments."""

    def __init__(self, coordinates: Floats, weight: Floats | None = None) -> None:
        n_dimensions, self.n = coordinates.shape
        self.dtype = coordinates.dtype
        self.even = weight is None
        self.weight: Floats = np.ones(self.n, coordinates.dtype) if weight is None else weight
        self.coordinates = coordinates
        self.blocks = Blocks(coordinates)
        shape = self.blocks.columns.shape[1:]
        terms = np.zeros((n_dimensions + 1, shape[0] * BLOCK), coordinates.dtype)
        np.multiply(coordinates, self.weight, out=terms[:-1, : self.n])
        terms[-1, : self.n] = self.weight
        self._squares = float(np.einsum("ij,ij->j", coordinates, terms[:-1, : self.n]).sum(dtype=np.float64))
        self._terms = terms.reshape(-1, *shape)
        self._block_terms = self._terms.sum(axis=2)

    def __len__(self) -> int:
        return int(self.n)

    @property
    def total(self) -> float:
        return float(self.weight.sum(dtype=np.float64))

    def sample(self, size: int) -> tuple[Indices, Floats]:
        """Draw about `size` points in even steps along their weights: which they are, and what each stands for."""
        if self.even or size >= self.n:
            step = max(self.n // size, 1)
            return np.arange(0, self.n, step), step * self.weight[::step]
        cumulative = np.cumsum(self.weight, dtype=np.float64)
        return draw_systematically(cumulative, size), np.full(size, cumulative[-1] / size, self.weight.dtype)

    def select(self, which: NDArray[np.bool_]) -> Self:
        """Return the points that a mask marks."""
        return type(self)(self.coordinates[:, which], None if self.even else self.weight[which])

    def pick(self, which: Indices) -> Floats:
        """Return the coordinates (d, m) of some points."""
        return self.coordinates.take(which, axis=1)

    def locate(self, which: Indices) -> Floats:
        """Return some points (m, d) as centers that stand on them."""
        return self.coordinates[:, which].T

    def spread(self, centers: Floats, labels: Indices) -> Floats:
        """Return the center of each label (d, m), laid out as points are."""
        return centers.T.take(labels, axis=1)

    def measure_from(self) -> Callable[[Indices], Floats]:
        """Return what tells how far, squared, all points are from some of them: (m, n)."""
        squared = np.einsum("ij,ij->j", self.coordinates, self.coordinates)
        columns = np.vstack([self.coordinates, np.ones_like(squared), squared])
        lifted = np.vstack([-2 * self.coordinates, squared, np.ones_like(squared)]).T
        return lambda which: multiply(lifted.take(which, axis=0), columns)

    def error(self, moments: Moments, centers: Floats) -> float:
        """Sum of squared distances of all points from their cluster's row of `centers`."""
        return max(self._squares - moments.saving(centers), 0.0)

    def assign(self, centers: Floats, n_jobs: int = 1) -> tuple[Indices, Moments]:
        """Find each point's nearest center, and the moments of the clusters that they make."""
        labels = np.empty(self.blocks.columns.shape[1:], np.intp)

        def add_up(piece: slice, found: Indices, alone: NDArray[np.bool_]) -> Floats:
            labels[piece] = found
            if not alone.any():
                return sum_by(found.ravel(), self._terms[:, piece], len(centers))
            whole = sum_by(found[alone, 0], self._block_terms[:, piece][:, alone], len(centers))
            return whole + sum_by(found[~alone].ravel(), self._terms[:, piece][:, ~alone], len(centers))

        sums = sum(self.blocks.visit(centers, add_up, n_jobs))
        return labels.ravel()[: self.n], Moments.of(sums)


def take_rows(X: Floats, rows: Indices) -> Floats:
    """Return some rows of X. `take` would first copy all of them where they do not lie one after the other."""
    taken: Floats = X.take(rows, axis=0) if X.flags.c_contiguous else X[rows]
    return taken


def sum_by(labels: Indices, rows: Floats, n_labels: int) -> Floats:
    """Add up the columns of `rows` that carry the same label: (len(rows), n_labels), in float64."""
    if len(rows) <= MANY_TERMS:
        return np.stack([np.bincount(labels, row.ravel(), n_labels) for row in rows])
    if rows.size * n_labels <= ONE_THREAD:
        marks = np.zeros((len(labels), n_labels))
        marks[np.arange(len(labels)), labels] = 1
        return rows.astype(np.float64, copy=False) @ marks
    order, columns = np.argsort(labels, kind="stable"), rows.T
    ends = np.cumsum(np.bincount(labels, minlength=n_labels)).tolist()
    sums = np.empty((n_labels, len(rows)))
    for label, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        take_rows(columns, order[start:end]).sum(axis=0, dtype=np.float64, out=sums[label])
    return sums.T
