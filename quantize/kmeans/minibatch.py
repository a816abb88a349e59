"""Mini-batch k-means as an estimator, with the interface of `sklearn.cluster.MiniBatchKMeans`.

`fit` seeds its centers, refines them on one batch, follows mini-batches through the data, and ends with passes over all
points. Points with weights are drawn in proportion to them and then count once each.

D. Sculley: Web-scale k-means clustering. WWW 2010, for the mini-batches.
S. Thompson, M. E. Celebi, K. H. Buck: Journal of Real-Time Image Processing 17, 2020, for the rate of their steps.
"""

import inspect
import os
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from quantize.kmeans.distances import Floats
from quantize.kmeans.nearest import Labels, nearest_center, nearest_label
from quantize.kmeans.points import Points
from quantize.kmeans.sampling import Cloud, check_fixed, check_points, check_weight, random_source
from quantize.kmeans.stages import Stages, mini_batch_step

Callback = Callable[[str, Floats, float], object]

# The smallest value of each numeric parameter.
LEAST = {"n_clusters": 1, "n_init": 1, "batch_size": 1, "max_iter": 0, "tol": 0, "n_jobs": -1}
LEAST |= {"refine_rounds": 0, "refine_size": 1, "refine_most": 1, "final_passes": 0, "final_size": 1}


