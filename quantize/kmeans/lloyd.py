"""Lloyd's step, every point to its nearest center and every center to the mean of its points, and k-means made of it.

S. P. Lloyd: Least squares quantization in PCM. IEEE Transactions on Information Theory 28(2), 1982.
D. Lee, S. Baek, K. Sung: Modified k-means algorithm for vector quantizer design. IEEE Signal Processing Letters 4(1),
1997, for steps that go beyond the mean.
"""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from quantize.kmeans.distances import Floats, Indices
from quantize.kmeans.estimator import Estimator
from quantize.kmeans.nearest import Labels
from quantize.kmeans.points import Moments, Points
from quantize.kmeans.sampling import Cloud
from quantize.kmeans.seeding import Random, draw_points, seed_centers
from quantize.kmeans.validation import random_source, warn_of_convergence

# Lee, Baek and Sung's factor. The mean falls short of where its center is bound, as the next mean will lie farther on.
LONG_STRIDE = 1.8
# Labels that a trace keeps: 64 MB.
TRACED_LABELS = 1 << 24
# Starts that are drawn without care, if `n_init` does not say: as many as scikit-learn makes.
CARELESS_STARTS = 10


def lloyd_step(
    points: Points, centers: Floats, n_fixed: int = 0, n_jobs: int = 1, stride: float = 1.0
) -> tuple[Floats, float]:
    """Move each center but the first `n_fixed` to the mean of its points, or `stride` times as far.

    Returns the new centers, and the sum of squared distances from the old ones.
    """
    labels, moments = points.assign(centers, n_jobs)
    moved = move_centers(points, centers, labels, moments, stride)
    moved[:n_fixed] = centers[:n_fixed]
    return moved, points.error(moments, centers)


def move_centers(points: Points, centers: Floats, labels: Indices, moments: Moments, stride: float = 1.0) -> Floats:
    """Move each center to the mean of its points; one without points goes to the point that adds most to the error."""
    means = moments.means(otherwise=centers)
    moved: Floats = centers + centers.dtype.type(stride) * (means - centers) if stride != 1 else means
    empty = np.flatnonzero(moments.weight == 0)
    if len(empty):
        refill(points, moved, labels, empty)
    return moved


def refill(points: Points, centers: Floats, labels: Indices, empty: Indices) -> None:
    """Put the `empty` rows of `centers` on the points with the largest weighted squared distances."""
    errors = points.weight * ((points.coordinates - centers[labels].T) ** 2).sum(axis=0)
    worst = np.argsort(-errors, kind="stable")[: len(empty)]
    worst = worst[errors[worst] > 0]
    centers[empty[: len(worst)]] = points.locate(worst)


class LloydStep(NamedTuple):
    """One half of an iteration, as `KMeans` hands it to its `callback` and keeps it in `trace_`.

    Attributes
    ----------
    start : int
        Which of the `n_init` starts, from 0.
    name : "E" or "M"
        "E" is the expectation: every point goes to its nearest center. "M" is the maximization: every center goes to
        the mean of its points.
    centers : array of shape (n_clusters, d)
        As they are after the step.
    labels : int32 array of shape (n,)
        Center of each point, which an M step does not change. None in `trace_` after the first 2**24 labels.
    inertia : float
        Weighted sum of squared distances of the points to the centers that they are labeled with. It never rises.
    """

    start: int
    name: str
    centers: Floats
    labels: Labels | None
    inertia: float


