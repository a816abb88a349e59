"""Specks: patches of one pixel, half of all in a photograph, given away many at a time.

They go before all others, in the order of rows. Until they are through, no label changes but theirs: what becomes of
one depends on nothing but the specks above it and to its left. Those whose specks there are through form a wave.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.color.patch_rules import Rules
from quantize.color.remap import exact_points

Labels = NDArray[Any]


def join_specks(labels: Labels, colors: NDArray[np.uint8], rules: Rules) -> Labels:
    """Give each speck the label of the neighbor that costs least.

    Parameters
    ----------
    labels : ndarray of shape (height, width), dtype uint8 or uint16
    colors : ndarray of shape (height * width, 3) or (height * width, 4)
    rules : Rules

    Returns
    -------
    ndarray of the labels' shape and dtype
        The same labels where some palette colors are translucent and others opaque: a speck that may not become what
        is beside it then waits for another, which is more than a wave can know.
    """
    if len(set(rules.solidity) - {0}) > 1:
        return labels
    height, width = labels.shape
    step = width + 2
    # Around the frame lies what nobody may become.
    grid = np.full((height + 2, step), len(rules.solidity), np.uint16)
    inside = grid[1:-1, 1:-1]
    inside[:] = labels
    is_speck = np.zeros(grid.shape, bool)
    is_speck[1:-1, 1:-1] = ~np.append(rules.stays, True)[inside]
    for axis in (0, 1):
        for shift in (1, -1):
            is_speck &= grid != np.roll(grid, shift, axis)
    wave = _Wave(grid.reshape(-1), is_speck.reshape(-1), (-step, -1, 1, step), rules)
    pixels = np.flatnonzero(is_speck)
    # Above and to the left.
    waiting = np.zeros(grid.size, np.uint8)
    for neighbor in (-step, -1):
        waiting[pixels] += wave.is_speck[pixels + neighbor]
    pixels = pixels[waiting[pixels] == 0]
    while len(pixels):
        rows, columns = np.divmod(pixels, step)
        wave.join(pixels, exact_points(colors[(rows - 1) * width + columns - 1], rules.space))
        after = np.concatenate([pixels + 1, pixels + step])
        after = after[wave.is_speck[after]]
        np.subtract.at(waiting, after, 1)
        pixels = np.unique(after[waiting[after] == 0])
    return inside.astype(labels.dtype)


class _Wave:
    """A frame's labels as they change.

    Parameters
    ----------
    labels : ndarray of shape (n,)
        Of the frame and of what lies around it; changed in place.
    is_speck : ndarray of shape (n,), dtype bool
    neighbors : tuple of int
        How far on the four neighbors of a pixel are.
    rules : Rules
    """

    def __init__(self, labels: Labels, is_speck: NDArray[np.bool_], neighbors: tuple[int, ...], rules: Rules) -> None:
        self.labels, self.is_speck, self.neighbors = labels, is_speck, neighbors
        self.is_joined = np.zeros(len(labels), bool)
        self.doubled = np.array([*rules.doubled, [0.0] * len(rules.doubled[0])]).T.copy()
        self.squares = np.array([*rules.squares, np.inf])
        self.squares[:-1][np.array(rules.solidity) == 0] = np.inf

    def join(self, pixels: NDArray[np.intp], points: NDArray[Any]) -> None:
        """Give specks of points (n, d) to their neighbors, but for those that others have joined."""
        is_free = ~self.is_joined[pixels]
        pixels, points = pixels[is_free], points[is_free].astype(np.float64)
        chosen, least = np.full(len(pixels), len(self.squares) - 1, np.uint16), np.full(len(pixels), np.inf)
        for neighbor in self.neighbors:
            label = self.labels[pixels + neighbor]
            cost = self.squares[label] - sum(
                row[label] * plane for row, plane in zip(self.doubled, points.T, strict=True)
            )
            is_better = (cost < least) | ((cost == least) & (label < chosen))
            chosen[is_better], least[is_better] = label[is_better], cost[is_better]
        is_chosen = least < np.inf
        pixels, chosen = pixels[is_chosen], chosen[is_chosen]
        self.labels[pixels] = chosen
        for neighbor in self.neighbors:
            beside = pixels + neighbor
            self.is_joined[beside[self.labels[beside] == chosen]] = True
