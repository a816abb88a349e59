"""A figure whose parts are placed in pixels, so that text is as large as it was meant when it is seen at 100%.

It is made without pyplot, whose state all threads share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 1240
MARGIN = 60
GAP = 56
ROOM = WIDTH - 2 * MARGIN
_DPI = 100

PAPER, PANEL, INK, PALE, ACCENT = "#faf8f4", "#ece9e2", "#1d1c1a", "#57544e", "#b3261e"
STYLE = {
    "font.size": 10,
    "text.color": INK,
    "text.parse_math": False,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.facecolor": PANEL,
    "axes.edgecolor": PANEL,
    "axes.labelcolor": PALE,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": PAPER,
    "xtick.color": PALE,
    "ytick.color": PALE,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
}


class Sheet:
    """A figure whose parts are placed from its top down, before its height is known."""

    def __init__(self) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self._figure = Figure(dpi=_DPI, facecolor=PAPER)
        FigureCanvasAgg(self._figure)
        self._places: list[tuple[Axes, tuple[int, int, int, int]]] = []
        self.top = MARGIN

    def add(self, left: int, width: int, height: int, title: str = "") -> Axes:
        """Add a part at the present top."""
        axes = self._figure.add_axes((0, 0, 1, 1), label=str(len(self._places)))
        axes.set_title(title)
        self._places.append((axes, (left, self.top, width, height)))
        return axes

    def move_down(self, height: int) -> None:
        """Go below parts of this height."""
        self.top += height

    def finish(self) -> Figure:
        """Fix the height, put every part in its place, and draw."""
        height = self.top
        self._figure.set_size_inches(WIDTH / _DPI, height / _DPI)
        for axes, (left, top, width, part) in self._places:
            axes.set_position((left / WIDTH, 1 - (top + part) / height, width / WIDTH, part / height))
        self._figure.canvas.draw()
        return self._figure
