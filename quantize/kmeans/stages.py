"""The search for centers, stage by stage: seeds, split and merge on one batch, mini-batches, and the last passes.

S. Thompson, M. E. Celebi, K. H. Buck: Journal of Real-Time Image Processing 17, 2020, for the rate of the mini-batches'
steps.
"""

from collections.abc import Callable, Generator, Iterator
from typing import Any, Protocol

import numpy as np

from quantize.kmeans.distances import Floats
from quantize.kmeans.lloyd import LONG_STRIDE, lloyd_step
from quantize.kmeans.points import Moments, Points
from quantize.kmeans.refine import refine
from quantize.kmeans.sampling import Cloud
from quantize.kmeans.seeding import Random, draw_points, seed_centers

Stage = tuple[str, Floats, float]

# Lloyd steps that settle the centers after each exchange of the refinement: with fewer, good exchanges look bad.
REFINE_STEPS = 3
# In many dimensions each step looks at all points. There two do, and a round that gains less than this share of the
# error is the last: digits in 10 or 40 clusters and MNIST in 20 take half of the time, and end at most 0.2% worse.
WIDE_STEPS, WIDE_GAIN = 2, 1e-3
# The part of the rounds of refinement that each of several starts gets; the best of them gets the others, too.
TRIAL = 1 / 3
# Two starts that end within this of each other ended at the same place, which rounding must not choose between.
SAME = 1e-9
# Points for each center that the seeds are drawn from; with more they are hardly better, as the refinement follows.
SEED_SIZE = 8
# Points of a mini-batch for each center, if `batch_size` does not say.
BATCH_SIZE = 32
# The smallest batch worth the constant cost of a look at it.
LEAST_SIZE = 4096
# Points of the last passes at least.
LEAST_FINAL = 1 << 15
# Points that mini-batches visit at a `batch_share` of 1 at most, together and for each center: more improve nothing.
MOST_SAMPLES, SAMPLES = 1 << 18, 1 << 12
# Visits of points that the final passes may make however many they are: they let small data converge.
FINAL_VISITS = 1 << 17
# What all starts of `n_init="auto"` may cost together, in products of points, centers and features, and how many they
# are at most. They end where two agree to this share of their error: easy clouds need no third.
# In many dimensions three bring the 30 measures of scikit-learn's 569 tumors in 8 clusters as near as ten, to 0.2%.
AUTO_WORK, AUTO_STARTS, WIDE_STARTS, AGREED = 2_000_000, 10, 3, 1e-4
# Work of one start up to which all are made: of forty points two starts may agree on what is 10% above the least, and
# ten of them take some milliseconds more.
TINY_WORK = 2_048
# The same where the refinement sees only a sample: few centers can miss a whole cluster in one start, rarely in two.
SAMPLE_WORK, SAMPLE_STARTS = 1_000_000, 2


class Parameters(Protocol):
    """What says how much work to put in: the estimator's parameters of these names."""

    n_clusters: int
    init: Any
    init_size: int | None
    n_init: int | str
    batch_size: int | None
    batch_share: float
    max_iter: float
    max_no_improvement: int | None
    tol: float
    refine_rounds: int
    refine_size: int
    refine_most: int
    final_passes: int
    final_size: int