class MiniBatchKMeans:
    """K-means clustering of weighted points of any dimension.

    Parameters
    ----------
    n_clusters : int
    init : "k-means++", "random" or array of shape (n_clusters, d)
        "k-means++" is the greedy variant; "random" takes points in proportion to their weights.
    n_init : "auto" or int
        Starts, each seeded and refined; the one with the smallest error goes on. "auto" is up to 10 for small data that
        the refinement sees whole; else 2 where few centers make that cheap, and 1 where another start gains less than
        refinement for as long. With an array as `init`, one.
    batch_size : int or None
        Points of a mini-batch. None is 32 for each center and 4096 at least; below 10 for each, centers jitter.
    max_iter : float
        Passes over the data in mini-batches, at most; samples beyond 2**18 do not lengthen a pass. 0 for none. Each
        doubling from 1/8 to 1 lowers the error by about a thousandth, and takes twice as long.
    tol : float
        Mini-batches and final passes end once the centers' squared shifts sum to at most `tol` times the mean
        variance of a coordinate.
    refine_rounds : int
        Rounds of split and merge on the refinement batch. Most of the gain comes in the first 5, little after 10.
    refine_size : int
        Points in the refinement batch for each center, of 4096 at least. Below 100 the centers come to fit the batch
        rather than the data; from 256 to 512 the error still falls by a thousandth.
    refine_most : int
        Points in the refinement batch at most. At 256 centers, twice as many bring a thousandth for half as much time
        again.
    final_passes : int
        Lloyd steps at the end. The first gains most; small data get as many as make 2**17 visits of points.
    final_size : int
        Points for each center that the final passes look at, of 32768 at least; all, if there are fewer.
    random_state : None, int or generator with a method `random`
    n_jobs : int
        Threads for the distances; -1 for one per processor. The result is the same for any number.

    Attributes
    ----------
    cluster_centers_ : array of shape (n_clusters, d), in X's type
    labels_ : int32 array of shape (n,)
        Nearest center of each training point; computed when first read.
    inertia_ : float
        Weighted sum of squared distances of the training points to their centers; computed when first read.
    n_iter_ : int
        Passes over the data, those in mini-batches counted up to the next whole one.
    n_steps_ : int
        Mini-batches.
    n_features_in_ : int
    """

    _origin: Floats  # where the cloud's mean was when the centers were first found
    _seen: Floats  # how many points have moved each center
    _measured: tuple[Labels, float] | None

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: Any = "auto",
        batch_size: int | None = None,
        max_iter: float = 0.5,
        tol: float = 0.0,
        refine_rounds: int = 10,
        refine_size: int = 192,
        refine_most: int = 1 << 14,
        final_passes: int = 4,
        final_size: int = 512,
        random_state: Any = None,
        n_jobs: int = 1,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.refine_rounds = refine_rounds
        self.refine_size = refine_size
        self.refine_most = refine_most
        self.final_passes = final_passes
        self.final_size = final_size
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self,
        X: ArrayLike,
        y: object = None,
        sample_weight: ArrayLike | None = None,
        fixed: ArrayLike | None = None,
        callback: Callback | None = None,
    ) -> Self:
        """Find the centers of X.

        Parameters
        ----------
        X : array of shape (n, d)
            Finite; float32 is computed and kept in float32, anything else in float64.
        y : ignored
        sample_weight : array of shape (n,)
            Not negative. A point of weight 3 counts as three points, one of weight 0 not at all.
        fixed : array of shape (f, d), f <= n_clusters
            Centers that never move; they are the first rows of `cluster_centers_`.
        callback : callable(stage, centers, mean_squared_distance)
            Called after each "seed", round of "refine", mini-"batch" and full "pass" with the centers and the mean
            squared distance of the points it looked at from their nearest center. If it returns something true,
            the fit ends with these centers.

        Raises
        ------
        ValueError
            For NaN, infinity, negative weights, shapes that do not fit, or fewer points than clusters.
        """
        self._check_parameters()
        points = check_points(X)
        weight = check_weight(sample_weight, points)
        if len(points) < self.n_clusters:
            raise ValueError(f"n_samples={len(points)} should be at least n_clusters={self.n_clusters}")
        held = check_fixed(fixed, self.init, self.n_clusters, points)
        cloud = Cloud(points, weight)
        stages = Stages(self, cloud, held - cloud.origin, random_source(self.random_state), self._threads)
        for stage, centers, error in stages:
            self.cluster_centers_ = centers + cloud.origin
            self.cluster_centers_[: len(held)] = held  # to the last bit
            if callback is not None and callback(stage, self.cluster_centers_.copy(), error):
                break
        self.n_features_in_, self.n_steps_, self.n_iter_ = points.shape[1], stages.n_steps, stages.n_iter
        self._origin, self._seen = cloud.origin, np.full(self.n_clusters, len(points) / self.n_clusters)
        self._training, self._measured = (points, weight), None
        return self

    def partial_fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Take one mini-batch step with X. The first call also seeds the centers, and refines them, on its X.

        Parameters
        ----------
        X : array of shape (n, d)
            The first needs at least `n_clusters` points; thousands make better centers.
        y : ignored
        sample_weight : array of shape (n,)

        Raises
        ------
        ValueError
            As `fit`.
        """
        first = not hasattr(self, "cluster_centers_")
        points = check_points(X, None if first else self.n_features_in_)
        weight = check_weight(sample_weight, points)
        if first:
            self._begin(points, weight)
        cloud = Points((points - self._origin).T, weight)
        centers = self.cluster_centers_ - self._origin
        moments = cloud.assign(centers, self._threads)[1]
        self.cluster_centers_ = mini_batch_step(centers, self._seen, moments) + self._origin
        self._seen = self._seen + moments.weight
        self.n_steps_ += 1
        self._training, self._measured = (points, weight), None
        return self

    def _begin(self, points: Floats, weight: Floats) -> None:
        start = type(self)(**self.get_params()).set_params(max_iter=0, final_passes=0)
        self.cluster_centers_ = start.fit(points, sample_weight=weight).cluster_centers_
        self.n_features_in_ = points.shape[1]
        self.n_steps_ = self.n_iter_ = 0
        self._origin, self._seen = start._origin, np.zeros(self.n_clusters)

    @property
    def labels_(self) -> Labels:
        return self._measure()[0]

    @property
    def inertia_(self) -> float:
        return self._measure()[1]

    def _measure(self) -> tuple[Labels, float]:
        if self._measured is None:
            points, weight = self._training
            labels, distances = nearest_center(points, self.cluster_centers_, n_jobs=self._threads)
            self._measured = labels, float(np.dot(distances.astype(np.float64), weight))
            del self._training
        return self._measured

    def predict(self, X: ArrayLike) -> Labels:
        """Return the row of the nearest center of each point."""
        return nearest_label(self._known(X), self.cluster_centers_, n_jobs=self._threads)

    def fit_predict(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Labels:
        """Fit X and return `labels_`."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def transform(self, X: ArrayLike) -> Floats:
        """Return the distance (not squared) of each point from each center: (n, n_clusters)."""
        points = self._known(X)
        squares = [((points - center) ** 2).sum(axis=1) for center in self.cluster_centers_]
        distances: Floats = np.sqrt(np.stack(squares, axis=1))
        return distances

    def score(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the weighted sum of squared distances from the nearest centers, negative so that more is better."""
        points = self._known(X)
        distances = nearest_center(points, self.cluster_centers_, n_jobs=self._threads)[1]
        return -float(np.dot(distances.astype(np.float64), check_weight(sample_weight, points)))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {name: getattr(self, name) for name in _parameter_names()}

    def set_params(self, **params: Any) -> Self:
        """Change constructor arguments; an unknown name is a `ValueError`."""
        for name, value in params.items():
            if name not in _parameter_names():
                raise ValueError(f"{name!r} is not a parameter of MiniBatchKMeans")
            setattr(self, name, value)
        return self

    @property
    def _threads(self) -> int:
        return (os.cpu_count() or 1) if self.n_jobs == -1 else self.n_jobs

    def _known(self, X: ArrayLike) -> Floats:
        if not hasattr(self, "cluster_centers_"):
            raise ValueError("this MiniBatchKMeans has no centers yet: call fit first")
        return check_points(X, self.n_features_in_)

    def _check_parameters(self) -> None:
        for name, least in LEAST.items():
            value = getattr(self, name)
            if value not in (None, "auto") and not value >= least:
                raise ValueError(f"{name} must be at least {least}, not {value!r}")
        if isinstance(self.init, str) and self.init not in ("k-means++", "random"):
            raise ValueError(f"init must be 'k-means++', 'random' or an array, not {self.init!r}")


def _parameter_names() -> list[str]:
    return list(inspect.signature(MiniBatchKMeans).parameters)
