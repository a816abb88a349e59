"""Comparing squared distances by a matrix product.

|x - c|² = |x|² - 2 c.x + |c|², and |x|² does not change which center is nearest: the product of the rows [-2c, |c|²]
with the columns [x, 1] holds all that has to be compared. With the points in columns, the minimum over the centers runs
along memory, at a fraction of the cost of an `argmin` for each point.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Indices = NDArray[np.intp]

# Centers from which numpy's `argmin` along each point's row is faster than what is done here along the points.
WIDE = 40
# Multiplications of a product that OpenBLAS, which numpy brings along, still makes on one thread: 4 * 65536, of its
# interface/gemm.c. Its products with a vector share the work from 9216 on; `einsum` never does.
ONE_THREAD = 1 << 18
# Rows that are compared at a time: their marks fit a byte.
GROUP = 256
MARKS = np.arange(GROUP - 1, -1, -1, dtype=np.ubyte)[:, np.newaxis]


def multiply(left: Floats, right: Floats) -> Floats:
    """Return the product of left (m, d) and right (d, n), computed on this thread alone.

    Larger products wake the threads of the BLAS. To wait for those costs thin products up to a hundred times what they
    take, the more so where other threads have the processors.
    """
    (m, d), n = left.shape, right.shape[1]
    size = max(ONE_THREAD // (d * min(m, n)), 1)
    if size >= max(m, n):
        return left @ right
    product = np.empty((m, n), np.result_type(left, right))
    for start in range(0, max(m, n), size):
        piece = slice(start, start + size)
        if m > n:
            np.matmul(left[piece], right, out=product[piece])
        else:
            np.matmul(left, right[:, piece], out=product[:, piece])
    return product


def lift(centers: Floats) -> Floats:
    """Return the rows [-2c, |c|²] of centers (k, d): (k, d + 1)."""
    return np.column_stack([-2 * centers, np.einsum("ij,ij->i", centers, centers)])


def find_nearest(lifted: Floats, columns: Floats) -> Indices:
    """Return the row of `lifted` centers (k, d + 1) that is nearest to each column [x, 1]; the first of several."""
    if len(lifted) < WIDE:
        return first_minimum(multiply(lifted, columns))[1]
    nearest: Indices = multiply(columns.T, lifted.T).argmin(axis=1)
    return nearest


def find_two_nearest(lifted: Floats, columns: Floats) -> tuple[Floats, Indices, Floats, Indices]:
    """Return what is compared for the nearest center of each column and its row, and the same of the second nearest."""
    each = np.arange(columns.shape[1])
    if len(lifted) < 2 * WIDE:
        values = multiply(lifted, columns)
        near, first = first_minimum(values)
        values[first, each] = np.inf
        return near, first, *first_minimum(values)
    values = multiply(columns.T, lifted.T)
    first = values.argmin(axis=1)
    near = values[each, first]
    values[each, first] = np.inf
    second = values.argmin(axis=1)
    return near, first, values[each, second], second


def first_minimum(values: Floats) -> tuple[Floats, Indices]:
    """Return the minimum of each column of `values` (k, n), and the first row that holds it."""
    lowest, first = _marked_minimum(values[:GROUP])
    for start in range(GROUP, len(values), GROUP):
        low, row = _marked_minimum(values[start : start + GROUP])
        less = low < lowest
        lowest[less], first[less] = low[less], row[less] + start
    return lowest, first


def _marked_minimum(values: Floats) -> tuple[Floats, Indices]:
    """Mark the minima with numbers that fall from row to row: the highest mark of a column tells its first.

    Three passes, of which the processor does 16 or 64 elements at a time.
    """
    lowest = values.min(axis=0)
    marks = np.equal(values, lowest).view(np.ubyte)
    marks *= MARKS[: len(values)]
    return lowest, np.subtract(GROUP - 1, marks.max(axis=0), dtype=np.intp)