class Stages:
    """Iterates over the name, the centers and the mean squared distance after each piece of work.

    Parameters
    ----------
    parameters : Parameters
    cloud : Cloud
    given : callable or None
        Makes the centers (k, d) of each start, if `init` does, relative to the cloud's origin as all centers here.
    fixed : array of shape (f, d)
        Centers that never move.
    random : generator with a method `random`
    n_jobs : int
    """

    def __init__(
        self,
        parameters: Parameters,
        cloud: Cloud,
        given: Callable[[], Floats] | None,
        fixed: Floats,
        random: Random,
        n_jobs: int,
    ) -> None:
        self.parameters, self.cloud, self.given, self.fixed = parameters, cloud, given, fixed
        self.random, self.n_jobs = random, n_jobs
        self.tolerance = parameters.tol * cloud.variance if parameters.tol else 0.0
        self.n_steps = 0
        self.n_visits = 0

    @property
    def n_iter(self) -> int:
        """Passes over the data: as many visits as there are points make one."""
        return -(-self.n_visits // len(self.cloud))

    def __iter__(self) -> Iterator[Stage]:
        """Yield the name, the centers and the mean squared distance after each piece of work."""
        n_batch = min(
            max(self.parameters.refine_size * self.parameters.n_clusters, LEAST_SIZE), self.parameters.refine_most
        )
        batch = self.cloud.draw(n_batch, self.random)
        best, least, n_starts = np.empty(0), np.inf, self._starts(batch)
        n_rounds = self.parameters.refine_rounds if n_starts == 1 else round(TRIAL * self.parameters.refine_rounds)
        for _ in range(n_starts):
            start, cost = self._start(batch)
            yield "seed", start, cost / batch.total
            refined, cost = yield from self._refine(batch, start, n_rounds)
            agrees = abs(cost - least) <= AGREED * cost and self._count_work(batch) > TINY_WORK
            if cost < least * (1 - SAME):
                best, least = refined, cost
            if agrees and self.parameters.n_init == "auto":
                break
        if n_rounds < self.parameters.refine_rounds:
            best, _ = yield from self._refine(batch, best, self.parameters.refine_rounds - n_rounds)
        for follow in (self._mini_batches, self._full_passes):
            best = yield from follow(best)

    def _starts(self, batch: Points) -> int:
        if self.given is not None and (self.parameters.n_init == "auto" or not callable(self.parameters.init)):
            return 1
        if self.parameters.n_init != "auto":
            return int(self.parameters.n_init)
        work = self._count_work(batch)
        whole = len(batch) == len(self.cloud)
        most = WIDE_STARTS if self.cloud.is_wide else AUTO_STARTS
        budget, most = (AUTO_WORK, most) if whole else (SAMPLE_WORK, SAMPLE_STARTS)
        return min(max(budget // work, 1), most)

    def _count_work(self, batch: Points) -> int:
        return int(batch.coordinates.size * self.parameters.n_clusters)

    def _start(self, batch: Points) -> tuple[Floats, float]:
        n_clusters = self.parameters.n_clusters
        if self.given is not None:
            centers = self.given()
        elif self.parameters.init == "random":
            centers = draw_points(batch, n_clusters, self.random)
        else:
            size = max(self.parameters.init_size or max(SEED_SIZE * n_clusters, LEAST_SIZE // 2), n_clusters)
            centers = seed_centers(self.cloud.draw(size, self.random), n_clusters, self.random, self.fixed)
        centers[: len(self.fixed)] = self.fixed
        return centers, batch.error(batch.assign(centers, self.n_jobs)[1], centers)

    def _refine(self, batch: Points, centers: Floats, n_rounds: int) -> Generator[Stage, None, tuple[Floats, float]]:
        n_steps, least_gain = (WIDE_STEPS, WIDE_GAIN) if self.cloud.is_wide else (REFINE_STEPS, 0.0)
        for refined, cost in refine(batch, centers, n_rounds, n_steps, len(self.fixed), self.n_jobs, least_gain):
            yield "refine", refined, cost / batch.total
        return refined, cost

    def _mini_batches(self, centers: Floats) -> Generator[Stage, None, Floats]:
        size = min(self.parameters.batch_size or max(BATCH_SIZE * len(centers), LEAST_SIZE), len(self.cloud))
        share = self.parameters.batch_share * min(len(self.cloud), MOST_SAMPLES, SAMPLES * len(centers))
        seen = np.zeros(len(centers))
        progress = Progress(2 * size / (len(self.cloud) + 1), self.parameters.max_no_improvement)
        for _ in range(round(share / size)):
            if not self._allows(size):
                break
            batch = self.cloud.draw(size, self.random)
            _, moments = batch.assign(centers, self.n_jobs)
            moved = mini_batch_step(centers, seen, moments)
            moved[: len(self.fixed)] = centers[: len(self.fixed)]
            seen += moments.weight
            self.n_steps += 1
            error, shift = batch.error(moments, centers) / batch.total, ((moved - centers) ** 2).sum()
            centers = moved
            yield "batch", centers, error
            if shift <= self.tolerance or progress.ends_after(error):
                break
        return centers

    def _full_passes(self, centers: Floats) -> Generator[Stage, None, Floats]:
        most = self.parameters.final_passes
        if most == 0:
            return centers
        points = self.cloud.draw(max(self.parameters.final_size * len(centers), LEAST_FINAL), self.random)
        for i in range(max(most, FINAL_VISITS // len(points))):
            if not self._allows(len(points)):
                break
            stride = LONG_STRIDE if i < most - 1 else 1
            moved, cost = lloyd_step(points, centers, len(self.fixed), self.n_jobs, stride)
            shift = ((moved - centers) ** 2).sum()
            centers = moved
            yield "pass", centers, cost / points.total
            if shift <= self.tolerance:
                break
        return centers

    def _allows(self, n_visits: int) -> bool:
        """Count visits to points, if `max_iter` allows them."""
        allowed = self.n_visits + n_visits <= self.parameters.max_iter * len(self.cloud)
        self.n_visits += n_visits if allowed else 0
        return bool(allowed)


class Progress:
    """Tells when errors have stopped falling: `patience` in a row have not lowered their exponential average."""

    def __init__(self, share: float, patience: int | None) -> None:
        self.share, self.patience = min(share, 1.0), patience
        self.average = self.least = np.inf
        self.n_idle = 0

    def ends_after(self, error: float) -> bool:
        known = np.isfinite(self.average)
        self.average = (1 - self.share) * self.average + self.share * error if known else error
        self.n_idle = 0 if self.average < self.least else self.n_idle + 1
        self.least = min(self.least, self.average)
        return self.patience is not None and self.n_idle >= max(self.patience, 1)


def mini_batch_step(centers: Floats, seen: Floats, moments: Moments, power: float = 0.5) -> Floats:
    """Move each center toward the mean of its points in a batch.

    A center's i-th point moves it by i**-power of the way, farther than the 1/i that would make it the mean of all its
    points: it forgets the time when the other centers had not settled. For m points after the n `seen` these steps
    leave the center the share prod(1 - i**-power, i = n+1 .. n+m), which is exp(S(n+m) - S(n)) where, but for terms of
    third order, S(n) = -n**(1-power) / (1-power) - n**(1-2*power) / (2-4*power), or -2 sqrt(n) - log(n) / 2 at 0.5.
    """
    after = seen + moments.weight
    with np.errstate(invalid="ignore", divide="ignore"):
        if power == 0.5:
            keep = np.sqrt(seen / after) * np.exp(2 * (np.sqrt(seen) - np.sqrt(after)))
        else:
            first = (seen ** (1 - power) - after ** (1 - power)) / (1 - power)
            keep = np.exp(first + (seen ** (1 - 2 * power) - after ** (1 - 2 * power)) / (2 - 4 * power))
    keep = np.where(moments.weight > 0, keep, 1)[:, np.newaxis]
    moved: Floats = (keep * centers + (1 - keep) * moments.means(otherwise=centers)).astype(centers.dtype)
    return moved
