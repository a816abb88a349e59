"""Split and merge: move centers from where they save little error to where one more saves much.

Lloyd's steps only ever move a center to its neighborhood; a region that was seeded with too many centers keeps them. A
round of refinement takes the centers whose merger with another costs least (Ward 1963), and splits with them the
clusters that gain most by it, across their principal axis. Both figures follow from moments, so that only exchanges
with promise are tried. A few Lloyd steps settle them. The round is kept if the error fell; if not, the next one makes
half as many exchanges, or another.

J. H. Ward: Hierarchical grouping to optimize an objective function. JASA 58, 1963.
T. Kaukoranta, P. Fränti, O. Nevalainen: Iterative split-and-merge algorithm for vector quantization codebook
generation. Optical Engineering 37(10), 1998.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.kmeans.distances import Floats, Indices, multiply
from quantize.kmeans.lloyd import LONG_STRIDE, lloyd_step
from quantize.kmeans.points import Moments, Points, sum_by

# Products with the covariance that turn a direction to the principal axis. The first takes most of the way; after a
# third the split changes by little.
AXIS_PRODUCTS = 3
# Gain over cost from which an exchange is tried: both are before the Lloyd steps, which reduce the cost by about half.
PROMISE = 0.3
# How many exchanges the next round makes of those that a good round made: fewer at a time disturb each other less.
SLOWER = 0.75
# Single exchanges that fail in a row and end the refinement, or a fifth of the rounds if that is more. In 90 rounds on
# three photographs none succeeded after two that failed; one more is for other clouds.
LEAST_PATIENCE = 3
# Clusters around each one that an exchange touches, itself among them, that are settled after it.
NEIGHBORS = 8
# Points of a cluster, on average, that are enough to tell the gain of its split.
SPLIT_POINTS = 32
# Costs of mergers that are held at a time: 4 MB of float32.
COSTS = 1 << 20

Exchange = tuple[int, int, int]  # the cluster that is merged away, the one it joins, and the one that is split


class Split(NamedTuple):
    """What splitting each cluster saves, and the means of its halves, the one nearer to the center first."""

    gains: Floats
    near: Floats
    far: Floats

    def replace(self, clusters: Indices, split: "Split") -> "Split":
        """Return these splits with others for some clusters."""
        result = Split(*(values.copy() for values in self))
        for values, others in zip(result, split, strict=True):
            values[clusters] = others
        return result


class Partition(NamedTuple):
    """Centers, the points that are nearest to each, and what both refine by."""

    centers: Floats
    labels: Indices
    moments: Moments
    cost: float
    split: Split

    def replace(self, region: Indices, inside: NDArray[np.bool_], part: "Partition") -> "Partition":
        """Return this partition with the clusters of a region, and the points inside, as in `part`; its cost is all."""
        centers, labels = self.centers.copy(), self.labels.copy()
        centers[region], labels[inside] = part.centers, region[part.labels]
        moments, split = self.moments.replace(region, part.moments), self.split.replace(region, part.split)
        return Partition(centers, labels, moments, part.cost, split)


def refine(
    points: Points,
    centers: Floats,
    n_rounds: int,
    n_steps: int,
    n_fixed: int = 0,
    n_jobs: int = 1,
    least_gain: float = 0.0,
) -> Iterator[tuple[Floats, float]]:
    """Yield better and better centers, and the error of each: first settled, then after up to `n_rounds` rounds.

    They end sooner where single exchanges find nothing several times in a row, and where every tenth of them gains less
    than `least_gain` of the error. `n_steps` Lloyd steps settle the centers before the first round and in each.
    """
    centers = settle(points, centers, n_steps, n_fixed, n_jobs)
    labels, moments = points.assign(centers, n_jobs)
    best = Partition(centers, labels, moments, points.error(moments, centers), split_clusters(points, labels, centers))
    yield best.centers, best.cost
    n_most = max(len(centers) // 4, 1)
    n_idle = 0
    failed: set[Exchange] = set()
    patience = max(LEAST_PATIENCE, n_rounds // 5)
    for _ in range(n_rounds):
        merge = merge_costs(best.moments, best.centers, n_fixed)
        exchanges = choose_exchanges(merge, best.split.gains, n_most, failed)
        if not exchanges:
            return
        better = try_exchanges(points, best, exchanges, n_steps, n_fixed, n_jobs)
        gain = 0.0 if better is None else best.cost - better.cost
        n_idle = 0 if gain > least_gain * best.cost else n_idle + 1
        if better is not None:
            best, n_most = better, max(int(len(exchanges) * SLOWER), 1)
            failed.clear()
        elif len(exchanges) == 1:
            failed.add(exchanges[0])
            if len(failed) == patience:
                return
        else:
            n_most = len(exchanges) // 2
        yield best.centers, best.cost
        if least_gain and n_idle == max(n_rounds // 10, 1):
            return


def try_exchanges(
    points: Points, before: Partition, exchanges: list[Exchange], n_steps: int, n_fixed: int, n_jobs: int
) -> Partition | None:
    """Make exchanges and settle the region around them; return what comes of it if its error is smaller."""
    start = apply_exchanges(exchanges, before.moments, before.centers, before.split, n_fixed)
    within = find_region(exchanges, before.centers)
    region, inside = np.flatnonzero(within), within.take(before.labels)
    part = points.select(inside) if len(region) < len(within) else points
    centers = settle(part, start[region], n_steps, int(np.count_nonzero(region < n_fixed)), n_jobs)
    labels, moments = part.assign(centers, n_jobs)
    saved = moments.saving(centers) - before.moments.rows(region).saving(before.centers[region])
    if saved <= 0:
        return None
    after = Partition(centers, labels, moments, before.cost - saved, split_clusters(part, labels, centers))
    return before.replace(region, inside, after)


def find_region(exchanges: list[Exchange], centers: Floats) -> NDArray[np.bool_]:
    """Mark the clusters that exchanges touch, and those around them: what is farther away hardly changes."""
    touched = [cluster for exchange in exchanges for cluster in exchange]
    if len(touched) * NEIGHBORS >= len(centers):
        return np.ones(len(centers), bool)
    distances = ((centers[touched, np.newaxis] - centers) ** 2).sum(axis=2)
    region = np.zeros(len(centers), bool)
    region[np.argpartition(distances, NEIGHBORS - 1, axis=1)[:, :NEIGHBORS]] = True
    return region


def settle(points: Points, centers: Floats, n_steps: int, n_fixed: int, n_jobs: int) -> Floats:
    """Make `n_steps` Lloyd steps, all but the last with a long stride."""
    for i in range(n_steps):
        centers, _ = lloyd_step(points, centers, n_fixed, n_jobs, LONG_STRIDE if i < n_steps - 1 else 1)
    return centers


def choose_exchanges(
    merge: tuple[Floats, Indices], gains: Floats, n_most: int, failed: set[Exchange]
) -> list[Exchange]:
    """Pair the clusters that cost least to merge away with those that gain most by a split.

    No cluster takes part twice, and none of the `failed` exchanges comes again.
    """
    costs, partners = merge
    takers = [int(taker) for taker in np.argsort(-gains, kind="stable")]
    exchanges: list[Exchange] = []
    touched: set[int] = set()
    for giver in map(int, np.argsort(costs, kind="stable")):
        partner = int(partners[giver])
        if len(exchanges) == n_most or not takers:
            break
        if giver in touched or partner in touched:
            continue
        for taker in takers:
            if taker in touched or taker in (giver, partner) or (giver, partner, taker) in failed:
                continue
            if gains[taker] > PROMISE * costs[giver]:
                exchanges.append((giver, partner, taker))
                touched.update(exchanges[-1])
            break
    return exchanges


def apply_exchanges(exchanges: list[Exchange], moments: Moments, centers: Floats, split: Split, n_fixed: int) -> Floats:
    """Return the centers after the exchanges; the first `n_fixed` stay where they are."""
    result = moments.means(otherwise=centers)
    for giver, partner, taker in exchanges:
        both = moments.weight[giver] + moments.weight[partner]
        if both:
            result[partner] += moments.weight[giver] / both * (result[giver] - result[partner])
        result[taker], result[giver] = split.near[taker], split.far[taker]
    result[:n_fixed] = centers[:n_fixed]
    return result


def merge_costs(moments: Moments, centers: Floats, n_fixed: int) -> tuple[Floats, Indices]:
    """Ward's cost of merging each cluster with the one where that costs least, and which one that is."""
    squared, weight = np.einsum("ij,ij->i", centers, centers), moments.weight.astype(centers.dtype)
    least, partners = np.empty_like(weight), np.empty(len(centers), np.intp)
    step = max(COSTS // len(centers), 1)
    for start in range(0, len(centers), step):
        some = slice(start, start + step)
        products = multiply(centers[some], centers.T)
        distances = np.maximum(squared[some, np.newaxis] + squared - 2 * products, 0)
        costs = ward(weight[some, np.newaxis], weight, distances)
        rows = np.arange(len(costs))
        costs[rows, start + rows] = np.inf
        costs[: max(n_fixed - start, 0)] = np.inf
        partners[some] = costs.argmin(axis=1)
        least[some] = costs[rows, partners[some]]
    return least, partners


def split_clusters(points: Points, labels: Indices, centers: Floats) -> Split:
    """Split every cluster across its principal axis, at its center, as every n-th point shows it."""
    n_clusters, n_dimensions = centers.shape
    drawn, weight = points.sample(SPLIT_POINTS * n_clusters)
    labels, coordinates = labels.take(drawn), points.pick(drawn)
    offsets = coordinates - points.spread(centers, labels)
    weighted = offsets * weight
    # An irregular first direction: no cluster is likely to lie square to it.
    first = (0.5 + np.modf(np.arange(1, n_dimensions + 1) * 0.6180339887)[0]).astype(offsets.dtype)
    along = np.einsum("i,ij->j", first, offsets)
    for _ in range(AXIS_PRODUCTS):
        axes = sum_by(labels, weighted * along, n_clusters)
        axes = axes / np.maximum(np.sqrt((axes**2).sum(axis=0)), np.finfo(np.float64).tiny)
        along = np.einsum("ij,ij->j", points.spread(axes.T.astype(offsets.dtype), labels), offsets)
    terms = np.vstack([coordinates * weight, weight])
    halves = Moments.of(sum_by(labels + n_clusters * (along > 0), terms, 2 * n_clusters))
    means = halves.means(otherwise=np.concatenate([centers, centers])).reshape(2, n_clusters, n_dimensions)
    low, high = halves.weight.reshape(2, n_clusters)
    gains = ward(low, high, ((means[0] - means[1]) ** 2).sum(axis=1))
    near = ((means - centers) ** 2).sum(axis=2).argmin(axis=0)
    each = np.arange(n_clusters)
    return Split(gains, means[near, each], means[1 - near, each])


def ward(weight: Floats, other: Floats, squared_distances: Floats) -> Floats:
    """Error that clusters of these weights, with means at these squared distances, gain by becoming one."""
    with np.errstate(divide="ignore"):
        cost: Floats = squared_distances / (1 / weight + 1 / other)
    return cost
