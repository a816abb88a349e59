"""The mixture of a few entries that comes nearest to a point with the least noise.

Sought are the weights w of entries e, none negative and all together 1, for which

    |sum(w e) - x|^2 + noise sum(w |e - x|^2)

is least: the squared error that is left once the eye has mixed the dots, and the squared error of the dots themselves.
With much noise allowed that is the nearest entry alone. The less is allowed, the more points that entries can be mixed
to come out exactly; and of all mixtures that of the nearest entries does: the corners of the Delaunay simplex around
the point (A. Okabe et al.: Spatial Tessellations, 2000, section 2.4).

The active-set method of P. Wolfe: Finding the nearest point in a polytope. Mathematical Programming 11, 1976; for many
points at once.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Rows = NDArray[np.intp]

_GAP = 1e-5
"""Cost above the least at which a mixture is good enough, in squared extents of the entries: half a level of 255."""

_UNITY = 1e7
"""Weight of the condition that weights sum to 1, against squared extents: they do within 1e-6."""

_RIDGE = 1e-8
"""Added to what may be singular: entries in a line or plane have several weights for one mixture, and the step towards
the cheapest ends where the first weight is 0."""

_MOST_ROUNDS = 100
"""Rounds after which mixtures are taken as they are. 34 is the most seen, with 256 entries and hardly any noise."""


class Mixtures(NamedTuple):
    """What n points are mixed of.

    Parameters
    ----------
    rows : ndarray of shape (n_slots, n), dtype intp
        Rows of the entries.
    weights : ndarray of shape (n_slots, n)
        How much there is of each; 0 in a slot that holds no entry.
    """

    rows: Rows
    weights: Floats


def find_mixtures(points: Floats, entries: Floats, noise: float) -> Mixtures:
    """Find the mixture of each point, of at most one entry more than there are dimensions.

    Parameters
    ----------
    points : ndarray of shape (n, d)
    entries : ndarray of shape (k, d)
    noise : float
        Weight of the squared error of single dots against that of their mixture, above 0. From 0.001 down nothing
        changes.

    Returns
    -------
    Mixtures
        With d + 2 slots.
    """
    center, extent = _measure_extent(entries)
    targets, planes = ((points - center) / extent).T.copy(), ((entries - center) / extent).T.copy()
    return _descend(targets, planes, noise)


def measure_slopes(mixtures: Mixtures, entries: Floats, noise: float) -> Floats:
    """Measure how the weights change with the point, as long as the same entries are in.

    Parameters
    ----------
    mixtures : Mixtures
        Found of these entries with this noise.
    entries : ndarray of shape (k, d)
    noise : float

    Returns
    -------
    ndarray of shape (n_slots, d, n)
        At a point that is x away, the weights are those of the mixture plus the sum of slopes times x. Far away they
        may leave 0..1.
    """
    center, extent = _measure_extent(entries)
    planes = ((entries - center) / extent).T.copy()
    is_in = mixtures.weights > 0
    corners = planes.take(mixtures.rows, axis=1)
    corners *= is_in
    sides = np.multiply(1 + noise, corners.swapaxes(0, 1), order="C")
    return _solve(_multiply_corners(corners, is_in), sides) / extent


def _measure_extent(entries: Floats) -> tuple[Floats, float]:
    center = entries.mean(axis=0, dtype=np.float64)
    return center, max(float(np.abs(entries - center).max()), 1.0)


def _descend(targets: Floats, planes: Floats, noise: float) -> Mixtures:
    """Mix points (d, n) of entries (d, k)."""
    n_slots, n = len(targets) + 2, targets.shape[1]
    lifted = np.vstack([planes, np.square(planes).sum(axis=0)])
    entries = lifted.astype(np.float32)
    rows, weights = np.zeros((n_slots, n), np.intp), np.zeros((n_slots, n))
    rows[0] = _first_minimum(np.vstack([-2 * targets, np.ones(n)]), entries)[0]
    weights[0] = 1
    active, is_balanced = np.arange(n), np.ones(n, bool)
    for number in range(_MOST_ROUNDS):
        n_in_use = min(number + 2, n_slots)  # each round fills one more at most
        x, r = targets.take(active, axis=1), rows[:n_in_use].take(active, axis=1)
        w = weights[:n_in_use].take(active, axis=1)
        mixed = np.einsum("sn,dsn->dn", w, lifted.take(r, axis=1))
        gradient = np.vstack([2 * (mixed[:-1] - (1 + noise) * x), np.full(len(active), noise)])
        # The entry with the least slope is worth entering, unless all entries together could gain next to nothing.
        entering, least = _first_minimum(gradient, entries)
        is_open = ~is_balanced | (np.einsum("dn,dn->n", gradient, mixed) - least > _GAP)
        if not is_open.all():
            left = np.flatnonzero(is_open)
            active, entering, is_balanced = active[left], entering[left], is_balanced[left]
            x, r, w = x.take(left, axis=1), r.take(left, axis=1), w.take(left, axis=1)
        if not len(active):
            break
        is_in = w > 0
        each = np.flatnonzero(is_balanced)
        free = is_in.argmin(axis=0)[each]
        r[free, each], is_in[free, each] = entering[each], True
        # Towards the best weights of the entries that are in, as far as none falls below 0. One that would is out.
        goal = _balance(planes, r, is_in, x, noise)
        is_short = goal < 0
        ratios = np.where(is_short, w / np.where(is_short, w - goal, 1), 1)
        step = ratios.min(axis=0)
        w += step * (goal - w)
        w[is_short & (ratios == step)] = 0
        rows[:n_in_use, active], weights[:n_in_use, active] = r, np.maximum(w, 0)
        is_balanced = step == 1
    return Mixtures(rows, weights)


def _first_minimum(gradient: Floats, entries: Floats) -> tuple[Rows, Floats]:
    """Find the entry (d + 1, k) with the least product with each column of a gradient (d + 1, n), and that product."""
    slopes = gradient.astype(np.float32).T.copy() @ entries
    rows = slopes.argmin(axis=1)
    return rows, slopes[np.arange(len(rows)), rows]


def _balance(planes: Floats, rows: Rows, is_in: NDArray[np.bool_], points: Floats, noise: float) -> Floats:
    """Find the weights (slot, n), perhaps negative, of least cost at points (d, n)."""
    corners = planes.take(rows, axis=1)
    corners *= is_in
    matrices = _multiply_corners(corners, is_in)
    sides = (1 + noise) * np.einsum("din,dn->in", corners, points)
    sides += _UNITY * is_in - noise / 2 * np.square(corners).sum(axis=0)
    return _solve(matrices, sides[:, np.newaxis])[:, 0]


def _multiply_corners(corners: Floats, is_in: NDArray[np.bool_]) -> Floats:
    """Multiply the corners (d, slot, n) of n mixtures by one another, in systems whose weights sum to 1."""
    products: Floats = np.einsum("din,djn->ijn", corners, corners)
    products += _UNITY * (is_in & is_in[:, np.newaxis])
    np.einsum("iin->in", products)[...] += np.where(is_in, _RIDGE, 1)
    return products


def _solve(matrices: Floats, sides: Floats) -> Floats:
    """Solve n systems of positive definite matrices (i, i, n) for sides (i, m, n), in place, by Gauss and Jordan."""
    for j in range(len(sides)):
        pivots = np.maximum(matrices[j, j], _RIDGE)
        row, side = matrices[j, j + 1 :] / pivots, sides[j] / pivots
        factors = matrices[:, j].copy()[:, np.newaxis]
        factors[j] = 0
        matrices[:, j + 1 :] -= factors * row
        sides -= factors * side
        matrices[j, j + 1 :], sides[j] = row, side
    return sides
