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


def read_numbers(name: str, values: Any, dtype: Any = None) -> Floats:
    """Return what was handed over as an array of real numbers; if no type is asked for, in float32 or float64."""
    masked = sys.modules.get("numpy.ma")  # whoever hands over masks has loaded it
    if hasattr(values, "tocsr"):
        raise TypeError(f"{name} is sparse, and the engine takes dense data only: pass {name}.toarray()")
    if masked is not None and masked.is_masked(values):
        raise ValueError(f"{name} has masked values: fill them, or leave them out")
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(f"{name} cannot be read as an array: {error}") from None
    if np.iscomplexobj(array):
        raise ValueError(f"Complex data not supported: {name} must hold real numbers")
    own = np.float32 if array.dtype == np.float32 else np.float64
    try:
        return array.astype(dtype or own, copy=False)
    except (TypeError, ValueError) as error:
        if any(type(value).__name__ == "NAType" for value in array.flat):
            raise ValueError(f"{name} contains missing values (NA): fill them, or leave them out") from None
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(f"{name} must hold numbers: {error}") from None


def check_points(X: Any) -> Floats:
    """Return X as a float array of shape (n, d); whatever is not float32 becomes float64."""
    points = read_numbers("X", X)
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


def check_range(points: Floats, total: float = 1.0, dtype: Any = None) -> None:
    """Refuse points whose squared distances, and their sum for a weight of `total`, the type cannot hold."""
    limits = np.finfo(dtype or points.dtype)
    extent = max(abs(float(points.min())), abs(float(points.max())))
    if extent > float(np.sqrt(float(limits.max) / points.shape[1] / max(total, 1.0))) / 4:
        wider = " or pass float64" if limits.bits == 32 else ""
        raise ValueError(f"X reaches {extent:.3g}, and its squared distances overflow {limits.dtype}: scale X{wider}")


def check_weight(sample_weight: ArrayLike | None, points: Floats) -> Floats:
    """Return one weight for each point, in the points' type; ones if there are none."""
    given = 1.0 if sample_weight is None else sample_weight
    weight = read_numbers("sample_weight", given, points.dtype)
    if weight.ndim and weight.shape != (len(points),):
        raise ValueError(f"sample_weight has shape {weight.shape}, but there are {len(points)} points")
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError("sample_weight must be finite and not negative")
    if not weight.any():
        raise ValueError("sample_weight is zero for every point")
    return np.broadcast_to(weight, len(points))


def check_centers(name: str, centers: ArrayLike, n_clusters: int, points: Floats) -> Floats:
    """Return `n_clusters` centers like the points, in a copy of their type."""
    rows = read_numbers(name, centers, points.dtype).copy()
    if rows.shape != (n_clusters, points.shape[1]):
        raise ValueError(f"{name} has shape {rows.shape}: expected {(n_clusters, points.shape[1])}")
    if not np.isfinite(rows).all():
        raise ValueError(f"{name} contains NaN or infinity")
    return rows


def check_fixed(fixed: ArrayLike | None, n_clusters: int, points: Floats) -> Floats:
    """Return the centers that never move, of shape (f, d)."""
    rows = np.empty((0, points.shape[1])) if fixed is None else np.atleast_2d(read_numbers("fixed", fixed))
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


def random_source(random_state: Any) -> Random:
    """Return what gives the random numbers: the generator itself, or one that starts from the integer or from None."""
    if hasattr(random_state, "random"):
        return random_state  # type: ignore[no-any-return]
    from random import Random as Source  # numpy's generators cost 12 ms to import, for a few hundred numbers

    if random_state is None:
        return Source()
    if isinstance(random_state, int | np.integer) and 0 <= random_state < 2**32:
        return Source(int(random_state))
    raise ValueError(
        f"random_state must be None, an integer from 0 to {2**32 - 1} or a random generator, not {random_state!r}"
    )
