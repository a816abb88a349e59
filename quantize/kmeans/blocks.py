"""Points in blocks of neighbors, so that most centers are ruled out for a whole block at a time.

A block is a run of points along a space-filling curve, known by its bounding box. A center can be nearest to a point of
the box only if somewhere in it the center is nearer than c', the center nearest to the box's middle. The difference of
the two squared distances is linear, so over the box it falls below its value at the middle by at most the sum, over the
coordinates, of |c - c'| times the box's extent. The few centers that pass are compared with the block's points; where
c' alone passes, its points need not be looked at. Nothing is approximate.

T. Kanungo, D. Mount, N. Netanyahu, C. Piatko, R. Silverman, A. Wu: An efficient k-means clustering algorithm: analysis
and implementation. IEEE TPAMI 24(7), 2002. Their tree of boxes is one level here, which suits arrays.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans.distances import Floats, Indices, find_nearest, first_minimum, lift, multiply
from quantize.parallel.threads import map_chunks

Result = TypeVar("Result")
Visit = Callable[[slice, Indices, NDArray[np.bool_]], Result]

# Points of a block. More boxes are tested against more centers that pass: with 64 or 128, a look at 16,384 points and
# 256 centers takes a tenth longer, and one at few centers as long.
BLOCK = 96
# Numbers held at a time: 512 KB of float32, half of a common second-level cache.
CHUNK = 1 << 17
# Products of points and centers from which the test of the boxes pays for itself.
WORTH_PRUNING = 1 << 21
# Products of fewer rows than this take as long.
FEWEST = 8
# In more dimensions a box of neighbors touches nearly every center's region, and its test would only cost time.
MOST_DIMENSIONS = 8
# The curve's resolution: 16-bit keys, which numpy sorts by radix.
CURVE_BITS = 15


def curve_order(columns: Floats) -> Indices:
    """Return the order of points (d, n) along a Z-shaped curve, on which neighbors are mostly near each other.

    G. M. Morton: A computer oriented geodetic data base and a new technique in file sequencing. IBM, 1966.
    """
    n_dimensions, n_points = columns.shape
    bits = CURVE_BITS // n_dimensions
    pieces = [slice(start, start + CHUNK // 2) for start in range(0, n_points, CHUNK // 2)]
    # Row by row: where each point's coordinates lie together, a minimum along an axis takes ten times as long.
    low = np.min([[row.min() for row in columns[:, piece]] for piece in pieces], axis=0)
    high = np.max([[row.max() for row in columns[:, piece]] for piece in pieces], axis=0)
    extent = float((high - low).max()) or 1.0
    keys = np.zeros(n_points, np.uint16)
    for piece in pieces:
        for i, row in enumerate(columns[:, piece]):
            steps = ((row - low[i]) * (((1 << bits) - 0.5) / extent)).astype(np.uint16)
            for bit in range(bits):
                keys[piece] |= (steps >> bit & 1) << (bit * n_dimensions + i)
    return np.argsort(keys, kind="stable")


class Blocks:
    """Points (d, n) of few dimensions, laid out as columns [x, 1] in blocks that the last point fills up."""

    def __init__(self, points: Floats) -> None:
        n_dimensions, self.n_points = points.shape
        n_blocks = -(-self.n_points // BLOCK)
        flat = np.ones((n_dimensions + 1, n_blocks * BLOCK), points.dtype)
        flat[:-1, : self.n_points] = points
        flat[:-1, self.n_points :] = points[:, -1:]
        self.columns = flat.reshape(n_dimensions + 1, n_blocks, BLOCK)
        low, high = self.columns[:-1].min(axis=2), self.columns[:-1].max(axis=2)
        self.extents = high - low
        self.middles = np.ones((n_dimensions + 1, n_blocks), points.dtype)
        self.middles[:-1] = (low + high) / 2

    def visit(self, centers: Floats, function: Visit[Result], n_jobs: int = 1) -> list[Result]:
        """Label the points piece by piece and hand each piece to `function`.

        `function` gets the piece, a slice of blocks, the labels of its points (blocks, BLOCK), and which of its blocks
        belong to one center alone.
        """
        lifted = lift(centers)
        prunes = self.n_points * len(centers) >= WORTH_PRUNING

        def work(piece: slice) -> Result:
            columns = self.columns[:, piece]
            if prunes:
                labels, alone = self._label(centers, lifted, piece)
            else:
                labels = find_nearest(lifted, columns.reshape(len(columns), -1)).reshape(columns.shape[1:])
                alone = np.zeros(len(labels), bool)
            return function(piece, labels, alone)

        size = CHUNK // len(centers) // (1 if prunes else BLOCK)
        return map_chunks(work, self.columns.shape[1], max(size, 16), n_jobs)

    def _label(self, centers: Floats, lifted: Floats, piece: slice) -> tuple[Indices, NDArray[np.bool_]]:
        """Find the nearest center of each point of a piece, and the blocks that have one center alone."""
        passing = self._find_passing(centers, lifted, piece)
        counts = passing.sum(axis=0, dtype=np.intp)
        # Of the first block, then of the second, ...: by one coordinate, in two thirds of the time of both.
        candidates = np.flatnonzero(passing.T) % len(centers)
        starts = np.cumsum(counts) - counts
        alone = counts == 1
        labels = np.empty((len(counts), BLOCK), np.intp)
        labels[alone] = candidates[starts[alone], np.newaxis]
        for most, blocks in _group_by_count(counts):
            nth = np.minimum(np.arange(most)[:, np.newaxis], counts[blocks] - 1)  # short lists repeat their last
            labels[blocks] = self._compare(lifted, candidates[starts[blocks] + nth], piece.start + blocks)
        return labels, alone

    def _find_passing(self, centers: Floats, lifted: Floats, piece: slice) -> NDArray[np.bool_]:
        """Tell which centers may be nearest to a point of each block: (k, blocks)."""
        middles = self.middles[:, piece]
        values = multiply(lifted, middles)
        lowest, nearest = first_minimum(values)
        reach = np.empty_like(values)
        for coordinates, extents in zip(centers.T, self.extents[:, piece], strict=True):
            np.subtract(coordinates[:, np.newaxis], coordinates[nearest], out=reach)
            np.abs(reach, out=reach)
            reach *= extents
            values -= reach
        rounding = 16 * np.finfo(values.dtype).eps * (lifted[:, -1].max() + (middles[:-1] ** 2).sum(axis=0).max())
        passing: NDArray[np.bool_] = values <= lowest + rounding
        return passing

    def _compare(self, lifted: Floats, candidates: Indices, blocks: Indices) -> Indices:
        """Return the nearest of each block's `candidates` (m, blocks) to each of its points."""
        values = np.empty((len(candidates), len(blocks), BLOCK), lifted.dtype)
        np.matmul(lifted[candidates.T], self.columns[:, blocks].transpose(1, 0, 2), out=values.transpose(1, 0, 2))
        nearest = first_minimum(values.reshape(len(candidates), -1))[1].reshape(len(blocks), BLOCK)
        return candidates.ravel().take(nearest * len(blocks) + np.arange(len(blocks))[:, np.newaxis])


def _group_by_count(counts: Indices) -> Iterator[tuple[int, Indices]]:
    """Yield blocks with 2 to 8 candidates, with 9 to 16, with 17 to 32, ..., some at a time, and the most they have."""
    least, most = 2, FEWEST
    while least <= counts.max():
        blocks = np.flatnonzero((counts >= least) & (counts <= most))
        size = max(2 * CHUNK // (most * BLOCK), 1)
        for start in range(0, len(blocks), size):
            yield most, blocks[start : start + size]
        least, most = most + 1, 2 * most
