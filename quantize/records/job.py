"""One input and the files that are planned for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

STDIO = "-"
"""Stands for standard input and output among names of files."""


class Outputs(NamedTuple):
    """Where the files of one conversion go: None is not written; a picture of None goes to standard output.

    `palettes` are by the names of their formats.
    """

    picture: Path | None
    swatch: Path | None = None
    report: Path | None = None
    plot: Path | None = None
    palettes: Mapping[str, Path] = {}

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file that will be written."""
        return tuple(self._named.values())

    @property
    def names(self) -> dict[str, str]:
        """The name of every file that will be written, by what it is."""
        return {what: path.name for what, path in self._named.items()}

    @property
    def _named(self) -> dict[str, Path]:
        named = {"picture": self.picture, "swatch": self.swatch, "report": self.report, "plot": self.plot}
        palettes = {f"palette-{name}": path for name, path in self.palettes.items()}
        return {what: path for what, path in {**named, **palettes}.items() if path}


class Job(NamedTuple):
    """One input and its outputs; `overwrite` if they may replace files that this program did not write.

    A `format` of None is found when the picture is known.
    """

    source: str
    outputs: Outputs
    overwrite: bool = False
    format: str | None = None
