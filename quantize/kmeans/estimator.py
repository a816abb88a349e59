"""What every estimator does alike: `Estimator` checks and predicts from centers; `minibatch` and `lloyd` find them."""

import os
import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from quantize.kmeans.conventions import Conventions
from quantize.kmeans.distances import Floats
from quantize.kmeans.nearest import Labels, nearest_center, nearest_label
from quantize.kmeans.validation import (
    check_centers,
    check_points,
    check_range,
    check_weight,
    describe_wrong_names,
    make_unfitted_error,
    random_source,
    read_feature_names,
)
from quantize.parallel.threads import map_chunks

# Differences between points and a center that are held at a time: 512 KB of float64.
CHUNK = 1 << 16


class Estimator(Conventions):
    """K-means without its fit: parameters, and what follows from `cluster_centers_`."""

    # The smallest value of each numeric parameter, a float where it need not be whole, what else may stand there, and
    # the parameters that are true or false.
    _least: ClassVar[dict[str, float]]
    _words: ClassVar[dict[str, tuple[str | bool | None, ...]]]
    _flags: ClassVar[tuple[str, ...]]
    _fitted: ClassVar[tuple[str, ...]] = ("cluster_centers_", "labels_", "inertia_", "n_iter_", "n_features_in_")

    n_clusters: int
    init: Any
    n_init: Any
    random_state: Any
    verbose: int
    n_jobs: int | None
    cluster_centers_: Floats
    labels_: Labels
    n_iter_: int
    inertia_: float
    n_features_in_: int

    def fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        raise NotImplementedError

    def fit_predict(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Labels:
        """Fit X and return the row of the nearest center of each point."""
        fitted = self.fit(X, sample_weight=sample_weight)
        return fitted.labels_ if hasattr(fitted, "labels_") else fitted.predict(X)

    def fit_transform(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Any:
        """Fit X and return the distance of each point from each center."""
        return self.fit(X, sample_weight=sample_weight).transform(X)

    def predict(self, X: ArrayLike) -> Labels:
        """Return the row of the nearest center of each point, as an int32 array of shape (n,)."""
        return nearest_label(self._check_known(X), self.cluster_centers_, n_jobs=self._n_threads)

    def transform(self, X: ArrayLike) -> Any:
        """Return the distance (not squared) of each point from each center.

        Returns
        -------
        array of shape (n, n_clusters)
            In X's type; a data frame if `set_output` asked for one.
        """
        points = self._check_known(X)
        centers = self.cluster_centers_
        distances = np.empty((len(points), len(centers)), np.result_type(points, centers))

        def measure(piece: slice) -> None:
            for i, center in enumerate(centers):
                difference = points[piece] - center
                np.einsum("ij,ij->i", difference, difference, out=distances[piece, i])

        map_chunks(measure, len(points), max(CHUNK // points.shape[1], 1), self._n_threads)
        return self._dress_output(np.sqrt(distances, out=distances), X, self.get_feature_names_out())

    def score(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the weighted sum of squared distances from the nearest centers, negative so that more is better."""
        points = self._check_known(X)
        return -self._measure(points, check_weight(sample_weight, points))[1]

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Any:
        """Return the names of the columns of `transform`: the class's name in small letters, and a number.

        Parameters
        ----------
        input_features : array of str
            The names of X's columns, to be checked only.
        """
        self._check_fitted()
        if input_features is not None:
            given, own = list(np.asarray(input_features, object)), list(vars(self).get("feature_names_in_", []))
            if own and given != own:
                raise ValueError("input_features is not equal to feature_names_in_")
            if len(given) != self.n_features_in_:
                raise ValueError(
                    f"input_features holds {len(given)} names, but there are {self.n_features_in_} features"
                )
        name = type(self).__name__.lower()
        return np.array([f"{name}{i}" for i in range(self._n_features_out)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return "cluster_centers_" in vars(self)

    def __getattr__(self, name: str) -> Any:
        if name not in self._fitted:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._check_fitted()
        raise make_unfitted_error(f"this {type(self).__name__} was fitted without {name}")

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)

    @property
    def _n_threads(self) -> int:
        return (os.cpu_count() or 1) if self.n_jobs == -1 else self.n_jobs or 1

    def _list_results(self) -> dict[str, Any]:
        if not self.__sklearn_is_fitted__():
            return {}
        centers = np.array2string(self.cluster_centers_, precision=4, threshold=50)
        return {"n_features_in_": self.n_features_in_, "n_iter_": self.n_iter_, "cluster_centers_": centers}

    def _check_parameters(self) -> None:
        for name in self._flags:
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise ValueError(f"{name} must be True or False, not {getattr(self, name)!r}")
        for name, least in self._least.items():
            value: Any = getattr(self, name)
            words = self._words.get(name, ())
            if isinstance(value, bool | str | None) and value in words:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
                raise ValueError(f"{name} must be a number{''.join(f' or {word!r}' for word in words)}, not {value!r}")
            if isinstance(least, int) and not isinstance(value, int | np.integer):
                raise ValueError(f"{name} must be an integer, not {value!r}")
            if not value >= least:
                raise ValueError(f"{name} must be at least {least:g}, not {value!r}")
        if self.n_jobs == 0:
            raise ValueError("n_jobs must be a number of threads, or -1 for one per processor, not 0")
        if isinstance(self.init, str) and self.init not in ("k-means++", "random"):
            raise ValueError(f"init must be 'k-means++', 'random', an array or a callable, not {self.init!r}")

    def _warn_of_one_start(self) -> None:
        """Warn, from `fit`, where `init` is an array and `n_init` asks for more than the one start that it makes."""
        drawn = isinstance(self.init, str) or callable(self.init)
        if not drawn and self.n_init != "auto" and self.n_init > 1:
            message = f"init is an array: one start is made, not n_init={self.n_init}"
            warnings.warn(message, RuntimeWarning, stacklevel=3)

    def _check_training(self, X: Any, sample_weight: ArrayLike | None) -> tuple[Floats, Floats]:
        """Return points and weights to fit, and remember their features."""
        names = read_feature_names(X)
        points = check_points(X)
        if len(points) < self.n_clusters:
            raise ValueError(f"n_samples={len(points)} should be at least n_clusters={self.n_clusters}")
        weight = check_weight(sample_weight, points)
        check_range(points, float(weight.sum(dtype=np.float64)))
        self.n_features_in_ = points.shape[1]
        vars(self).pop("feature_names_in_", None)
        if names is not None:
            self.feature_names_in_ = names
        return points, weight

    def _check_known(self, X: Any) -> Floats:
        """Return points with the features that the centers have."""
        self._check_fitted()
        own, kind = vars(self).get("feature_names_in_"), type(self).__name__
        names = read_feature_names(X)
        if own is None and names is not None:
            warnings.warn(f"X has feature names, but {kind} was fitted without feature names", stacklevel=3)
        if own is not None and names is None:
            warnings.warn(
                f"X does not have valid feature names, but {kind} was fitted with feature names", stacklevel=3
            )
        if own is not None and names is not None and list(own) != list(names):
            raise ValueError(describe_wrong_names(list(own), list(names)))
        points = check_points(X)
        if points.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {points.shape[1]} features, but {kind} is expecting {self.n_features_in_} features as input"
            )
        check_range(points, dtype=np.result_type(points, self.cluster_centers_))
        return points

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise make_unfitted_error(f"this {type(self).__name__} has no centers yet: call fit first")

    def _prepare_init(self, points: Floats, origin: Floats) -> Callable[[], Floats] | None:
        """Return what makes the initial centers of each start, relative to `origin`, where `init` gives them."""
        if isinstance(self.init, str):
            return None
        if not callable(self.init):
            given = check_centers("init", self.init, self.n_clusters, points)
            return lambda: given - origin
        source = self.random_state
        if not hasattr(source, "random"):
            random_source(source)  # for its refusal
            source = np.random.RandomState(source)  # what scikit-learn hands over

        def call() -> Floats:
            centers = self.init(points, self.n_clusters, random_state=source)
            return check_centers("init", centers, self.n_clusters, points) - origin

        return call

    def _measure(self, points: Floats, weight: Floats) -> tuple[Labels, float]:
        """Return the labels of points, and their weighted sum of squared distances."""
        labels, distances = nearest_center(points, self.cluster_centers_, n_jobs=self._n_threads)
        return labels, float(np.einsum("i,i->", distances, weight, dtype=np.float64))
