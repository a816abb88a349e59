"""A cloud of weighted points along a curve in space, and the batches that are drawn from it."""

import math
from functools import cached_property

import numpy as np

from quantize.kmeans.blocks import MOST_DIMENSIONS, curve_order
from quantize.kmeans.distances import Floats, Indices
from quantize.kmeans.nearest import Labels
from quantize.kmeans.points import Points, take_rows
from quantize.kmeans.seeding import Random
from quantize.kmeans.systematic import draw_evenly, draw_systematically
from quantize.kmeans.wide import CHUNK, WidePoints
from quantize.parallel.threads import map_chunks

# Of many dimensions all points are taken where up to so many times fewer would do: to copy these costs as much as to
# look at the others. On five clouds of 5,000 to 12,000 points and 16 to 784 coordinates a fit takes 0.77 to 0.89 of the
# time with 2 that it takes with 1, and ends as near or nearer; with 3 it takes 0.77 to 1.7 of the time with 2.
ALL_OF_FEW = 2


class Cloud:
    """Points (n, d) and weights in their order along a curve, seen from their mean so that squares keep their digits.

    The points stay where the caller has them: most fits visit few of them.
    """

    def __init__(self, X: Floats, weight: Floats) -> None:
        self._points, self._weight = X, weight
        self.even = bool((weight == 1).all())  # points that all weigh one are drawn and added up faster
        total = float(weight.sum(dtype=np.float64))
        self.is_wide = is_wide(X)
        self.origin: Floats
        if self.is_wide:
            # There is no curve, but equal points come together: they give what one of their weight does.
            self.order = np.argsort(X[:, 0], kind="stable")
            self.origin = (np.einsum("i,ij->j", weight, X) / total).astype(X.dtype)
        else:
            self.order = curve_order(X.T)
            self.origin = np.array([np.einsum("i,i->", weight, x) / total for x in X.T], X.dtype)

    def __len__(self) -> int:
        return len(self._weight)

    @cached_property
    def variance(self) -> float:
        """Mean over the coordinates of their weighted variance."""

        def add_up(piece: slice) -> float:
            difference = self._points[piece] - self.origin
            squared = np.einsum("ij,ij->i", difference, difference)
            return float(np.einsum("i,i->", squared, self._weight[piece], dtype=np.float64))

        n_points, n_dimensions = self._points.shape
        total = float(self._weight.sum(dtype=np.float64))
        squares = math.fsum(map_chunks(add_up, n_points, max(CHUNK // n_dimensions, 1)))
        return squares / float(n_dimensions) / total

    @cached_property
    def whole(self) -> Points:
        """All points."""
        return self._gather(self.order, None if self.even else self._weight.take(self.order))

    @cached_property
    def _cumulative(self) -> Floats:
        return np.cumsum(self._weight.take(self.order), dtype=np.float64)

    def restore_order(self, labels: Indices) -> Labels:
        """Return the labels of the whole cloud in the order in which its points were given."""
        restored = np.empty(len(labels), np.int32)
        restored[self.order] = labels
        return restored

    def draw(self, size: int, random: Random) -> Points:
        """Draw `size` points in proportion to their weights, each with a weight of one; all points if that is fewer.

        The draw is systematic: as the points lie along a curve, each neighborhood takes part as its weight asks.
        """
        if size * (ALL_OF_FEW if self.is_wide else 1) >= len(self):
            return self.whole
        offset = random.random() or 1.0
        drawn = (
            draw_evenly(len(self), size, offset) if self.even else draw_systematically(self._cumulative, size, offset)
        )
        return self._gather(self.order.take(drawn))

    def _gather(self, rows: Indices, weight: Floats | None = None) -> Points:
        return gather_points(self._points, rows, self.origin, weight)


def gather_points(X: Floats, rows: Indices, origin: Floats, weight: Floats | None = None) -> Points:
    """Copy some rows of X (n, d), relative to the origin, to where the engine looks at them."""
    if is_wide(X):
        return WidePoints.gather(X, rows, origin, weight)
    return Points(np.ascontiguousarray((take_rows(X, rows) - origin).T), weight)


def is_wide(X: Floats) -> bool:
    """Whether X has more coordinates than boxes of neighbors are of use for."""
    return bool(X.shape[1] > MOST_DIMENSIONS)
