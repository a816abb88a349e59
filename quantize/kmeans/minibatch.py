"""Mini-batch k-means as an estimator, with the interface of `sklearn.cluster.MiniBatchKMeans`.

`fit` seeds its centers, refines them on one batch, follows mini-batches through the data, and ends with passes over all
points. Points with weights are drawn in proportion to them and then count once each.

D. Sculley: Web-scale k-means clustering. WWW 2010, for the mini-batches.
S. Thompson, M. E. Celebi, K. H. Buck: Journal of Real-Time Image Processing 17, 2020, for the rate of their steps.
"""

import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from quantize.kmeans.distances import Floats
from quantize.kmeans.estimator import Estimator
from quantize.kmeans.sampling import Cloud, gather_points
from quantize.kmeans.stages import Stages, mini_batch_step
from quantize.kmeans.validation import check_fixed, check_weight, random_source

# How fast the steps of a stream shrink. No final passes follow, so that they shrink faster than those of a fit. At 0.8,
# 0.9 and 0.99 streams end at these parts of scikit-learn's inertia: china.jpg in 64 clusters at 0.970, 0.978 and 0.983,
# 20 blobs of 8 coordinates at 1.004, 1.001 and 1.000 at worst.
STREAM_POWER = 0.9

Callback = Callable[[str, Floats, float], object]


