"""How many colors: the number at which a cost that follows a power law in it crosses a limit.

Errors of a palette of k colors fall about as a power of k, and the bytes of the picture grow as one: there is no elbow
to find, but between two numbers the cost is nearly a straight line in logarithms. The search first follows it on
sketches, which are cheap and wrong by a nearly constant factor, and then measures the few numbers that this leads to.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

_STARTS = (16, 64)
"""Numbers that the first line is drawn through: around the middle of 2 to 256 in logarithms."""

_MOST_SKETCHED = 128
"""Beyond, a sketch costs much and tells little: the line goes on straight."""

_MAX_SKETCHES = 4

_CLOSE = 1.06
"""Ratio of two numbers of colors too close to tell apart by a sketch: the engine's error is within a percent or two of
what its number of colors would say, which is what 2 to 5% more colors gain."""

_FAR = 1.25
"""Ratio of two numbers of colors from which on the slope between two measurements is more than that noise."""

_USUAL_SLOPE = 0.5
"""Of a line through one point: color differences fall as k^-0.4, squared errors as k^-0.85, bytes grow as k^0.4."""

_LEAST_SLOPE = 0.05
"""A line flatter than this is noise."""

_CLOSE_ENOUGH = 1.02
"""Ratio of the two numbers on either side of the limit at which a search ends: half that scatter."""

_TINY = 1e-12

_TINY_STEP = 1e-6
"""What rounding may take from a whole number of colors."""

Point = tuple[float, float]

COSTS: dict[str, Callable[[float, int], float]] = {
    "psnr": lambda value, n_pixels: 10 ** (-value / 10),
    "ssim": lambda value, n_pixels: 1 - value,
    "delta-e": lambda value, n_pixels: value,
    "size": lambda value, n_pixels: value / n_pixels,
}
"""What a value of each measure costs, for a picture of so many pixels: what follows a power law, and is 0 at best."""

RISING = frozenset({"size"})
"""Measures whose cost rises with the number of colors."""


class Choice(NamedTuple):
    """A number of colors, and whether it keeps the limit."""

    n_colors: int
    reached: bool


def choose_n_colors(
    measure: Callable[[int], float],
    sketch: Callable[[int], float],
    limit: float,
    *,
    rises: bool = False,
    least: int = 2,
    most: int = 256,
    n_trials: int = 3,
) -> Choice:
    """Choose the fewest colors whose cost is within a limit; or the most, where the cost rises with them.

    Parameters
    ----------
    measure : callable
        Gives the cost of a number of colors, at least 0. It is called once for each of the few numbers tried.
    sketch : callable
        Gives what that cost may be, but for a factor, in a fraction of the time.
    limit : float
        The largest cost allowed, at least 0.
    rises : bool
        Whether the cost rises with the number of colors, rather than falls.
    least, most : int
        The range to choose from.
    n_trials : int
        Measurements after which the best number found so far is taken. More are made only while none keeps the limit.

    Returns
    -------
    Choice
        A number that was measured: the next one missed the limit, or one within 2%, or the trials were used up. Where
        none in the range keeps the limit, the end of the range that comes nearest.
    """
    limit = max(limit, _TINY)
    line = _Line(sketch, least, most, rises)
    # Numbers up to `below` lie before the limit, those from `above` on beyond it. Costs that fall keep the limit
    # beyond it, costs that rise before.
    below, above = least - 1, most + 1
    costs: dict[int, float] = {}
    while above - below > 1:
        is_kept = below >= least if rises else above <= most
        is_close = below in costs and above in costs and above <= below * _CLOSE_ENOUGH
        if is_kept and (len(costs) >= n_trials or is_close):
            break
        if below in costs and above in costs:
            n_colors = _interpolate(costs, below, above, limit)
        else:
            n_colors = line.crossing(limit)
        if not is_kept and len(costs) >= n_trials - 1:
            # The last trial should not miss by a hair.
            n_colors *= 1 / _CLOSE if rises else _CLOSE
        trial = min(
            max(math.floor(n_colors + _TINY_STEP) if rises else math.ceil(n_colors - _TINY_STEP), below + 1), above - 1
        )
        costs[trial] = measure(trial)
        line.learn(trial, costs[trial])
        if (costs[trial] <= limit) != rises:
            above = trial
        else:
            below = trial
    if rises:
        return Choice(max(below, least), below >= least)
    return Choice(min(above, most), above <= most)


def _interpolate(costs: dict[int, float], below: int, above: int, limit: float) -> float:
    y0, y1, y = (math.log(max(cost, _TINY)) for cost in (costs[below], costs[above], limit))
    return float(below * (above / below) ** ((y - y0) / (y1 - y0)))


class _Line:
    """Sketched costs over numbers of colors, joined by straight lines in logarithms.

    The line is looked at more closely where it is asked. Its points are a logarithm of a number, and a height that
    falls with it: the logarithm of a cost that falls, or the negative of that of a cost that rises. Measurements move
    the line as a whole, and turn it once they lie far enough apart to tell.
    """

    def __init__(self, sketch: Callable[[int], float], least: int, most: int, rises: bool) -> None:
        self.sketch, self.least, self.most = sketch, least, most
        self.sign = -1 if rises else 1
        self.sketched: dict[float, float] = {}
        self.measured: list[Point] = []
        for n_colors in _STARTS:
            self._add_sketch(n_colors)

    def crossing(self, limit: float) -> float:
        """The number of colors, within the range, at which the cost is this limit."""
        while True:
            x = self._solve(self._height(limit))
            sought = round(min(math.exp(x), _MOST_SKETCHED))
            distance = min(abs(math.log(sought) - known) for known in self.sketched)
            if distance < math.log(_CLOSE) or len(self.sketched) >= _MAX_SKETCHES:
                return math.exp(x)
            self._add_sketch(sought)

    def learn(self, n_colors: int, cost: float) -> None:
        """Take what a number of colors really costs."""
        self.measured.append((math.log(n_colors), self._height(cost)))

    def _height(self, cost: float) -> float:
        return self.sign * math.log(max(cost, _TINY))

    def _add_sketch(self, n_colors: int) -> None:
        n_colors = min(max(n_colors, self.least), self.most)
        self.sketched[math.log(n_colors)] = self._height(self.sketch(n_colors))

    def _solve(self, y: float) -> float:
        nodes = self._correct_nodes()
        x0, y0, slope = _find_segment(nodes, lambda node: node[1] <= y)
        return min(max(x0 + (y - y0) / slope, math.log(self.least)), math.log(self.most))

    def _correct_nodes(self) -> list[Point]:
        nodes = sorted(self.sketched.items())
        if not self.measured:
            return nodes
        errors = [_compare_with_line(nodes, *point) for point in self.measured[-2:]]
        (x0, error0), (x1, error1) = errors[0], errors[-1]
        turn = (error1 - error0) / (x1 - x0) if abs(x1 - x0) > math.log(_FAR) else 0.0
        return [(x, y + error1 + turn * (x - x1)) for x, y in nodes]


def _compare_with_line(nodes: list[Point], x: float, y: float) -> Point:
    x0, y0, slope = _find_segment(nodes, lambda node: node[0] >= x)
    return x, y - y0 - slope * (x - x0)


def _find_segment(nodes: list[Point], is_beyond: Callable[[Point], bool]) -> tuple[float, float, float]:
    """A point and the slope of the first line whose end is beyond what is sought, or else of the last one."""
    if len(nodes) == 1:
        return *nodes[0], -_USUAL_SLOPE
    index = next((index for index in range(1, len(nodes)) if is_beyond(nodes[index])), len(nodes) - 1)
    (x0, y0), (x1, y1) = nodes[index - 1 : index + 1]
    slope = (y1 - y0) / (x1 - x0)
    return x0, y0, slope if slope < -_LEAST_SLOPE else -_USUAL_SLOPE
