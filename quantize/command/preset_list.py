"""The presets of ``-p``, one in a line: its colors where there is color, its name, and what it is."""

from __future__ import annotations

import shutil
import sys

from quantize.command.paint import count_terminal_colors, paint_behind
from quantize.command.terminal import write_out
from quantize.files.palettes.presets import list_presets

_MOST_BLOCKS, _NARROW = 16, 60
"""Colors shown of each, which leaves room for words on 80 columns; and the columns below which half as many are."""


def show_presets() -> None:
    """Print the presets."""
    presets = list_presets()
    width = max(map(len, presets))
    columns = shutil.get_terminal_size().columns
    n_blocks = _MOST_BLOCKS if columns >= _NARROW else _MOST_BLOCKS // 2
    with_color = sys.stdout.isatty() and count_terminal_colors() > 0
    lines = []
    for name, preset in presets.items():
        blocks = ""
        if with_color:
            # Of more colors than there is room for, some from everywhere.
            step = -(-len(preset.colors) // n_blocks)
            shown = preset.colors[::step]
            blocks = "".join(paint_behind(" ", color) for color in shown) + " " * (n_blocks - len(shown)) + " "
        room = columns - width - 2 - (n_blocks + 1 if with_color else 0)
        about = preset.about if len(preset.about) <= room else preset.about[: max(0, room - 3)] + "..."
        lines.append(f"{blocks}{name:{width}}  {about}\n")
    write_out("".join(lines).encode())
