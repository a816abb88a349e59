"""Makes the blue-noise mask that ships beside this script: ``python -m quantize.data.blue_noise``.

R. Ulichney: The void-and-cluster method for dither array generation, 1993. The mask is a torus: it may be repeated
without a seam. Every threshold occurs once, and the pixels below any of them lie as evenly as they can.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_SIGMA = 1.5
"""Of the Gaussian in which pixels see each other, in pixels: Ulichney's own choice."""

_FIRST = 10
"""One pixel in so many is set in the first pattern; any number above 2 serves."""


def rank_pixels(size: int = 64, seed: int = 0) -> NDArray[np.uint16]:
    """Rank the pixels of a square, so that those up to any rank are spread evenly.

    Parameters
    ----------
    size : int
        Pixels a side.
    seed : int
        Seed of the first pattern.

    Returns
    -------
    ndarray of shape (size, size), dtype uint16
        Each number from 0 to size² - 1 once.
    """
    distance = np.minimum(np.arange(size), size - np.arange(size))
    bell = np.exp(-np.add.outer(distance**2, distance**2) / (2 * _SIGMA**2))

    def shift(pixel: int) -> NDArray[np.float64]:
        shifted: NDArray[np.float64] = np.roll(bell, divmod(pixel, size), (0, 1))
        return shifted.reshape(-1)

    is_set = np.zeros(size * size, bool)
    is_set[np.random.default_rng(seed).choice(is_set.size, is_set.size // _FIRST, replace=False)] = True
    crowd = np.sum([shift(pixel) for pixel in np.flatnonzero(is_set).tolist()], axis=0)

    def find_cluster() -> int:
        return int(np.where(is_set, crowd, -np.inf).argmax())

    def find_void() -> int:
        return int(np.where(is_set, np.inf, crowd).argmin())

    def put(pixel: int, value: bool) -> None:
        nonlocal crowd
        is_set[pixel] = value
        crowd = crowd + shift(pixel) if value else crowd - shift(pixel)

    # Pixels move from where they crowd to where there are none, until the tightest cluster leaves the largest void.
    while True:
        cluster = find_cluster()
        put(cluster, False)
        void = find_void()
        put(void, True)
        if void == cluster:
            break
    ranks = np.empty(is_set.size, np.uint16)
    first, first_crowd = is_set.copy(), crowd.copy()
    for rank in range(np.count_nonzero(first) - 1, -1, -1):
        cluster = find_cluster()
        put(cluster, False)
        ranks[cluster] = rank
    is_set, crowd = first, first_crowd
    for rank in range(np.count_nonzero(first), is_set.size):
        void = find_void()
        put(void, True)
        ranks[void] = rank
    return ranks.reshape(size, size)


if __name__ == "__main__":
    np.save(Path(__file__).with_name("blue_noise.npy"), rank_pixels())
