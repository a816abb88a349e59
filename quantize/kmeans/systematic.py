"""The systematic draw: even steps along the cumulative weights from one offset.

An item is drawn as often as its weight asks, give or take one, and so is a run of neighbors. Independent draws would
scatter by the square root of that number.

W. G. Cochran: Sampling Techniques. Wiley, 3rd edition 1977, chapter 8.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def draw_systematically(cumulative: NDArray[Any], n_draws: int, offset: float = 0.5) -> NDArray[np.intp]:
    """Draw items in proportion to their weights.

    Parameters
    ----------
    cumulative : array of shape (n,)
        Cumulative sum of the weights, which are not negative.
    n_draws : int
    offset : float
        Where the first step falls, above 0 and up to 1 step. A random offset makes each item's chance exact.

    Returns
    -------
    array of shape (n_draws,)
        Rows of the items that were drawn, ascending; one that weighs more than a step occurs several times. An item
        without weight never does.
    """
    steps = (np.arange(n_draws) + offset) * (cumulative[-1] / n_draws)
    drawn: NDArray[np.intp] = np.minimum(np.searchsorted(cumulative, steps), len(cumulative) - 1)
    return drawn


def draw_evenly(n: int, n_draws: int, offset: float = 0.5) -> NDArray[np.intp]:
    """Draw `n_draws` of `n` items that all weigh the same: `draw_systematically` without a sum or a search."""
    steps = np.ceil((np.arange(n_draws) + offset) * (n / n_draws)).astype(np.intp)
    drawn: NDArray[np.intp] = np.clip(steps - 1, 0, n - 1)
    return drawn
