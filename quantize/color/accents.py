"""Accents: colors that are small and far from all others, which a palette by area leaves out.

Every pixel has one vote, so the one red roof of a gray town is worth no palette entry. Here each distinct color of a
picture has a price, too, which a palette pays that loses it. A palette by area is settled for the sum of error and
prices. Then, while that lowers the sum, an entry that is little missed goes to a color that is lost, and the others
settle beside it; and so on while fewer colors are lost. How much the mean difference may grow is limited, for each
picture: where colors that are lost would cost more, they stay lost.

All differences are in the Oklab that lost colors are found by, whatever the space. A picture's colors are taken
together in cells, of which some thousand are enough.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quantize.color.histogram import pack_colors
from quantize.color.measure.difference import place_looks
from quantize.color.measure.lost import LEAST_SHARE, NEAR, gather_alike
from quantize.color.palette_choice import group_alike
from quantize.color.remap import is_opaque
from quantize.color.rounding import make_palette
from quantize.color.spaces import measure_height, to_colors, to_points
from quantize.records.palette import Palette
from quantize.records.picture import Histogram

_POWER = 1.5
"""The power of a difference that is its error. With 2, as in plain k-means, mean differences are 2% larger, and as many
colors are lost; with 1 they are least, and without prices a fifth more are lost."""

_PRICE = 5.0**_POWER
"""What a lost color costs at full strength: as much as a difference of 5 in every pixel. For half of it, two fifths to
nearly all of the lost colors come back, and the mean difference grows by up to 6% (`tests.bench` FOLDER accents)."""

_PARTS = (0.5, 1.0)
"""Parts of the price that are tried. Which is best differs: the full price alone leaves a tenth more lost
in Oklab."""

_MOST_GROWTH = 0.44
"""How much the mean difference may grow at full strength, as a fraction of it. At half strength, which allows 22%, it
grows by 8% in the mean of 26 photographs in 6 colors, and a third of the colors that were lost come back in each
space; where 12% are allowed, a quarter in Oklab."""

_FREE = 9.0
"""What the mean difference may always be at full strength: half of it is what a gray town in five grays has."""

_EDGE = 1.5
"""How gradually a color is lost about the limit: so entries feel which way to go. With 3, a tenth more are lost."""

_SHARP = 2.0
"""Differences below this one count as this when entries settle: else one cell that an entry has met holds it there."""

_MOST_CELLS = 1500
_MOST_SEEDS = 8
"""Lost colors, and entries to give away, that are tried with one another."""

_RISES = 2
"""Steps in which prices rise to what they are. At once, they pull entries far from where they serve many pixels: the
mean difference grows by 4% more, for no more colors."""

_STEPS = 3
_LAST_STEPS = 6
_MOST_ROUNDS = 30
_LEAST_GAIN = 1e-6

_MOST_DISTANCES = 1 << 23
"""Distances that are held at a time: 32 MB. Of more entries, fewer exchanges are tried."""

_APART = 1e6
"""Squared difference of an opaque color from an entry that is not."""

Floats = NDArray[Any]


def settle_accents(palette: Palette, histogram: Histogram, kept: Histogram, space: str, strength: float) -> Palette:
    """Move the entries of a palette, and exchange some, for colors that are small and far from all others.

    Parameters
    ----------
    palette : Palette
        Found by area, in `space`, for this histogram.
    histogram : Histogram
    kept : Histogram
        Colors of the palette that stay.
    space : str
        A name in `SPACES`: entries are means of its points.
    strength : float
        0 to 1.

    Returns
    -------
    Palette
        In storage order, with no more colors than before; as it was, where nothing is lost.
    """
    if not len(histogram.visible):
        return palette
    held = np.concatenate([histogram.keys[: histogram.has_clear], kept.keys])
    stays = np.isin(pack_colors(palette.colors), held)
    start = np.concatenate([palette.colors[stays], palette.colors[~stays]])
    search = _Search(_take_cells(histogram.visible, space), space, strength, int(stays.sum()))
    centers = search.run(to_points(start, space).astype(np.float64))
    if centers is None:
        return palette
    settled = make_palette(centers, space, palette.fit, gray=histogram.is_gray)
    return replace(palette, colors=settled.colors)


@dataclass(frozen=True)
class _Cells:
    """Colors taken together: means in the space, parts of all pixels, looks in Oklab, and whether they are opaque."""

    points: Floats
    masses: Floats
    looks: Floats
    opaque: NDArray[np.bool_]

    @cached_property
    def squares(self) -> Floats:
        """Squared differences of all cells, of shape (n, n)."""
        return _square(self.looks, self.looks).clip(0)

    @cached_property
    def prices(self) -> Floats:
        """What each cell has of the price of its distinct color: 1, shared by all within half of the limit.

        Colors that an entry each would have to keep are as far apart as the limit: so no cell is near to two of them.
        """
        around = (self.squares <= (NEAR / 2) ** 2) @ self.masses
        return np.where(around >= LEAST_SHARE, self.masses / around, 0)


def _take_cells(histogram: Histogram, space: str) -> _Cells:
    opaque = is_opaque(histogram.colors)
    numbers = group_alike(histogram.keys, opaque, _MOST_CELLS)
    counts = histogram.counts / histogram.total
    masses = np.bincount(numbers, counts)
    colors = to_points(histogram.colors, space)
    occupied = masses > 0  # kept colors count for nothing
    sums = np.stack([np.bincount(numbers, counts * column) for column in colors.T], axis=1)[occupied]
    points, masses = sums / masses[occupied, np.newaxis], masses[occupied]
    opaque = (np.bincount(numbers, opaque) > 0)[occupied]
    looks = place_looks(to_colors(points.astype(np.float32), space))
    return _Cells(points, masses, looks, opaque)


class _Placing(NamedTuple):
    """Centers of shape (n_trials, n_entries, d), and of each cell, of shape (n_trials, n_cells), which is nearest."""

    centers: Floats
    differences: Floats
    labels: NDArray[np.intp]

    def take(self, row: int) -> "_Placing":
        """Take one of the trials."""
        return _Placing(*(values[row : row + 1] for values in self))


@dataclass
class _Search:
    """The search for the entries of least error and prices."""

    cells: _Cells
    space: str
    strength: float
    n_held: int
    price: float = 0.0
    most: float = np.inf

    def run(self, start: Floats) -> Floats | None:
        """Return better centers of the same shape (n_entries, d), or None where nothing is lost."""
        first = self.settle(start[np.newaxis], 0)
        if self.n_held == len(start) or not self.count_lost(first):
            return None
        self.most = max(float(self.average(first)[0]) * (1 + _MOST_GROWTH * self.strength), _FREE * self.strength)
        found = [self.search(first, _PRICE * part * self.strength) for part in _PARTS]
        better: Floats = min(found, key=lambda each: (self.count_lost(each), self.average(each)[0])).centers[0]
        return better

    def search(self, found: _Placing, price: float) -> _Placing:
        """Exchange and settle entries at prices that rise to this one, and then for the sake of what is still lost."""
        for part in np.linspace(0, 1, _RISES + 1)[1:]:
            self.price = price * part
            found = self.exchange(self.improve(found, self.settle(found.centers, _STEPS)))
        return self.bring_back(self.improve(found, self.settle(found.centers, _LAST_STEPS)))

    def exchange(self, found: _Placing) -> _Placing:
        """Give entries to colors that are lost while that lowers the sum."""
        for _ in range(_MOST_ROUNDS):
            proposed = self.propose(found)
            better = self.improve(found, self.settle(proposed, _STEPS)) if len(proposed) else found
            if better is found:
                break
            found = better
        return found

    def improve(self, found: _Placing, trials: _Placing) -> _Placing:
        """Take the trial of the least sum of those within the limit, if that is less than what was found."""
        costs = np.where(self.average(trials) <= self.most, self.sum_costs(trials), np.inf)
        best = int(costs.argmin())
        return trials.take(best) if costs[best] < self.sum_costs(found)[0] - _LEAST_GAIN else found

    def bring_back(self, found: _Placing) -> _Placing:
        """Give entries to colors that are lost while fewer are lost then, or as many at a smaller sum."""
        for _ in range(_MOST_ROUNDS):
            n_lost, proposed = self.count_lost(found), self.propose(found)
            if not n_lost or not len(proposed):
                break
            # Where an entry settles fully, it may lose again the color that it was put on.
            several = [self.settle(proposed, n_steps) for n_steps in (0, 1, _STEPS)]
            trials = _Placing(*map(np.concatenate, zip(*several, strict=True)))
            costs = self.sum_costs(trials)
            within = np.flatnonzero(self.average(trials) <= self.most).tolist()
            ranks = [(self.count_lost(trials, row), costs[row], row) for row in within]
            least = min(ranks, default=(n_lost, np.inf, 0))
            if least[:2] >= (n_lost, self.sum_costs(found)[0] - _LEAST_GAIN):
                break
            found = trials.take(least[2])
        return found

    def average(self, trials: _Placing) -> Floats:
        """Return the mean difference of each trial."""
        means: Floats = trials.differences @ self.cells.masses
        return means

    def count_lost(self, trials: _Placing, row: int = 0) -> int:
        """Count the colors that are lost in a trial, as the report does."""
        differences = trials.differences[row]
        far = np.flatnonzero(differences > NEAR)
        looks, masses = self.cells.looks[far], self.cells.masses[far]
        return len(gather_alike(looks, differences[far] ** 2, masses, LEAST_SHARE, len(far)))

    def propose(self, found: _Placing) -> Floats:
        """Put each of the entries that are missed least in the place of each color that is lost."""
        centers, differences, labels = (values[0] for values in found)
        seeds = self.find_seeds(differences)
        weights = self.cells.masses * differences**_POWER + self.cells.masses
        rows = np.argsort(np.bincount(labels, weights, len(centers))[self.n_held :], kind="stable") + self.n_held
        most = max(1, _MOST_DISTANCES // (len(centers) * len(self.cells.masses)))
        pairs = [(row, seed) for row in rows[:_MOST_SEEDS] for seed in seeds][:most]
        trials = np.repeat(centers[np.newaxis], len(pairs), axis=0)
        for trial, (row, seed) in zip(trials, pairs, strict=True):
            trial[row] = self.cells.points[seed]
        return trials

    def find_seeds(self, differences: Floats) -> list[int]:
        """Find the cells that stand for the colors that are lost, those that matter most first."""
        left = np.flatnonzero((differences > NEAR) & (self.cells.prices > 0))
        left = left[np.argsort(-(self.cells.prices * differences**2)[left], kind="stable")]
        seeds: list[int] = []
        while len(left) and len(seeds) < _MOST_SEEDS:
            seeds.append(int(left[0]))
            left = left[self.cells.squares[left[0], left] > (NEAR / 2) ** 2]
        return seeds

    def settle(self, centers: Floats, n_steps: int) -> _Placing:
        """Move the entries of each trial to the means of their cells, as these pull."""
        for _ in range(n_steps):
            differences, labels = self.compare(centers)
            centers = self.move(centers, labels, self.weigh(differences))
        return _Placing(centers, *self.compare(centers))

    def compare(self, centers: Floats) -> tuple[Floats, NDArray[np.intp]]:
        """Return the difference of each cell from its nearest entry, and which it is: of shape (n_trials, n_cells)."""
        n_trials, n_entries, n_dimensions = centers.shape
        colors = to_colors(centers.reshape(-1, n_dimensions).astype(np.float32), self.space)
        squares = _square(place_looks(colors), self.cells.looks)
        solid = is_opaque(colors)
        if solid.any() and not solid.all():
            squares[np.ix_(~solid, self.cells.opaque)] += _APART
        squares = squares.reshape(n_trials, n_entries, -1)
        labels = squares.argmin(axis=1)
        nearest = np.take_along_axis(squares, labels[:, np.newaxis], axis=1)[:, 0]
        return np.sqrt(nearest.clip(0)), labels

    def sum_costs(self, trials: _Placing) -> Floats:
        """Return the error and the prices of each trial."""
        costs: Floats = trials.differences**_POWER @ self.cells.masses
        costs += self.price * (_lose(trials.differences) @ self.cells.prices)
        return costs

    def weigh(self, differences: Floats) -> Floats:
        """Return how strongly cells pull at their entries: the slope of their costs over their difference."""
        lengths, lost = differences.clip(_SHARP), _lose(differences)
        errors = _POWER * self.cells.masses * lengths ** (_POWER - 2)
        weights: Floats = errors + self.price * self.cells.prices * lost * (1 - lost) / (_EDGE * lengths)
        return weights

    def move(self, centers: Floats, labels: NDArray[np.intp], weights: Floats) -> Floats:
        n_trials, n_entries, n_dimensions = centers.shape
        n = n_trials * n_entries
        rows = (labels + n_entries * np.arange(n_trials)[:, np.newaxis]).reshape(-1)
        masses = np.bincount(rows, weights.reshape(-1), n)
        sums = [np.bincount(rows, (weights * column).reshape(-1), n) for column in self.cells.points.T]
        before = centers.reshape(-1, n_dimensions)
        with np.errstate(invalid="ignore"):
            moved = np.where(masses[:, np.newaxis] > 0, np.stack(sums, axis=1) / masses[:, np.newaxis], before)
        if n_dimensions == 4:  # what is opaque stays so
            height = measure_height(self.space)
            solid = before[:, 3] >= height * (1 - 1 / 512)
            moved[solid, 3] = height
        moved = moved.reshape(centers.shape)
        moved[:, : self.n_held] = centers[:, : self.n_held]
        return moved


def _lose(differences: Floats) -> Floats:
    """Tell how much of a color is lost at a difference: a half at the limit."""
    return 1 / (1 + np.exp((NEAR - differences) / _EDGE))


def _square(some: Floats, others: Floats) -> Floats:
    squares: Floats = (some**2).sum(axis=1)[:, np.newaxis] - 2 * some @ others.T + (others**2).sum(axis=1)
    return squares
