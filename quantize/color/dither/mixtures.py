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
    """What n points are mixed of, and how much of it at points near them.

    Parameters
    ----------
    rows : ndarray of shape (n_slots, n), dtype intp
        Rows of the entries.
    is_used : ndarray of shape (n_slots, n), dtype bool
        Whether a slot holds an entry; if not, its weight is 0 everywhere.
    slopes : ndarray of shape (n_slots, d, n)
    offsets : ndarray of shape (n_slots, n)
        The weights at a point x are `offsets` plus the sum of `slopes` times x. Away from the point that the mixture
        was found for they may leave 0..1.
    """

    rows: Rows
    is_used: NDArray[np.bool_]
    slopes: Floats
    offsets: Floats


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
    points, entries = points.astype(np.float64), entries.astype(np.float64)
    center = entries.mean(axis=0)
    extent = max(float(np.abs(entries - center).max()), 1.0)
    targets, planes = ((points - center) / extent).T.copy(), ((entries - center) / extent).T.copy()
    rows, weights = _descend(targets, planes, noise)
    # As long as the same entries are in, weights are affine in the point: known from d + 1 points.
    probes = np.column_stack([np.zeros_like(center), np.eye(len(center))])[..., np.newaxis]
    is_used = weights > 0
    at_probes = _balance(planes, rows, is_used, probes, noise)
    slopes = (at_probes[:, 1:] - at_probes[:, :1]) / extent
    return Mixtures(rows, is_used, slopes, at_probes[:, 0] - (slopes * center[:, np.newaxis]).sum(axis=1))


def _descend(targets: Floats, planes: Floats, noise: float) -> tuple[Rows, Floats]:
    """Find rows and weights (slot, n) of points (d, n) and entries (d, k)."""
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
        goal = _balance(planes, r, is_in, x[:, np.newaxis], noise)[:, 0]
        is_short = goal < 0
        ratios = np.where(is_short, w / np.where(is_short, w - goal, 1), 1)
        step = ratios.min(axis=0)
        w += step * (goal - w)
        w[is_short & (ratios == step)] = 0
        rows[:n_in_use, active], weights[:n_in_use, active] = r, np.maximum(w, 0)
        is_balanced = step == 1
    return rows, weights


def _first_minimum(gradient: Floats, entries: Floats) -> tuple[Rows, Floats]:
    """Find the entry (d + 1, k) with the least product with each column of a gradient (d + 1, n), and that product."""
    slopes = gradient.astype(np.float32).T.copy() @ entries
    rows = slopes.argmin(axis=1)
    return rows, slopes[np.arange(len(rows)), rows]


def _balance(planes: Floats, rows: Rows, is_in: NDArray[np.bool_], points: Floats, noise: float) -> Floats:
    """Find the weights (slot, m, n), perhaps negative, of least cost at m points (d, m, 1 or n) of n mixtures."""
    corners = planes.take(rows, axis=1)
    corners *= is_in
    products = np.einsum("din,djn->ijn", corners, corners)
    fixed = _UNITY * is_in - noise / 2 * np.einsum("iin->in", products)
    sides = np.repeat(fixed[:, np.newaxis], points.shape[1], axis=1)
    for corner, point in zip(corners, points, strict=True):
        sides += (1 + noise) * corner[:, np.newaxis] * point
    products += _UNITY * (is_in & is_in[:, np.newaxis])
    np.einsum("iin->in", products)[...] += np.where(is_in, _RIDGE, 1)
    return _solve(products, sides)


def _solve(matrices: Floats, sides: Floats) -> Floats:
    """Solve n systems of symmetric matrices (i, i, n) for sides (i, m, n), in place, by factors L D L'."""
    size = len(sides)
    for j in range(size):
        scaled = [matrices[j, k] * matrices[k, k] for k in range(j)]
        for i in range(j, size):
            for k in range(j):
                matrices[i, j] -= matrices[i, k] * scaled[k]
        np.maximum(matrices[j, j], _RIDGE, out=matrices[j, j])
        matrices[j + 1 :, j] /= matrices[j, j]
        for i in range(j + 1, size):
            sides[i] -= matrices[i, j] * sides[j]
    for i in reversed(range(size)):
        sides[i] /= matrices[i, i]
        for k in range(i + 1, size):
            sides[i] -= matrices[k, i] * sides[k]
    return sides
