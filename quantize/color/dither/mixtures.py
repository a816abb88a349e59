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


def find_mixtures(points: Floats, entries: Floats, noise: float, start: Mixtures | None = None) -> Mixtures:
    """Find the mixture of each point, of at most one entry more than there are dimensions.

    Parameters
    ----------
    points : ndarray of shape (n, d)
    entries : ndarray of shape (k, d)
    noise : float
        Weight of the squared error of single dots against that of their mixture, above 0. From 0.001 down nothing
        changes.
    start : Mixtures, optional
        Where to begin; changed in place. The mixtures of points nearby are a shorter way off than the nearest entries.

    Returns
    -------
    Mixtures
        With d + 2 slots.
    """
    center, extent = _measure_extent(entries)
    targets, planes = ((points - center) / extent).T.copy(), ((entries - center) / extent).T.copy()
    return _descend(targets, planes, noise, start)


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
    corners = _take_corners(planes, mixtures.rows, is_in)
    sides = np.multiply(1 + noise, corners[:-1].swapaxes(0, 1), order="C")
    return _solve(_multiply_corners(corners, is_in), sides) / extent


def _measure_extent(entries: Floats) -> tuple[Floats, float]:
    center = entries.mean(axis=0, dtype=np.float64)
    return center, max(float(np.abs(entries - center).max()), 1.0)


def _descend(targets: Floats, planes: Floats, noise: float, start: Mixtures | None) -> Mixtures:
    """Mix points (d, n) of entries (d, k)."""
    n_slots, n = len(targets) + 2, targets.shape[1]
    lifted = np.vstack([planes, np.square(planes).sum(axis=0)])
    active, is_balanced = np.arange(n), np.full(n, start is None)
    if start is None:
        start = Mixtures(np.zeros((n_slots, n), np.intp), np.zeros((n_slots, n)))
        start.rows[0] = _first_minimum(np.vstack([-2 * targets, np.ones(n)]), lifted)[0]
        start.weights[0] = 1
    rows, weights = start
    n_in_use = int(np.flatnonzero(weights.any(axis=1))[-1]) + 1
    x, r, w = targets, rows, weights
    for _ in range(_MOST_ROUNDS):
        # What has the best weights of the entries that are in looks for another.
        each = np.flatnonzero(is_balanced)
        r_each, w_each = r[:n_in_use].take(each, axis=1), w[:n_in_use].take(each, axis=1)
        entering, is_open = _find_entering(x.take(each, axis=1), r_each, w_each, lifted, noise)
        if not is_open.all():
            done = each[~is_open]
            rows[:, active[done]], weights[:, active[done]] = r.take(done, axis=1), w.take(done, axis=1)
            is_left = np.ones(len(active), bool)
            is_left[done] = False
            left = np.flatnonzero(is_left)
            active, is_balanced, entering = active[left], is_balanced[left], entering[is_open]
            x, r, w = x.take(left, axis=1), r.take(left, axis=1), w.take(left, axis=1)
            each = np.flatnonzero(is_balanced)
        if not len(active):
            break
        if len(each):
            n_in_use = min(n_in_use + 1, n_slots)
        free = w[:n_in_use].argmin(axis=0)[each]
        r[free, each] = entering
        is_balanced = _balance(x, r[:n_in_use], w[:n_in_use], each, free, planes, noise)
    rows[:, active], weights[:, active] = r, w
    return start


def _find_entering(x: Floats, r: Rows, w: Floats, lifted: Floats, noise: float) -> tuple[Rows, NDArray[np.bool_]]:
    """Find the entry with the least slope, and whether it is worth entering: else all together gain next to nothing."""
    mixed = np.einsum("sn,dsn->dn", w, lifted.take(r, axis=1))
    gradient = np.vstack([2 * (mixed[:-1] - (1 + noise) * x), np.full((1, x.shape[1]), noise)])
    entering, least = _first_minimum(gradient, lifted)
    return entering, np.einsum("dn,dn->n", gradient, mixed) - least > _GAP


def _first_minimum(gradient: Floats, lifted: Floats) -> tuple[Rows, Floats]:
    """Find the entry (d + 1, k) with the least product with each column of a gradient (d + 1, n), and that product."""
    slopes = gradient.astype(np.float32).T.copy() @ lifted.astype(np.float32)
    rows = slopes.argmin(axis=1)
    return rows, slopes[np.arange(len(rows)), rows]


def _balance(x: Floats, r: Rows, w: Floats, each: Rows, free: Rows, planes: Floats, noise: float) -> NDArray[np.bool_]:
    """Change weights (slot, n) towards those of least cost at points (d, n), and tell which arrive there.

    Parameters
    ----------
    x : ndarray of shape (d, n)
    r, w : ndarrays of shape (slot, n)
        Rows of entries and their weights, changed in place: as far as none falls below 0. One that would is out.
    each, free : ndarrays of shape (m,)
        Points and slots whose entries are to get a weight.
    planes : ndarray of shape (d, k)
    noise : float
    """
    is_in = w > 0
    is_in[free, each] = True
    corners = _take_corners(planes, r, is_in)
    sides = np.einsum("din,dn->in", corners[:-1], (1 + noise) * x)
    sides += _UNITY * is_in - noise / 2 * np.square(corners[:-1]).sum(axis=0)
    goal = _solve(_multiply_corners(corners, is_in), sides[:, np.newaxis])[:, 0]
    is_short = goal < 0
    goal -= w
    ratios = np.divide(w, -goal, out=np.ones_like(w), where=is_short)
    step = ratios.min(axis=0)
    w += np.multiply(goal, step, out=goal)
    w[is_short & (ratios == step)] = 0
    np.maximum(w, 0, out=w)
    arrived: NDArray[np.bool_] = step == 1
    return arrived


def _take_corners(planes: Floats, rows: Rows, is_in: NDArray[np.bool_]) -> Floats:
    """Take the entries (d, k) that are in slots (slot, n), with what makes their weights sum to 1: (d + 1, slot, n)."""
    corners = np.vstack([planes, np.full((1, planes.shape[1]), np.sqrt(_UNITY))]).take(rows, axis=1)
    corners *= is_in
    return corners


def _multiply_corners(corners: Floats, is_in: NDArray[np.bool_]) -> Floats:
    """Multiply the corners (d + 1, slot, n) of n mixtures by one another."""
    products: Floats = np.einsum("din,djn->ijn", corners, corners)
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