class MiniBatchKMeans(Estimator):
    """K-means clustering of weighted points of any dimension.

    The parameters that `sklearn.cluster.MiniBatchKMeans` has come first, and mean what they mean there. `max_iter` ends
    a fit that its own limits, `batch_share` and `final_passes`, let go on.

    Parameters
    ----------
    n_clusters : int
    init : "k-means++", "random", array of shape (n_clusters, d) or callable(X, n_clusters, random_state)
        "k-means++" is the greedy variant; "random" takes distinct points in proportion to their weights.
    max_iter : float
        Passes over the data at most, of mini-batches and final passes together. A pass is as many visits to points as
        there are points. With 0 the fit ends after the refinement.
    batch_size : int or None
        Points of a mini-batch. None is 32 for each center and 4096 at least; below 10 for each, centers jitter.
    verbose : int
        1 prints the mean squared distance after each piece of work.
    compute_labels : bool
        Whether a fit ends with `labels_` and `inertia_`, which cost a search of all points for their nearest centers.
    random_state : None, int or generator with a method `random`
    tol : float
        Mini-batches and final passes end once the centers' squared shifts sum to at most `tol` times the mean
        variance of a coordinate.
    max_no_improvement : int or None
        Mini-batches end after this many in a row that do not lower the error, smoothed over a pass. None for no such
        end: with the default `batch_share` there are 32 of them at most.
    init_size : int or None
        Points that seeds are drawn from. None is 8 for each center and 2048 at least; more make hardly better seeds, as
        the refinement follows.
    n_init : "auto" or int
        Starts, each seeded and refined; the one with the smallest error goes on. "auto" goes on until two agree, up to
        10 (3 in more than 8 dimensions) for small data that the refinement sees whole; else 2 where few centers make
        that cheap, and 1 where another start gains less than refinement for as long. With a callable as `init`,
        "auto" is 1; an array makes one start, whatever stands here.
    reassignment_ratio : float
        Changes nothing: the refinement moves centers that have few points to where they save more.
    refine_rounds : int
        Rounds of split and merge on the refinement batch. Most of the gain comes in the first 5, little after 10. In
        more than 8 dimensions, where rounds take longer, they end once one of ten gains less than a thousandth.
    refine_size : int
        Points in the refinement batch for each center, of 4096 at least. Below 100 the centers come to fit the batch
        rather than the data; from 256 to 512 the error still falls by a thousandth.
    refine_most : int
        Points in the refinement batch at most. At 256 centers, twice as many bring a thousandth for half as much time
        again.
    batch_share : float
        Points that mini-batches visit at most, as a share of all points, or of 4096 for each center or 2**18 if those
        are fewer. 0 for none. Each doubling from 1/8 to 1 lowers the error by about a thousandth, and takes twice as
        long.
    final_passes : int
        Lloyd steps at the end. The first gains most; small data get as many as make 2**17 visits of points.
    final_size : int
        Points for each center that the final passes visit, of 32768 at least; all, if there are fewer.
    n_jobs : int or None
        Threads for the distances; None for one, -1 for one per processor. The result is the same for any number.

    Attributes
    ----------
    cluster_centers_ : array of shape (n_clusters, d), in X's type
    labels_ : int32 array of shape (n,)
        Nearest center of each point of the last fit or partial fit.
    inertia_ : float
        Weighted sum of the squared distances of those points to their centers.
    n_iter_ : int
        Passes over the data, in mini-batches and final passes, counted up to the next whole one. The seeds and the
        refinement, which see a part of the data, are none.
    n_steps_ : int
        Mini-batches.
    n_features_in_ : int
    feature_names_in_ : array of str
        Where X is a data frame whose columns are named.

    Examples
    --------
    >>> model = MiniBatchKMeans(2, random_state=0).fit([[0.0], [2.0], [10.0], [12.0]])
    >>> sorted(model.cluster_centers_.ravel().tolist())
    [1.0, 11.0]
    >>> model.inertia_
    4.0
    """

    _least: ClassVar = {
        "n_clusters": 1,
        "max_iter": 0.0,
        "batch_size": 1,
        "verbose": 0,
        "tol": 0.0,
        "max_no_improvement": 0,
        "init_size": 1,
        "n_init": 1,
        "reassignment_ratio": 0.0,
        "refine_rounds": 0,
        "refine_size": 1,
        "refine_most": 1,
        "batch_share": 0.0,
        "final_passes": 0,
        "final_size": 1,
        "n_jobs": -1,
    }
    _words: ClassVar = {
        "n_init": ("auto",),
        "batch_size": (None,),
        "init_size": (None,),
        "max_no_improvement": (None,),
        "n_jobs": (None,),
        "verbose": (False, True),
    }
    _flags: ClassVar = ("compute_labels",)
    _fitted: ClassVar = (*Estimator._fitted, "n_steps_")

    _origin: Floats  # where the cloud's mean was when the centers were first found
    _seen: Floats  # how many points have moved each center

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        max_iter: float = 100,
        batch_size: int | None = None,
        verbose: int = 0,
        compute_labels: bool = True,
        random_state: Any = None,
        tol: float = 0.0,
        max_no_improvement: int | None = None,
        init_size: int | None = None,
        n_init: Any = "auto",
        reassignment_ratio: float = 0.01,
        refine_rounds: int = 10,
        refine_size: int = 192,
        refine_most: int = 1 << 14,
        batch_share: float = 0.5,
        final_passes: int = 4,
        final_size: int = 512,
        n_jobs: int | None = 1,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.verbose = verbose
        self.compute_labels = compute_labels
        self.random_state = random_state
        self.tol = tol
        self.max_no_improvement = max_no_improvement
        self.init_size = init_size
        self.n_init = n_init
        self.reassignment_ratio = reassignment_ratio
        self.refine_rounds = refine_rounds
        self.refine_size = refine_size
        self.refine_most = refine_most
        self.batch_share = batch_share
        self.final_passes = final_passes
        self.final_size = final_size
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
        sample_weight : array of shape (n,) or number
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

        Warns
        -----
        RuntimeWarning
            If `n_init` asks for more starts than an array makes, or `init_size` is below `n_clusters`.
        """
        self._check_parameters()
        points, weight = self._check_training(X, sample_weight)
        self._warn_of_one_start()
        if self.init_size is not None and self.init_size < self.n_clusters:
            warnings.warn(
                f"init_size={self.init_size} should be larger than n_clusters={self.n_clusters}: as many points as "
                "clusters are drawn",
                RuntimeWarning,
                stacklevel=2,
            )
        held = check_fixed(fixed, self.n_clusters, points)
        cloud = Cloud(points, weight)
        given = self._prepare_init(points, cloud.origin)
        stages = Stages(self, cloud, given, held - cloud.origin, random_source(self.random_state), self._n_threads)
        for stage, centers, error in stages:
            self.cluster_centers_ = centers + cloud.origin
            self.cluster_centers_[: len(held)] = held  # to the last bit
            if self.verbose:
                print(f"{stage}: mean squared distance {error:.6g}")
            if callback is not None and callback(stage, self.cluster_centers_.copy(), error):
                break
        self.n_steps_, self.n_iter_ = stages.n_steps, stages.n_iter
        self._origin, self._seen = cloud.origin, np.full(self.n_clusters, len(points) / self.n_clusters)
        self._keep_labels(points, weight)
        return self

    def partial_fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Take one mini-batch step with X. The first call also seeds the centers, and refines them, on its X.

        Parameters
        ----------
        X : array of shape (n, d)
            The first needs at least `n_clusters` points; thousands make better centers.
        y : ignored
        sample_weight : array of shape (n,) or number

        Raises
        ------
        ValueError
            As `fit`.
        """
        if self.__sklearn_is_fitted__():
            points = self._check_known(X)
            weight = check_weight(sample_weight, points)
        else:
            self._check_parameters()
            points, weight = self._check_training(X, sample_weight)
            self._begin(points, weight)
        cloud = gather_points(points, np.arange(len(points)), self._origin, weight)
        centers = self.cluster_centers_ - self._origin
        moments = cloud.assign(centers, self._n_threads)[1]
        self.cluster_centers_ = mini_batch_step(centers, self._seen, moments, STREAM_POWER) + self._origin
        self._seen = self._seen + moments.weight
        self.n_steps_ += 1
        self._keep_labels(points, weight)
        return self

    def set_partial_fit_request(self, **requests: bool | str | None) -> Self:
        """Ask for metadata in `partial_fit` where metadata routing is enabled, as `set_fit_request` does in `fit`."""
        return self._set_request("partial_fit", requests)

    def _begin(self, points: Floats, weight: Floats) -> None:
        start = MiniBatchKMeans(**{name: getattr(self, name) for name in MiniBatchKMeans._parameters()})
        start.set_params(max_iter=0, compute_labels=False).fit(points, sample_weight=weight)
        self.cluster_centers_, self._origin = start.cluster_centers_, start._origin
        self.n_steps_ = self.n_iter_ = 0
        self._seen = np.zeros(self.n_clusters)

    def _keep_labels(self, points: Floats, weight: Floats) -> None:
        if self.compute_labels:
            self.labels_, self.inertia_ = self._measure(points, weight)
        else:
            vars(self).pop("labels_", None)
            vars(self).pop("inertia_", None)
