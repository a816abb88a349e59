"""Where a picture came out worst: blocks of it by their mean error, neighbors joined."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.records.report import Box, Region

_BLOCK = 32
_WORST = 0.05
"""The share of the blocks that counts as the worst: those beyond the 95th percentile, as of the color differences."""
_MOST = 10


def find_regions(errors: NDArray[Any]) -> list[Region]:
    """Find the worst regions of a picture.

    Parameters
    ----------
    errors : ndarray of shape (height, width) or (frames, height, width)
        CIEDE2000 of each pixel.

    Returns
    -------
    list of Region
        At most ten, the worst first; none where nothing was lost. Blocks at the right and lower edge may be
        smaller than 32 pixels.
    """
    from skimage.measure import label, regionprops

    height, width = errors.shape[-2:]
    frames = errors.reshape(-1, height, width)
    areas = _block_areas(height, width)
    means = np.stack([_block_sums(frame) for frame in frames]) / areas
    n_worst = max(1, round(_WORST * means.size))
    limit = np.partition(means, -n_worst, axis=None)[-n_worst]
    regions: list[Region] = []
    for number, blocks in enumerate(means):
        worst = (blocks >= limit) & (blocks > 0)
        for found in regionprops(label(worst, connectivity=1)) if worst.any() else ():
            top, left, bottom, right = (edge * _BLOCK for edge in found.bbox)
            right, bottom = min(right, width), min(bottom, height)
            mean = np.average(blocks[*found.coords.T], weights=areas[*found.coords.T])
            box: Box = {"x": left, "y": top, "width": right - left, "height": bottom - top, "frame": number}
            regions.append({"box": box, "ciede2000": float(mean)})
    return sorted(regions, key=lambda region: -region["ciede2000"])[:_MOST]


def _block_sums(frame: NDArray[Any]) -> NDArray[np.float64]:
    height, width = frame.shape
    starts = np.arange(0, width, _BLOCK)
    # A row of blocks at a time, as all pixels would be widened first.
    rows = (frame[top : top + _BLOCK].sum(axis=0, dtype=np.float64) for top in range(0, height, _BLOCK))
    return np.stack([np.add.reduceat(row, starts) for row in rows])


def _block_areas(height: int, width: int) -> NDArray[np.int64]:
    heights, widths = (np.diff([*range(0, side, _BLOCK), side]) for side in (height, width))
    return np.outer(heights, widths)
