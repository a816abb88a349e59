"""A checked cloud of weighted points, and the batches that are drawn from it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from quantize.kmeans.blocks import curve_order
from quantize.kmeans.distances import Floats
from quantize.kmeans.points import Points
from quantize.kmeans.seeding import Random
from quantize.kmeans.systematic import draw_systematically


def check_points(X: ArrayLike, n_features: int | None = None) -> Floats:
    """Return X as a float array of shape (n, d); whatever is not float32 becomes float64."""
    points = np.asarray(X)
    if points.dtype != np.float32:
        points = points.astype(np.float64, copy=False)
    if points.ndim != 2 or not points.size:
        raise ValueError(f"X must hold points in rows and coordinates in columns, but its shape is {points.shape}")
    if n_features is not None and points.shape[1] != n_features:
        raise ValueError(f"X has {points.shape[1]} features, but the centers have {n_features}")
    if not np.isfinite(points).all():
        raise ValueError("X contains NaN or infinity")
    return points


def check_fixed(fixed: ArrayLike | None, init: Any, n_clusters: int, points: Floats) -> Floats:
    """Return the fixed centers, of shape (f, d); check the initial ones too, if `init` is an array."""
    held = np.empty((0, points.shape[1]), points.dtype) if fixed is None else np.array(fixed, points.dtype, ndmin=2)
    if held.ndim != 2 or held.shape[1] != points.shape[1] or len(held) > n_clusters:
        raise ValueError(f"fixed has shape {held.shape}: expected up to {n_clusters} rows like X's")
    if not np.isfinite(held).all():
        raise ValueError("fixed contains NaN or infinity")
    if not isinstance(init, str):
        if np.shape(init) != (n_clusters, points.shape[1]):
            raise ValueError(f"init has shape {np.shape(init)}: expected {(n_clusters, points.shape[1])}")
        if not np.isfinite(np.asarray(init)).all():
            raise ValueError("init contains NaN or infinity")
    return held


def check_weight(sample_weight: ArrayLike | None, points: Floats) -> Floats:
    """Return one weight for each point, in the points' type; ones if there are none."""
    if sample_weight is None:
        return np.ones(len(points), points.dtype)
    weight = np.asarray(sample_weight).astype(points.dtype, copy=False)
    if weight.shape != (len(points),):
        raise ValueError(f"sample_weight has shape {weight.shape}, but there are {len(points)} points")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError("sample_weight must be finite and not negative")
    if not weight.any():
        raise ValueError("sample_weight is zero for every point")
    return weight


class Cloud:
    """Points and weights along a curve in space, seen from near their mean so that squares keep their digits."""

    def __init__(self, X: Floats, weight: Floats) -> None:
        self.origin: Floats = (weight @ X) / weight.sum()
        coordinates = np.ascontiguousarray((X - self.origin).T)
        order = curve_order(coordinates)
        self._coordinates, self._weight = coordinates.take(order, axis=1), weight.take(order)
        self._cumulative = np.cumsum(self._weight, dtype=np.float64)

    def __len__(self) -> int:
        return len(self._weight)

    @property
    def variance(self) -> float:
        """Mean over the coordinates of their weighted variance."""
        return float(((self._coordinates**2) @ self._weight).mean() / self._cumulative[-1])

    def whole(self) -> Points:
        # Points that weigh the same are looked at faster.
        return Points(self._coordinates, None if (self._weight == 1).all() else self._weight)

    def draw(self, size: int, random: Random) -> Points:
        """Draw `size` points in proportion to their weights, each with a weight of one; all points if that is fewer.

        The draw is systematic: as the points lie along a curve, each neighborhood takes part as its weight asks.
        """
        if size >= len(self):
            return self.whole()
        drawn = draw_systematically(self._cumulative, size, random.random() or 1.0)
        return Points(self._coordinates.take(drawn, axis=1))


def random_source(random_state: Any) -> Random:
    """Return what gives the random numbers: the generator itself, or one that starts from the integer or from None."""
    if hasattr(random_state, "random"):
        return random_state  # type: ignore[no-any-return]
    from random import Random as Source  # numpy's generators cost 12 ms to import, for a few hundred numbers

    if random_state is None or isinstance(random_state, int | np.integer):
        return Source(None if random_state is None else int(random_state))
    raise ValueError(f"random_state must be None, an integer or a random generator, not {random_state!r}")
