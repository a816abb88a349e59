"""Centers for a picture with soft edges: what is opaque stays opaque, and has an entry near it.

An opaque pixel chooses among opaque palette colors only, or a page would shine through solid things in spots. The
engine finds its centers for all pixels alike. Here each center that stands for opaque and for other pixels becomes two
centers, one for each kind. Then the cheapest mergers bring their number down again (J. H. Ward: Hierarchical grouping
to optimize an objective function, Journal of the American Statistical Association 58:236, 1963), and Lloyd's steps
settle them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.remap import is_opaque
from quantize.kmeans import nearest_label
from quantize.records.picture import Histogram

_N_STEPS = 3
"""Lloyd steps after the mergers: on twelve soft pictures, a fourth gains less than a thousandth."""

_FADE = 8
"""Opaque pixels are the end of a fade, and no thing of their own, if the levels of alpha just below, one less than so
many, have as many pixels."""

_DEAR = 1.05
"""A fade may end a little below opaque where opaque entries would raise the error by more than this factor."""

Floats = NDArray[Any]
Flags = NDArray[np.bool_]


def keep_opaque(
    centers: Floats, labels: NDArray[Any], points: Floats, histogram: Histogram, n_fixed: int = 0, n_threads: int = 1
) -> Floats:
    """Give opaque pixels opaque centers of their own, where some would have to share others.

    Parameters
    ----------
    centers : ndarray of shape (n, 4)
    labels : ndarray of shape (n_unique,)
        The nearest center of each color.
    points : ndarray of shape (n_unique, 4)
        The colors, in the space of the centers.
    histogram : Histogram
        The colors and their counts.
    n_fixed : int
        The first centers, that many, stay.
    n_threads : int

    Returns
    -------
    ndarray of shape (n, 4)
        Opaque centers for opaque pixels, and those that stay. In a fade without opaque things, where opaque centers
        would cost much, there are none: then no pixel is bound to them.
    """
    opaque = is_opaque(histogram.colors)
    mixed = np.bincount(labels, opaque, len(centers)) * np.bincount(labels, ~opaque, len(centers))
    if not mixed.any():
        return centers
    counts = histogram.counts.astype(np.float64)
    clusters = _Clusters(centers, labels, points, counts, opaque, n_fixed)
    clusters.merge(len(centers))
    solid = np.flatnonzero(clusters.solid)
    entries = clusters.points
    for _ in range(_N_STEPS):
        nearest = nearest_label(points, entries, n_jobs=n_threads)
        nearest[opaque] = solid[nearest_label(points[opaque], entries[solid], n_jobs=n_threads)]
        means = _average(nearest, points, counts, entries)[1]
        means[solid, 3] = clusters.height
        means[clusters.fixed] = entries[clusters.fixed]
        entries = means
    if _is_fade(histogram) and not (n_fixed and clusters.solid[clusters.fixed].any()):
        cost, free = (_sum_error(points, counts, *found) for found in ((entries, nearest), (centers, labels)))
        if cost > _DEAR * free:
            return _end_below_opaque(centers, clusters.height)
    return entries


class _Clusters:
    """Clusters of colors, opaque ones and others apart, that merge.

    Attributes
    ----------
    points : ndarray of shape (n, 4)
    weights : ndarray of shape (n,)
    solid : ndarray of shape (n,)
        Whether a cluster may hold opaque colors: then its point is opaque.
    fixed : ndarray of shape (n,)
        Whether its point stays.
    height : float
        The fourth coordinate of what is opaque.
    """

    def __init__(
        self, centers: Floats, labels: NDArray[Any], points: Floats, counts: Floats, opaque: Flags, n_fixed: int
    ) -> None:
        n = len(centers)
        self.height = points[opaque, 3].max()
        stays = np.arange(n) < n_fixed
        parts = []
        for kind, is_solid in ((opaque, True), (~opaque, False)):
            weights, means = _average(labels[kind], points[kind], counts[kind], centers)
            fixed = stays & ((centers[:, 3] >= self.height) == is_solid)
            means[fixed] = centers[fixed]
            rows = np.flatnonzero(fixed | (weights > 0))
            parts.append((means[rows], weights[rows], np.full(len(rows), is_solid), fixed[rows]))
        self.points, self.weights, self.solid, self.fixed = map(np.concatenate, zip(*parts, strict=True))

    def merge(self, n: int) -> None:
        """Merge what costs least until n clusters are left."""
        every = np.arange(len(self.points))
        left = np.ones(len(every), bool)
        partners, costs = np.zeros(len(every), np.intp), np.full(len(every), np.inf)
        renewed = every
        while True:
            for row in renewed:
                prices = np.where(left, self.price(row, every), np.inf)
                partners[row] = prices.argmin()
                costs[row] = prices[partners[row]]
            if np.count_nonzero(left) <= n:
                break
            one = int(costs.argmin())
            other = int(partners[one])
            self.absorb(one, other)
            left[one], costs[one] = False, np.inf
            prices = self.price(every, other)
            cheaper = left & (prices < costs)
            partners[cheaper], costs[cheaper] = other, prices[cheaper]
            stale = left & ~cheaper & ((partners == one) | (partners == other))
            stale[other] = True
            renewed = np.flatnonzero(stale)
        self.points, self.weights, self.solid, self.fixed = (
            array[left] for array in (self.points, self.weights, self.solid, self.fixed)
        )

    def price(self, one: Any, other: Any) -> Floats:
        """Return by how much the error grows if clusters merge into others; infinite where they must not."""
        gone, grown = self.weights[one], self.weights[other]
        # The point of a cluster that stays or becomes opaque does not go half of the way.
        weight = np.where(
            self.fixed[other] | (self.solid[other] != self.solid[one]),
            gone,
            gone * grown / np.maximum(gone + grown, np.finfo(float).tiny),
        )
        prices: Floats = weight * np.square(self.points[one] - self.points[other]).sum(axis=-1)
        barred = self.fixed[one] | self.solid[one] & ~self.solid[other]
        return np.where(barred | (np.asarray(one) == other), np.inf, prices)

    def absorb(self, one: int, other: int) -> None:
        """Merge one cluster into another."""
        weight = self.weights[one] + self.weights[other]
        if not self.fixed[other] and self.solid[one] == self.solid[other]:
            self.points[other] += self.weights[one] / weight * (self.points[one] - self.points[other])
        self.weights[other] = weight


def _average(labels: NDArray[Any], points: Floats, counts: Floats, otherwise: Floats) -> tuple[Floats, Floats]:
    """Return the weight and the mean of the points of each label; for want of any, the row of `otherwise`."""
    n = len(otherwise)
    weights = np.bincount(labels, counts, n)
    sums = np.stack([np.bincount(labels, counts * column, n) for column in points.T], axis=1)
    means = otherwise.astype(np.float64)
    np.divide(sums, weights[:, np.newaxis], out=means, where=weights[:, np.newaxis] > 0)
    return weights, means


def _sum_error(points: Floats, counts: Floats, centers: Floats, labels: NDArray[Any]) -> float:
    return float(np.square(points - centers[labels]).sum(axis=1) @ counts)


def _is_fade(histogram: Histogram) -> bool:
    alpha = np.bincount(histogram.colors[:, 3], histogram.counts, 256)
    return bool(alpha[255] <= alpha[256 - _FADE : 255].sum())


def _end_below_opaque(centers: Floats, height: float) -> Floats:
    highest = height * 254 / 255
    return centers * np.minimum(1, highest / np.maximum(centers[:, 3:], highest))
