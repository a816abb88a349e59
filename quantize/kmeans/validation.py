"""What callers hand over, as arrays that the engine may rely on, or an error that says in a sentence what is wrong."""

import sys
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from quantize.kmeans.distances import Floats
from quantize.kmeans.seeding import Random


class UnfittedError(ValueError, AttributeError):
    """The estimator has found no centers yet; `sklearn.exceptions.NotFittedError` where scikit-learn is loaded."""


def make_unfitted_error(message: str) -> Exception:
    """Make the error for an estimator that is not fitted."""
    theirs = sys.modules.get("sklearn.exceptions")
    kind: type[Exception] = UnfittedError if theirs is None else theirs.NotFittedError
    return kind(message)


def warn_of_convergence(message: str) -> None:
    """Warn, from `fit`, as scikit-learn does where that is loaded."""
    theirs = sys.modules.get("sklearn.exceptions")
    kind: type[Warning] = UserWarning if theirs is None else theirs.ConvergenceWarning
    warnings.warn(message, kind, stacklevel=3)


def check_points(X: Any) -> Floats:
    """Return X as a float array of shape (n, d); whatever is not float32 becomes float64."""
    if hasattr(X, "tocsr"):
        raise TypeError("X is sparse, and the engine takes dense data only: pass X.toarray()")
    points = np.asarray(X)
    if np.iscomplexobj(points):
        raise ValueError("Complex data not supported: X must hold real numbers")
    if points.dtype != np.float32:
        try:
            points = points.astype(np.float64, copy=False)
        except (TypeError, ValueError) as error:
            raise type(error)(f"X must hold numbers: {error}") from None
    if points.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {points.ndim}D array instead: X must hold points in rows and coordinates in "
            f"columns, but its shape is {points.shape}. Reshape your data, with X.reshape(-1, 1) for one coordinate"
        )
    for count, name in zip(points.shape, ("sample", "feature"), strict=True):
        if not count:
            raise ValueError(f"Found array with 0 {name}(s) (shape={points.shape}) while a minimum of 1 is required.")
    if not np.isfinite(points).all():
        raise ValueError("X contains NaN or infinity")
    return points


def check_range(points: Floats, weight: Floats) -> None:
    """Refuse points whose squared distances, weighted and added up, the type cannot hold."""
    limits = np.finfo(points.dtype)
    extent = max(abs(float(points.min())), abs(float(points.max())))
    total = max(float(weight.sum(dtype=np.float64)), 1.0)
    if extent > float(np.sqrt(float(limits.max) / points.shape[1] / total)) / 4:
        wider = " or pass float64" if points.dtype == np.float32 else ""
        raise ValueError(f"X reaches {extent:.3g}, and its squared distances overflow {points.dtype}: scale X{wider}")


def check_weight(sample_weight: ArrayLike | None, points: Floats) -> Floats:
    """Return one weight for each point, in the points' type; ones if there are none."""
    try:
        weight = np.asarray(1 if sample_weight is None else sample_weight).astype(points.dtype, copy=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"sample_weight must hold numbers: {error}") from None
    if not weight.ndim:
        weight = np.broadcast_to(weight, len(points))
    if weight.shape != (len(points),):
        raise ValueError(f"sample_weight has shape {weight.shape}, but there are {len(points)} points")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError("sample_weight must be finite and not negative")
    if not weight.any():
        raise ValueError("sample_weight is zero for every point")
    return weight


def check_centers(name: str, centers: ArrayLike, n_clusters: int, points: Floats) -> Floats:
    """Return `n_clusters` centers like the points, in a copy of their type."""
    rows = np.array(centers, points.dtype)
    if rows.shape != (n_clusters, points.shape[1]):
        raise ValueError(f"{name} has shape {rows.shape}: expected {(n_clusters, points.shape[1])}")
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} contains NaN or infinity")
    return rows


def check_fixed(fixed: ArrayLike | None, n_clusters: int, points: Floats) -> Floats:
    """Return the centers that never move, of shape (f, d)."""
    rows = np.empty((0, points.shape[1])) if fixed is None else np.array(fixed, ndmin=2)
    if rows.ndim != 2 or rows.shape[1] != points.shape[1] or len(rows) > n_clusters:
        raise ValueError(f"fixed has shape {rows.shape}: expected up to {n_clusters} rows like X's")
    return check_centers("fixed", rows, len(rows), points)


def read_feature_names(X: Any) -> Any:
    """Return the names of a data frame's columns, as an array of objects; None where X has no names."""
    columns = getattr(X, "columns", None)
    if columns is None:
        return None
    names = list(columns)
    kinds = sorted({type(name).__name__ for name in names})
    if kinds == ["str"]:
        return np.array(names, dtype=object)
    if "str" in kinds:
        raise TypeError(
            f"Feature names are only supported if all input features have string names, but your input has {kinds} as "
            "feature name / column name types: convert them all to strings, X.columns = X.columns.astype(str)"
        )
    return None


def random_source(random_state: Any) -> Random:
    """Return what gives the random numbers: the generator itself, or one that starts from the integer or from None."""
    if hasattr(random_state, "random"):
        return random_state  # type: ignore[no-any-return]
    from random import Random as Source  # numpy's generators cost 12 ms to import, for a few hundred numbers

    if random_state is None or isinstance(random_state, int | np.integer):
        return Source(None if random_state is None else int(random_state))
    raise ValueError(f"random_state must be None, an integer or a random generator, not {random_state!r}")
