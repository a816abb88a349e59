"""Weighted points as the engine holds them, and what it must know of the points around each center.

A cluster is known by its moments: how much its points weigh, their sum, and the sum of their squares. Means, the error,
the cost of a merge and the gain of a split all follow from moments, so that a look at the points is a search for their
nearest centers and a few sums. A block of points that has one center gives its own sums as a whole.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans.blocks import BLOCK, Blocks
from quantize.kmeans.distances import Floats, Indices


@dataclass(frozen=True, slots=True)
class Moments:
    """Weight (k,), sum of points (k, d) and sum of squared norms (k,) of k clusters, in float64."""

    weight: Floats
    sums: Floats
    squares: Floats

    @classmethod
    def of(cls, sums: Any) -> "Moments":
        """Read sums of terms [x, 1, |x|²] (d + 2, k)."""
        return cls(sums[-2], sums[:-2].T, sums[-1])

    @property
    def errors(self) -> Floats:
        """Sum of squared distances of each cluster's points from their mean."""
        weight = np.where(self.weight > 0, self.weight, 1)
        errors: Floats = np.maximum(self.squares - np.einsum("ij,ij->i", self.sums, self.sums) / weight, 0)
        return errors

    def means(self, otherwise: Floats) -> Floats:
        """Mean of each cluster; of one without points, the row of `otherwise`."""
        filled = self.weight > 0
        means = otherwise.copy()
        means[filled] = self.sums[filled] / self.weight[filled, np.newaxis]
        return means

    def rows(self, clusters: Indices) -> "Moments":
        """Return the moments of some clusters."""
        return Moments(self.weight[clusters], self.sums[clusters], self.squares[clusters])

    def replace(self, clusters: Indices, moments: "Moments") -> "Moments":
        """Return these moments with others for some clusters."""
        result = Moments(self.weight.copy(), self.sums.copy(), self.squares.copy())
        result.weight[clusters], result.sums[clusters], result.squares[clusters] = (
            moments.weight, moments.sums, moments.squares,
        )  # fmt: skip
        return result

    def cost(self, centers: Floats) -> float:
        """Sum of squared distances of all points from their cluster's row of `centers`."""
        wide = centers.astype(np.float64)
        crossed, squared = np.einsum("ij,ij->i", wide, self.sums), np.einsum("ij,ij->i", wide, wide)
        return max(float((self.squares - 2 * crossed + squared * self.weight).sum()), 0.0)


class Points:
    """Points (d, n) along a curve in space, with their weights and the terms [x, 1, |x|²] of their moments."""

    def __init__(self, coordinates: Floats, weight: Floats) -> None:
        n_dimensions, self.n = coordinates.shape
        self.coordinates, self.weight = coordinates, weight
        self.blocks = Blocks(coordinates)
        shape = self.blocks.columns.shape[1:]
        terms = np.zeros((n_dimensions + 2, shape[0] * BLOCK), coordinates.dtype)
        np.multiply(coordinates, weight, out=terms[:-2, : self.n])
        terms[-2, : self.n] = weight
        np.einsum("ij,ij->j", coordinates, terms[:-2, : self.n], out=terms[-1, : self.n])
        self.terms = terms[:, : self.n]
        self._terms = terms.reshape(-1, *shape)
        self._block_terms = self._terms.sum(axis=2)

    def __len__(self) -> int:
        return int(self.n)

    @property
    def total(self) -> float:
        return float(self.weight.sum(dtype=np.float64))

    def thin(self, size: int) -> "Points":
        """Return every n-th point, such that about `size` are left."""
        step = max(self.n // size, 1)
        return Points(self.coordinates[:, ::step], self.weight[::step])

    def select(self, which: NDArray[np.bool_]) -> "Points":
        """Return the points that a mask marks."""
        return Points(self.coordinates[:, which], self.weight[which])

    def look(self, centers: Floats, n_jobs: int = 1) -> tuple[Indices, Moments]:
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


def sum_by(labels: Indices, rows: Floats, n_labels: int) -> Floats:
    """Add up the columns of `rows` that carry the same label: (len(rows), n_labels), in float64."""
    return np.stack([np.bincount(labels, row.ravel(), n_labels) for row in rows])
