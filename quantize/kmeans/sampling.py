"""A cloud of weighted points along a curve in space, and the batches that are drawn from it."""

from functools import cached_property

import numpy as np

from quantize.kmeans.blocks import MOST_DIMENSIONS, curve_order
from quantize.kmeans.distances import Floats, Indices
from quantize.kmeans.nearest import Labels
from quantize.kmeans.points import Points
from quantize.kmeans.seeding import Random
from quantize.kmeans.systematic import draw_evenly, draw_systematically


class Cloud:
    """Points (n, d) and weights in their order along a curve, seen from their mean so that squares keep their digits.

    The points stay where the caller has them: most fits visit few of them.
    """

    def __init__(self, X: Floats, weight: Floats) -> None:
        self._points, self._weight = X, weight
        self.even = bool((weight == 1).all())  # points that all weigh one are drawn and added up faster
        total = float(weight.sum(dtype=np.float64))
        self.origin: Floats = np.array([np.einsum("i,i->", weight, x) / total for x in X.T], X.dtype)
        # In many dimensions there is no curve, but equal points come together: they give what one of their weight does.
        self.order = curve_order(X.T) if X.shape[1] <= MOST_DIMENSIONS else np.argsort(X[:, 0], kind="stable")

    def __len__(self) -> int:
        return len(self._weight)

    @cached_property
    def variance(self) -> float:
        """Mean over the coordinates of their weighted variance."""
        weight, total = self._weight, float(self._weight.sum(dtype=np.float64))
        squares = (np.einsum("i,i,i->", weight, x - c, x - c) for x, c in zip(self._points.T, self.origin, strict=True))
        return float(sum(squares)) / len(self.origin) / total

    @cached_property
    def whole(self) -> Points:
        """All points."""
        return Points(self._gather(self.order), None if self.even else self._weight.take(self.order))

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
        if size >= len(self):
            return self.whole
        offset = random.random() or 1.0
        drawn = (
            draw_evenly(len(self), size, offset) if self.even else draw_systematically(self._cumulative, size, offset)
        )
        return Points(self._gather(self.order.take(drawn)))

    def _gather(self, rows: Indices) -> Floats:
        """Return some points in columns, relative to the origin."""
        return np.ascontiguousarray((self._points.take(rows, axis=0) - self.origin).T)
