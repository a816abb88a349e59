"""Centers for a picture with soft edges: what is opaque stays opaque, and has an entry near it.

An opaque pixel chooses among opaque palette colors only, or a page would shine through solid things in spots. The
engine finds its centers for all pixels alike, so some stand for opaque and for other pixels. There are several ways on
from there, and the best is taken. Each such center may become two, one for each kind, until the cheapest mergers bring
their number down again (J. H. Ward: Hierarchical grouping to optimize an objective function, Journal of the American
Statistical Association 58:236, 1963). Or some of them, the least transparent first, become opaque, and the others are
left to what is not. Lloyd's steps settle what comes of it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import draw_colors, sum_by_label
from quantize.color.remap import is_opaque
from quantize.kmeans import nearest_label
from quantize.records.picture import Histogram

_N_DRAWS = 1 << 12
"""Colors that the ways are tried on."""

_TRIAL_STEPS = 10
"""Lloyd steps of each trial: in 175 small pictures the best way after 10 is that after 60, or as good within 1%."""

_N_STEPS = 3
"""Lloyd steps of the best way, over all colors: on twelve soft pictures, a fourth gains less than a thousandth."""

_MOST_STEPS = 60
"""The same at most where there are no more colors than trials have: most end before, as no center moves any more."""

_AT_ONCE = 1 << 18
"""Colors whose distances are held at a time."""

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
        Those that stay, and centers such that the nearest that each color may have is near: an opaque one to an opaque
        color. There is one at least where a color is opaque.
    """
    opaque = is_opaque(histogram.colors)
    n_opaque, n_other = (sum_by_label(labels, len(centers), kind) for kind in (opaque, ~opaque))
    if not (n_opaque * n_other).any():
        return centers
    cloud = _Cloud(points, histogram.counts, opaque, points[opaque, 3].max(), n_threads)
    drawn = draw_colors(histogram, _N_DRAWS)
    sample = cloud.take(np.searchsorted(histogram.keys, drawn.keys), drawn.counts)
    ways = [_split(centers, labels, cloud, n_fixed), *_raise(centers, labels, cloud, n_fixed)]
    best = min(ways, key=lambda way: sample.sum_error(_settle(way, sample, _TRIAL_STEPS)))
    return _settle(best, cloud, _MOST_STEPS if drawn is histogram else _N_STEPS).points


class _Centers(NamedTuple):
    """Centers, whether each is opaque, so that it may stand for what is, and whether it stays."""

    points: Floats
    solid: Flags
    fixed: Flags


class _Cloud(NamedTuple):
    """Colors as points with their counts. `height` is the fourth coordinate of those that are opaque."""

    points: Floats
    counts: NDArray[Any]
    opaque: Flags
    height: float
    n_threads: int

    def take(self, rows: NDArray[np.intp], counts: NDArray[Any]) -> "_Cloud":
        """Take some of the colors, with other counts."""
        return self._replace(points=self.points[rows], counts=counts, opaque=self.opaque[rows])

    def find_nearest(self, centers: _Centers) -> NDArray[Any]:
        """Find the nearest center of each color: to an opaque one the nearest that is."""
        labels = nearest_label(self.points, centers.points, n_jobs=self.n_threads)
        solid = np.flatnonzero(centers.solid)
        labels[self.opaque] = solid[
            nearest_label(self.points[self.opaque], centers.points[solid], n_jobs=self.n_threads)
        ]
        return labels

    def average(self, labels: NDArray[Any], otherwise: Floats, kind: Any = slice(None)) -> tuple[Floats, Floats]:
        """Return the weight and the mean of the colors of a kind with each label; for want of any, another point."""
        n, labels, counts = len(otherwise), labels[kind], self.counts[kind]
        weights = sum_by_label(labels, n, counts)
        sums = np.stack([sum_by_label(labels, n, counts, column) for column in self.points[kind].T], axis=1)
        means = otherwise.astype(np.float64)
        np.divide(sums, weights[:, np.newaxis], out=means, where=weights[:, np.newaxis] > 0)
        return weights, means

    def sum_error(self, centers: _Centers) -> float:
        """Sum up the squared distances of all colors from their centers."""
        labels, total = self.find_nearest(centers), 0.0
        for start in range(0, len(labels), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            squares = np.square(self.points[some] - centers.points[labels[some]]).sum(axis=1)
            total += float(squares @ self.counts[some].astype(np.float64))
        return total


def _settle(centers: _Centers, cloud: _Cloud, n_steps: int) -> _Centers:
    """Take Lloyd steps until no center moves any more."""
    for _ in range(n_steps):
        _, means = cloud.average(cloud.find_nearest(centers), centers.points)
        means[centers.solid, 3] = cloud.height
        means[centers.fixed] = centers.points[centers.fixed]
        if np.array_equal(means, centers.points):
            break
        centers = centers._replace(points=means)
    return centers


def _raise(points: Floats, labels: NDArray[Any], cloud: _Cloud, n_fixed: int) -> Iterator[_Centers]:
    """Make 1, 2, 4 ... of the centers opaque that are not, the least transparent first, and at last all."""
    beside = sum_by_label(labels, len(points), ~cloud.opaque)
    fixed = np.arange(len(points)) < n_fixed
    already = np.where(fixed, points[:, 3] >= cloud.height, beside == 0)
    others = np.flatnonzero(~already & ~fixed)
    others = others[np.argsort(-points[others, 3], kind="stable")]
    for power in range(len(others) and (len(others) - 1).bit_length() + 1):
        solid = already.copy()
        solid[others[: 1 << power]] = True
        raised = points.astype(np.float64)
        raised[solid & ~fixed, 3] = cloud.height
        yield _Centers(raised, solid, fixed)


def _split(points: Floats, labels: NDArray[Any], cloud: _Cloud, n_fixed: int) -> _Centers:
    """Make two of each center that stands for both kinds, and merge what is nearest until there are as many again."""
    clusters = _Clusters(points, labels, cloud, n_fixed)
    clusters.merge(len(points))
    return _Centers(clusters.points, clusters.solid, clusters.fixed)


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
    """

    def __init__(self, centers: Floats, labels: NDArray[Any], cloud: _Cloud, n_fixed: int) -> None:
        stays = np.arange(len(centers)) < n_fixed
        parts = []
        for kind, is_solid in ((cloud.opaque, True), (~cloud.opaque, False)):
            weights, means = cloud.average(labels, centers, kind)
            fixed = stays & ((centers[:, 3] >= cloud.height) == is_solid)
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
