"""One step of a search for centers, as whoever watched it wrote it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Step(NamedTuple):
    """Where the centers were after a step.

    Parameters
    ----------
    stage : str
        What made it: "seed", "refine", "batch", "pass", or whatever name the engine gives.
    centers : ndarray of shape (n_clusters, d)
        8-bit sRGB rows where the points are colors.
    error : float
        Mean squared distance to the nearest center, of the points that the step looked at.
    """

    stage: str
    centers: NDArray[Any]
    error: float
