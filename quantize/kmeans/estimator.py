"""What every estimator does alike, by scikit-learn's conventions and without importing scikit-learn.

`Estimator` holds parameters and predicts from centers; `minibatch` and `lloyd` find the centers. What scikit-learn asks
about an estimator, its tags, is made of scikit-learn's own classes when it asks.
"""

import inspect
import os
import sys
import warnings
from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from quantize.kmeans.distances import Floats
from quantize.kmeans.nearest import Labels, nearest_center, nearest_label
from quantize.kmeans.validation import (
    check_centers,
    check_points,
    check_range,
    check_weight,
    make_unfitted_error,
    random_source,
    read_feature_names,
)
from quantize.parallel.threads import map_chunks

# Differences between points and a center that are held at a time: 512 KB of float64.
CHUNK = 1 << 16


class Estimator:
    """K-means without its fit: parameters, and what follows from `cluster_centers_`."""

    _estimator_type = "clusterer"
    # The smallest value of each numeric parameter, a float where it need not be whole, and what else may stand there.
    _least: ClassVar[dict[str, float]]
    _words: ClassVar[dict[str, tuple[str | None, ...]]]
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
        return self._dress_output(np.sqrt(distances, out=distances), X)

    def score(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> float:
        """Return the weighted sum of squared distances from the nearest centers, negative so that more is better."""
        points = self._check_known(X)
        return -self._measure(points, check_weight(sample_weight, points))[1]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {name: getattr(self, name) for name in self._parameters()}

    def set_params(self, **params: Any) -> Self:
        """Change constructor arguments; an unknown name is a `ValueError`."""
        for name, value in params.items():
            if name not in self._parameters():
                known = ", ".join(self._parameters())
                raise ValueError(f"{name!r} is not a parameter of {type(self).__name__}, which has {known}")
            setattr(self, name, value)
        return self

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> Any:
        """Return the names of the columns of `transform`: the class's name in small letters, and a number."""
        self._check_fitted()
        name = type(self).__name__.lower()
        return np.array([f"{name}{i}" for i in range(self._n_features_out)], dtype=object)

    def set_output(self, *, transform: str | None = None) -> Self:
        """Choose what `transform` returns: "default" for an array, "pandas" or "polars" for a data frame."""
        if transform not in (None, "default", "pandas", "polars"):
            raise ValueError(f"transform must be 'default', 'pandas' or 'polars', not {transform!r}")
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}  # the name under which scikit-learn clones it
        return self

    def __repr__(self) -> str:
        defaults = self._parameters()
        shown = ", ".join(
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if not (value is defaults[name] or repr(value) == repr(defaults[name]))
        )
        return f"{type(self).__name__}({shown})"

    def _repr_html_(self) -> str:
        """Show the parameters in a notebook, and what the fit came to."""
        from html import escape

        values = self.get_params()
        if self.__sklearn_is_fitted__():
            values |= {"n_features_in_": self.n_features_in_, "n_iter_": self.n_iter_}
            values["cluster_centers_"] = np.array2string(self.cluster_centers_, precision=4, threshold=50)
        rows = ((name, value if isinstance(value, str) else repr(value)) for name, value in values.items())
        cells = "".join(f"<tr><th>{name}</th><td><pre>{escape(text)}</pre></td></tr>" for name, text in rows)
        return f"<table><caption>{type(self).__name__}</caption>{cells}</table>"

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type="clusterer",
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float64", "float32"]),
            input_tags=InputTags(),
        )

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

    @classmethod
    def _parameters(cls) -> dict[str, Any]:
        """Return the constructor's arguments, those of a subclass too, and their defaults."""
        named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        arguments = list(inspect.signature(cls.__init__).parameters.values())[1:]
        return {argument.name: argument.default for argument in arguments if argument.kind in named}

    def _check_parameters(self) -> None:
        for name, least in self._least.items():
            value: Any = getattr(self, name)
            words = self._words.get(name, ())
            if (value is None or isinstance(value, str)) and value in words:
                continue
            if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
                raise ValueError(f"{name} must be a number{''.join(f' or {word!r}' for word in words)}, not {value!r}")
            if not value >= least:
                raise ValueError(f"{name} must be at least {least:g}, not {value!r}")
            if isinstance(least, int) and value != int(value):
                raise ValueError(f"{name} must be a whole number, not {value!r}")
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
        check_range(points, weight)
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
        return points

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise make_unfitted_error(f"this {type(self).__name__} has no centers yet: call fit first")

    def _prepare_init(self, X: Any, points: Floats, origin: Floats) -> Callable[[], Floats] | None:
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
            centers = self.init(X, self.n_clusters, random_state=source)
            return check_centers("init", centers, self.n_clusters, points) - origin

        return call

    def _measure(self, points: Floats, weight: Floats) -> tuple[Labels, float]:
        """Return the labels of points, and their weighted sum of squared distances."""
        labels, distances = nearest_center(points, self.cluster_centers_, n_jobs=self._n_threads)
        return labels, float(np.einsum("i,i->", distances, weight, dtype=np.float64))

    def _dress_output(self, values: Floats, X: Any) -> Any:
        """Return what `transform` gives as the kind of table that was asked for."""
        loaded = sys.modules.get("sklearn")
        kind = vars(self).get("_sklearn_output_config", {}).get("transform")
        kind = kind or (loaded.get_config()["transform_output"] if loaded else "default")
        if kind == "pandas":
            import pandas

            index = X.index if isinstance(X, pandas.DataFrame) else None
            return pandas.DataFrame(values, index=index, columns=self.get_feature_names_out())
        if kind == "polars":
            import polars

            return polars.DataFrame(values, schema=list(self.get_feature_names_out()), orient="row")
        return values


def describe_wrong_names(own: list[str], names: list[str]) -> str:
    """Say how the names of columns differ from those of the fit, in the words of scikit-learn."""
    lines = ["The feature names should match those that were passed during fit."]
    unseen, missing = sorted(set(names) - set(own)), sorted(set(own) - set(names))
    for title, group in (
        ("Feature names unseen at fit time:", unseen),
        ("Feature names seen at fit time, yet now missing:", missing),
    ):
        if group:
            lines += [title, *(f"- {name}" for name in group[:5]), *(["- ..."] if len(group) > 5 else [])]
    if not (unseen or missing):
        lines.append("Feature names must be in the same order as they were in fit.")
    return "\n".join(lines) + "\n"
