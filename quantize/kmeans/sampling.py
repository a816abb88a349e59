"""A cloud of weighted points along a curve in space, and the batches that are drawn from it."""

from functools import cached_property

import numpy as np

from quantize.kmeans.blocks import MOST_DIMENSIONS, curve_order
from quantize.kmeans.distances import Floats, Indices
from quantize.kmeans.nearest import Labels
from quantize.kmeans.points import Points
from quantize.kmeans.seeding import Random
from quantize.kmeans.systematic import draw_systematically


class Cloud:
    """Points and weights along a curve in space, seen from near their mean so that squares keep their digits."""

    def __init__(self, X: Floats, weight: Floats) -> None:
        self.origin: Floats = (weight @ X) / weight.sum()
        coordinates = np.ascontiguousarray((X - self.origin).T)
        # In many dimensions there is no curve, but equal points come together: they give what one of their weight does.
        self.order = curve_order(coordinates) if len(coordinates) <= MOST_DIMENSIONS else np.argsort(coordinates[0])
        self._coordinates, self._weight = coordinates.take(self.order, axis=1), weight.take(self.order)
        self._cumulative = np.cumsum(self._weight, dtype=np.float64)

    def __len__(self) -> int:
        return len(self._weight)

    @cached_property
    def variance(self) -> float:
        """Mean over the coordinates of their weighted variance."""
        return float(((self._coordinates**2) @ self._weight).mean() / self._cumulative[-1])

    @cached_property
    def whole(self) -> Points:
        """All points. Those that all weigh one are told so, as they are added up faster."""
        return Points(self._coordinates, None if (self._weight == 1).all() else self._weight)

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
        drawn = draw_systematically(self._cumulative, size, random.random() or 1.0)
        return Points(self._coordinates.take(drawn, axis=1))
