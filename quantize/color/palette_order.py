"""The order of a palette that makes its labels compress best: colors that stand side by side get labels side by side.

W. Zeng, J. Li, S. Lei: An efficient color re-indexing scheme for palette-based compression. ICIP 2000. In the form of
A. J. Pinho, A. J. R. Neves: A note on Zeng's technique for color reindexing of palette-based images. IEEE Signal
Processing Letters 11, 2004.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantize.records.palette import MAX_INDEXED
from quantize.records.quantized import Quantized

_STRIP = 1 << 18
"""Pixels whose neighbors are counted at a time: bounds what the pairs take."""


def in_stored_order(quantized: Quantized) -> Quantized:
    """Put the palette into the order that is worth its time; one that is given, or has a place to keep, stays."""
    settings = quantized.settings
    if settings.optimize and settings.transparent_index is None and quantized.palette.origin == "found":
        return order_by_neighbors(quantized)
    return quantized


def order_by_neighbors(quantized: Quantized) -> Quantized:
    """Put the palette into the order that suits the filters of PNG, and the labels with it.

    Without filters the order changes nothing: deflate codes any 16 labels as well as any others. With them, labels
    that differ little come out small; 11% smaller at 256 colors than ordered by luminance.

    Parameters
    ----------
    quantized : Quantized

    Returns
    -------
    Quantized
        The same pixels. Colors that are not opaque come first, because a PNG's tRNS chunk ends at the last of them.
    """
    palette = quantized.palette
    if not 2 < len(palette) <= MAX_INDEXED:
        return quantized
    order = _chain(_count_neighbors(quantized.labels, len(palette)))
    if palette.colors.shape[1] == 4:
        order = order[np.argsort(palette.colors[order, 3] == 255, kind="stable")]
    new_labels = np.empty(len(order), quantized.labels.dtype)
    new_labels[order] = np.arange(len(order))
    color_labels = quantized.color_labels
    return replace(
        quantized,
        palette=palette.take(order),
        labels=new_labels[quantized.labels],
        color_labels=None if color_labels is None else new_labels[color_labels],
        counts=quantized.counts[order],
    )


def _count_neighbors(labels: NDArray[Any], n_colors: int) -> NDArray[np.int64]:
    """How often each two labels stand side by side or one above the other, of shape (n_colors, n_colors)."""
    counts = np.zeros(n_colors * n_colors, np.int64)
    height, width = labels.shape[-2:]
    step = max(1, _STRIP // width)
    for frame in labels.reshape(-1, height, width):
        for top in range(0, height, step):
            rows = frame[top : top + step + 1]  # with the first of the next strip
            for one, other in ((rows[:step, 1:], rows[:step, :-1]), (rows[1:], rows[:-1])):
                pairs = one.astype(np.int32) * n_colors + other
                counts += np.bincount(pairs.reshape(-1), minlength=n_colors * n_colors)
    square = counts.reshape(n_colors, n_colors)
    square = square + square.T
    np.fill_diagonal(square, 0)
    return square


def _chain(neighbors: NDArray[np.int64]) -> NDArray[np.intp]:
    # From the commonest pair outward: the color that most often stands beside those in the chain joins it, at the
    # end to which its neighbors are nearer.
    first, second = np.unravel_index(neighbors.argmax(), neighbors.shape)
    chain = [int(first), int(second) if second != first else int(first) ^ 1]
    ties = neighbors[chain].sum(axis=0)
    ties[chain] = -1
    for _ in range(len(neighbors) - 2):
        color = int(ties.argmax())
        nearness = len(chain) - 1 - 2 * np.arange(len(chain))
        at_front = neighbors[color, chain] @ nearness > 0
        chain.insert(0 if at_front else len(chain), color)
        ties += neighbors[color]
        ties[chain] = -1
    return np.array(chain)
