"""Palettes that come with the package, by name."""

from __future__ import annotations

import functools
import json
from typing import Any

from quantize.data import read_data
from quantize.files.palettes.entries import Entry
from quantize.files.palettes.notation import read_color


@functools.cache
def _load() -> dict[str, Any]:
    presets: dict[str, Any] = json.loads(read_data("presets.json"))
    return presets


def list_presets() -> dict[str, str]:
    """What each preset is, by its name."""
    return {name: preset["about"] for name, preset in _load().items()}


def read_preset(name: str) -> tuple[Entry, ...]:
    """Read the entries of a preset, in the order of the hardware or of its author."""
    return tuple(Entry(read_color(color), named) for named, color in _load()[name]["colors"])
