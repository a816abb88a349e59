"""Text on standard error in as many colors as the terminal has: 16 million, 256, 16, or none."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress

import click

RGB = tuple[int, int, int]
Color = RGB | int | str
"""As click takes it: what the terminal mixes, a number of its 256, or a name of its 16."""

_CUBE = (0, 95, 135, 175, 215, 255)
_ALL = [(r, g, b) for r in _CUBE for g in _CUBE for b in _CUBE] + [(8 + 10 * i,) * 3 for i in range(24)]
"""The colors 16 to 255 of xterm: a cube and a ramp of grays, which are the same everywhere."""

_NAMED = {
    "black": (0, 0, 0), "red": (205, 0, 0), "green": (0, 205, 0), "yellow": (205, 205, 0),
    "blue": (0, 0, 238), "magenta": (205, 0, 205), "cyan": (0, 205, 205), "white": (229, 229, 229),
    "bright_black": (127, 127, 127), "bright_red": (255, 0, 0), "bright_green": (0, 255, 0),
    "bright_yellow": (255, 255, 0), "bright_blue": (92, 92, 255), "bright_magenta": (255, 0, 255),
    "bright_cyan": (0, 255, 255), "bright_white": (255, 255, 255),
}  # fmt: skip
"""The other 16, as xterm has them by default; every terminal has its own."""


def count_terminal_colors(environment: Mapping[str, str] = os.environ) -> int:
    """Count the colors that a terminal can show, by what its environment says: 0, 16, 256 or 2^24."""
    term = environment.get("TERM", "")
    if environment.get("NO_COLOR") or term == "dumb":
        return 0
    if environment.get("COLORTERM") in ("truecolor", "24bit") or "direct" in term or "WT_SESSION" in environment:
        return 1 << 24
    return 256 if "256color" in term else 16


def find_nearest(color: RGB, n_colors: int) -> tuple[Color, RGB]:
    """Find what a terminal of so many colors shows for a color: as click takes it, and as it looks."""
    if n_colors > 256:
        return color, color

    def distance(other: RGB) -> int:
        return sum((one - two) ** 2 for one, two in zip(color, other, strict=True))

    if n_colors == 256:
        number = min(range(len(_ALL)), key=lambda number: distance(_ALL[number]))
        return 16 + number, _ALL[number]
    name = min(_NAMED, key=lambda name: distance(_NAMED[name]))
    return name, _NAMED[name]


def paint_behind(text: str, color: RGB) -> str:
    """Lay a color behind a text, which is black or white, whichever can be read."""
    from quantize.show.contrast import contrasting

    n_colors = count_terminal_colors()
    if not n_colors:
        return text
    behind, look = find_nearest(color, n_colors)
    return click.style(text, fg=find_nearest(contrasting(look), n_colors)[0], bg=behind)


def say(text: str = "", *, bold: bool = False, color: str | None = None) -> None:
    """Write a line to standard error, in color only on a terminal that has some and never under NO_COLOR."""
    echo(click.style(text, fg=color, bold=bold or None))


def echo(text: str, *, newline: bool = True) -> None:
    """Write styled text to standard error; the style is left out where it cannot be shown."""
    with suppress(OSError):  # where standard error cannot be written, there is nowhere to say so
        click.echo(text, nl=newline, err=True, color=None if count_terminal_colors() else False)


def is_live() -> bool:
    """Tell whether standard error is a terminal on which a line can be written over."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
