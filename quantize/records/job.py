"""One input, the files that are planned for it, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from quantize.records.report import Report

STDIO = "-"
"""Stands for standard input and output among names of files."""


class Outputs(NamedTuple):
    """Where the files of one conversion go: None is not written; a picture of None goes to standard output.

    `palettes` are by the names of their formats. `shared` are what several conversions have in common, a
    "swatch" and palettes by their formats: not written with each picture, but its report names them.
    """

    picture: Path | None
    swatch: Path | None = None
    report: Path | None = None
    plot: Path | None = None
    page: Path | None = None
    palettes: Mapping[str, Path] = {}
    shared: Mapping[str, Path] = {}

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file that will be written."""
        return tuple(path for _, path in self.named)

    @property
    def names(self) -> dict[str, str]:
        """The name of every file in the picture's folder that tells of it, by what it is."""
        folder = self.picture and self.picture.parent
        shared = [(f"shared-{what}", path) for what, path in self.shared.items() if path.parent == folder]
        return {what: path.name for what, path in [*self.named, *shared]}

    @property
    def named(self) -> list[tuple[str, Path]]:
        """Every file that will be written, and what it is."""
        named = {"picture": self.picture, "swatch": self.swatch, "report": self.report}
        named |= {"plot": self.plot, "page": self.page}
        palettes = {f"palette-{name}": path for name, path in self.palettes.items()}
        return [(what, path) for what, path in {**named, **palettes}.items() if path]


class Job(NamedTuple):
    """One input, what is made of it, and how that is told.

    Parameters
    ----------
    source : str
        A path, or "-" for standard input.
    outputs : Outputs
    format : str or None
        Of the picture; None is found when the picture is known.
    overwrite : bool
        Whether files that this program did not write may be replaced.
    is_named : bool
        Whether somebody named the output, which is an order to replace it, but nothing beside it.
    report : str
        One of `REPORTS`: how much is measured.
    sharing : str or None
        One of `SHARES`, where several pictures have one palette: what counts the same in it.
    only_used : bool
        Whether exported palettes leave out entries that no pixel has.
    skip_if_larger : bool
        Whether a result with more bytes than its source is dropped.
    sort : str
        One of `SORTS`: the order of the swatch.
    in_place : bool
        Whether the result takes the place of its source, where both have one format.
    only_palette : str or None
        One of `EXPORTS`: the format of the palette, where that alone is wanted.
    has_timing : bool
        Whether the report that is written tells how long each stage took.
    resumes : bool
        Whether the files of an earlier run are kept, where nothing that they depend on has changed.
    """

    source: str
    outputs: Outputs
    format: str | None = None
    overwrite: bool = False
    report: str = "basic"
    sharing: str | None = None
    only_used: bool = False
    skip_if_larger: bool = False
    sort: str = "hue"
    in_place: bool = False
    only_palette: str | None = None
    has_timing: bool = True
    resumes: bool = False
    is_named: bool = False

    def may_replace(self, path: Path) -> bool:
        """Tell whether a file at an output's place may be replaced, whoever wrote it."""
        named = self.outputs.palettes.values() if self.only_palette else (self.outputs.picture,)
        return self.overwrite or (self.is_named and path in named)


class Outcome(NamedTuple):
    """What became of one input: one of `report`, `failure` and `skipped` is set, or none of what is only planned.

    `data` is the encoded picture where that goes to standard output. What is kept from an earlier run has its report.
    """

    job: Job
    report: Report | None = None
    data: bytes = b""
    failure: str | None = None
    skipped: str | None = None
    is_kept: bool = False

    @property
    def fell_short(self) -> bool:
        """Whether it was skipped, or missed its target: what counts as a failure under ``--strict``."""
        search = self.report["search"] if self.report else None
        return self.skipped is not None or (search is not None and not search["reached"])