class KMeans(Estimator):
    """Plain k-means clustering: Lloyd's steps from a start to where they end, and nothing else.

    Every parameter means what it means in `sklearn.cluster.KMeans`. `MiniBatchKMeans` finds better centers in less time
    where points are many; this one shows how k-means works.

    Parameters
    ----------
    n_clusters : int
    init : "k-means++", "random", array of shape (n_clusters, d) or callable(X, n_clusters, random_state)
        "k-means++" is the greedy variant; "random" takes distinct points in proportion to their weights.
    n_init : "auto" or int
        Starts; the one with the smallest inertia is kept. "auto" is 10 for "random" or a callable, else 1.
    max_iter : int
        Iterations of each start at most: an E step and an M step each.
    tol : float
        A start ends once the centers' squared shifts sum to at most `tol` times the mean variance of a coordinate. It
        ends anyhow where no label changes; with 0, only there.
    verbose : int
        1 prints the inertia of each iteration.
    random_state : None, int or generator with a method `random`
    copy_x : bool
        Changes nothing: X is never written to.
    algorithm : "lloyd" or "elkan"
        Changes nothing: Elkan's gives the same centers, and the bounding boxes of `blocks` save the distances here.
    n_jobs : int or None
        Threads for the distances; None for one, -1 for one per processor. The result is the same for any number.

    Attributes
    ----------
    cluster_centers_ : array of shape (n_clusters, d), in X's type
    labels_ : int32 array of shape (n,)
    inertia_ : float
    n_iter_ : int
        Iterations of the start that was kept.
    trace_ : list of LloydStep
        Every E and M step of all starts, in order. The last E step of a start belongs to its final centers, unless no
        label had changed. A pickle keeps no labels of it.
    n_features_in_ : int
    feature_names_in_ : array of str
        Where X is a data frame whose columns are named.

    Notes
    -----
    A center that loses all its points goes to the point that adds most to the inertia.

    References
    ----------
    S. P. Lloyd: Least squares quantization in PCM. IEEE Transactions on Information Theory 28(2), 1982.

    Examples
    --------
    >>> model = KMeans(2, init=[[0.0], [1.0]], n_init=1).fit([[0.0], [1.0], [9.0], [11.0]])
    >>> [(step.name, step.centers.ravel().tolist()) for step in model.trace_[:3]]
    [('E', [0.0, 1.0]), ('M', [0.0, 7.0]), ('E', [0.0, 7.0])]
    >>> model.cluster_centers_.ravel().tolist()
    [0.5, 10.0]
    """

    _least: ClassVar = {"n_clusters": 1, "n_init": 1, "max_iter": 1, "tol": 0.0, "verbose": 0, "n_jobs": -1}
    _words: ClassVar = {"n_init": ("auto",), "n_jobs": (None,), "verbose": (False, True)}
    _flags: ClassVar = ("copy_x",)
    _fitted: ClassVar = (*Estimator._fitted, "trace_")

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: Any = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        verbose: int = 0,
        random_state: Any = None,
        copy_x: bool = True,
        algorithm: str = "lloyd",
        n_jobs: int | None = 1,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.n_jobs = n_jobs

    def fit(
        self,
        X: ArrayLike,
        y: object = None,
        sample_weight: ArrayLike | None = None,
        callback: Callable[[LloydStep], object] | None = None,
    ) -> Self:
        """Find the centers of X.

        Parameters
        ----------
        X : array of shape (n, d)
            Finite; float32 is computed and kept in float32, anything else in float64.
        y : ignored
        sample_weight : array of shape (n,) or number
            Not negative.
        callback : callable(LloydStep)
            Called after each E and each M step. If it returns something true, the fit ends there.

        Raises
        ------
        ValueError
            For NaN, infinity, negative weights, shapes that do not fit, or fewer points than clusters.

        Warns
        -----
        RuntimeWarning
            If `n_init` asks for more starts than an array makes.
        ConvergenceWarning
            Where fewer clusters have points than were asked for. scikit-learn's where that is loaded, else a
            `UserWarning`.
        """
        self._check_parameters()
        if self.algorithm not in ("lloyd", "elkan"):
            raise ValueError(f"algorithm must be 'lloyd' or 'elkan', not {self.algorithm!r}")
        points, weight = self._check_training(X, sample_weight)
        self._warn_of_one_start()
        cloud, random = Cloud(points, weight), random_source(self.random_state)
        given = self._prepare_init(points, cloud.origin)
        best, trace, n_kept = None, [], 0
        for start in range(self._count_starts()):
            centers = self._draw(cloud, random) if given is None else given()
            n_iter = 0
            for step in self._iterate(cloud, centers, start):
                n_kept += len(points)
                trace.append(step if n_kept <= TRACED_LABELS else step._replace(labels=None))
                stops = callback is not None and callback(step)
                n_iter += step.name == "M"
                if self.verbose and step.name == "E":
                    print(f"start {start}, iteration {n_iter}: inertia {step.inertia:.6g}")
                if stops:
                    break
            if best is None or step.inertia < best[0].inertia:
                best = step, n_iter
            if stops:
                break
        assert best is not None
        self.cluster_centers_, self.n_iter_, self.trace_ = best[0].centers.copy(), best[1], trace
        self.labels_, self.inertia_ = self._measure(points, weight)
        n_found = len(np.unique(self.labels_))
        if n_found < self.n_clusters:
            message = f"Number of distinct clusters ({n_found}) found smaller than n_clusters ({self.n_clusters})"
            warn_of_convergence(f"{message}. Possibly due to duplicate points in X.")
        return self

    def __getstate__(self) -> dict[str, Any]:
        state = dict(vars(self))
        if "trace_" in state:
            state["trace_"] = [step._replace(labels=None) for step in self.trace_]
        return state

    def _count_starts(self) -> int:
        drawn = callable(self.init) or isinstance(self.init, str)
        if self.n_init == "auto":
            return CARELESS_STARTS if drawn and self.init != "k-means++" else 1
        return int(self.n_init) if drawn else 1

    def _draw(self, cloud: Cloud, random: Random) -> Floats:
        if self.init == "random":
            return draw_points(cloud.whole, self.n_clusters, random)
        return seed_centers(cloud.whole, self.n_clusters, random, np.empty((0, len(cloud.origin)), cloud.origin.dtype))

    def _iterate(self, cloud: Cloud, centers: Floats, start: int) -> Iterator[LloydStep]:
        """Yield E and M steps from `centers`, which are relative to the cloud's origin, until they end."""
        points, before = cloud.whole, None
        tolerance = self.tol * cloud.variance
        for _ in range(self.max_iter):
            labels, moments = points.assign(centers, self._n_threads)
            shown = cloud.restore_order(labels)
            yield LloydStep(start, "E", centers + cloud.origin, shown, points.error(moments, centers))
            moved = move_centers(points, centers, labels, moments)
            yield LloydStep(start, "M", moved + cloud.origin, shown, points.error(moments, moved))
            shift = ((moved - centers) ** 2).sum()
            if before is not None and np.array_equal(labels, before):
                return
            centers, before = moved, labels
            if shift <= tolerance:
                break
        labels, moments = points.assign(centers, self._n_threads)
        yield LloydStep(start, "E", centers + cloud.origin, cloud.restore_order(labels), points.error(moments, centers))
