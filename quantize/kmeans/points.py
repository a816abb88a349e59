"""Weighted points as the engine holds them, and what it must know of the points around each center.

A cluster is known by its moments: how many points it has, their sum, and the sum of their squares. Means, errors, the
cost of a merge and the gain of a split all follow from moments, so a look at the points is a search for their nearest
centers and a few sums.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans.chunks import map_chunks
from quantize.kmeans.nearest import Floats, chunk_size, homogeneous, lift, nearest_column


@dataclass(frozen=True, slots=True)
class Moments:
    """Weight (k,), sum of points (k, d) and sum of squared norms (k,) of k clusters, in float64."""

    weight: Floats
    sums: Floats
    squares: Floats

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

    def cost(self, centers: Floats) -> float:
        """Sum of squared distances of all points from their cluster's row of `centers`."""
        wide = centers.astype(np.float64)
        crossed, squared = np.einsum("ij,ij->i", wide, self.sums), np.einsum("ij,ij->i", wide, wide)
        return max(float((self.squares - 2 * crossed + squared * self.weight).sum()), 0.0)


@dataclass(frozen=True, slots=True)
class Points:
    """Points in columns [x, 1], and the terms [x, 1, |x|²] of their moments, each times the point's weight."""

    columns: Floats
    terms: Floats

    @classmethod
    def of(cls, X: Floats, weight: Floats) -> "Points":
        columns = homogeneous(X)
        squares = np.einsum("ij,ij->j", columns[:-1], columns[:-1])
        return cls(columns, np.vstack([columns, squares]) * weight.astype(X.dtype, copy=False))

    @property
    def weight(self) -> Floats:
        weight: Floats = self.terms[-2]
        return weight

    @property
    def total(self) -> float:
        return float(self.weight.sum(dtype=np.float64))

    def __len__(self) -> int:
        return int(self.columns.shape[1])

    def look(self, centers: Floats, n_jobs: int = 1) -> tuple[NDArray[np.intp], Moments]:
        """Find each point's nearest center, and the moments of the clusters that they make."""
        lifted = lift(centers)
        labels = np.empty(len(self), np.intp)

        def look(piece: slice) -> Floats:
            labels[piece] = nearest_column(lifted, self.columns[:, piece])
            return self.sum_by(labels[piece], len(centers), piece)

        return labels, as_moments(sum(map_chunks(look, len(self), chunk_size(len(centers)), n_jobs)))

    def sum_by(self, labels: NDArray[np.intp], n_labels: int, piece: slice | NDArray[np.intp] = slice(None)) -> Floats:
        """Add up the terms of the points `piece` that carry the same label: (d + 2, n_labels)."""
        return np.stack([np.bincount(labels, row, n_labels) for row in self.terms[:, piece]])


def as_moments(sums: Any) -> Moments:
    """Read sums of terms [x, 1, |x|²] as moments."""
    return Moments(sums[-2], sums[:-2].T, sums[-1])
