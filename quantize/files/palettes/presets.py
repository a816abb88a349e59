"""Palettes that come with the package, by name."""

from __future__ import annotations

import functools
import json
from typing import NamedTuple

from quantize.data import read_data


class Preset(NamedTuple):
    """A palette in the order of its hardware or its author: `about` is for a list, `names` has one for each color.

    Where the colors are from, and under which license, stands beside them in the data.
    """

    about: str
    colors: tuple[tuple[int, int, int], ...]
    names: tuple[str, ...]


@functools.cache
def list_presets() -> dict[str, Preset]:
    """All presets, by name."""
    presets = {}
    for name, preset in json.loads(read_data("presets.json")).items():
        names, codes = zip(*preset["colors"], strict=True)
        colors = [bytes.fromhex(code[1:]) for code in codes]
        presets[name] = Preset(preset["about"], tuple((r, g, b) for r, g, b in colors), names)
    return presets
