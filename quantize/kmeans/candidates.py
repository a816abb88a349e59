"""Centers that may only stand where candidates do: the best few of many given places.

Candidates are taken greedily, and looked at again only while they may still be the best (M. Minoux: Accelerated greedy
algorithms for maximizing submodular set functions, 1978). Then centers are exchanged for other candidates while that
lowers the sum, as partitioning around medoids does (L. Kaufman and P. J. Rousseeuw: Finding Groups in Data, 1990), with
the gains of all exchanges in one look (E. Schubert and P. J. Rousseeuw: Faster k-medoids clustering, 2019).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from random import Random

import numpy as np

from quantize.kmeans.distances import Floats, Indices

# Part of the sum that an exchange must gain: below is the rounding of float32.
LEAST_GAIN = 1e-6
# Costs that further starts may go through, and how many there are at most. Small problems get them all, where one start
# misses the best choice in one of six; large ones none.
START_COSTS = 1 << 19
MOST_STARTS = 24


def choose_candidates(costs: Floats, n_clusters: int, fixed: Sequence[int] = (), seed: int = 0) -> Indices:
    """Choose the candidates that lower the sum of costs most, where each point costs what its cheapest one does.

    Parameters
    ----------
    costs : array of shape (n_candidates, n_points)
        Not negative: weighted squared distances, say.
    n_clusters : int
        Candidates to choose at most, the fixed ones among them; fewer where more would lower nothing.
    fixed : sequence of int
        Candidates that are chosen anyway.
    seed : int
        Of the further starts.

    Returns
    -------
    array of int
        The chosen candidates, ascending. At most as costly as any set that differs from it in one.
    """
    kept = list(dict.fromkeys(fixed))
    best = _exchange(costs, _fill(costs, kept, n_clusters), len(kept))
    random = Random(seed)
    others = [row for row in range(len(costs)) if row not in kept]
    if len(kept) < len(best) < len(costs):
        for _ in range(min(MOST_STARTS, START_COSTS // costs.size)):
            start = [*kept, *random.sample(others, len(best) - len(kept))]
            trial = _exchange(costs, start, len(kept))
            if _sum(costs, trial) < _sum(costs, best) * (1 - LEAST_GAIN):
                best = trial
    # One that was taken first may have lost all its points to others since; nothing that is left would gain any.
    used = set(costs[best].argmin(axis=0).tolist())
    return np.sort(np.array([row for place, row in enumerate(best) if place in used or row in kept], np.intp))


def _sum(costs: Floats, chosen: Sequence[int]) -> float:
    return float(costs[chosen].min(axis=0).sum())


def _fill(costs: Floats, kept: Sequence[int], n_clusters: int) -> list[int]:
    chosen = list(kept) or [int(costs.sum(axis=1).argmin())]
    least = costs[chosen].min(axis=0)
    # What a candidate gains only falls as others are chosen: the first in the heap, if it is up to date, is the best.
    heap = [(_change(costs[row], least), len(chosen), row) for row in range(len(costs)) if row not in chosen]
    heapq.heapify(heap)
    while heap and len(chosen) < n_clusters and heap[0][0] < 0:
        _, n_known, row = heap[0]
        if n_known == len(chosen):
            heapq.heappop(heap)
            chosen.append(row)
            least = np.minimum(least, costs[row])
        else:
            heapq.heapreplace(heap, (_change(costs[row], least), len(chosen), row))
    return chosen


def _change(cost: Floats, least: Floats) -> float:
    return float(np.minimum(cost - least, 0).sum())


def _exchange(costs: Floats, chosen: list[int], n_fixed: int) -> list[int]:
    """Exchange all but the first few while that lowers the sum."""
    chosen = list(chosen)
    total = _sum(costs, chosen)
    while True:
        changes = _change_of_each(costs, chosen)
        changes[:, :n_fixed] = np.inf
        changes[chosen] = np.inf
        before = total
        # The best for each place in turn: the first changes what the others gain, so these are looked at again.
        entering = changes.argmin(axis=0)
        for place in changes.min(axis=0).argsort().tolist():
            row = int(entering[place])
            if row in chosen or not changes[row, place] < -LEAST_GAIN * total:
                continue
            trial = [*chosen[:place], row, *chosen[place + 1 :]]
            if (after := _sum(costs, trial)) < total * (1 - LEAST_GAIN):
                chosen, total = trial, after
        if total >= before:
            return chosen


def _change_of_each(costs: Floats, chosen: Sequence[int]) -> Floats:
    """How the sum changes when a candidate (row) takes the place of a chosen one (column)."""
    own = costs[chosen]
    nearest = own.argmin(axis=0)
    points = np.arange(costs.shape[1])
    first = own[nearest, points]
    own[nearest, points] = np.inf
    second = own.min(axis=0)
    is_nearest = np.zeros((costs.shape[1], len(chosen)), costs.dtype)
    is_nearest[points, nearest] = 1
    # A point whose center goes away falls to its second or to the newcomer; another only comes to the newcomer.
    orphaned = np.clip(costs, first, second) - first
    gained = np.minimum(costs, first).sum(axis=1) - first.sum()
    changes: Floats = orphaned @ is_nearest + gained[:, np.newaxis]
    return changes
