"""Inputs to planned outputs, from names alone, before any picture is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from quantize.files.formats import guess_format, read_ending
from quantize.files.writing.atomic import is_special
from quantize.records.job import STDIO, Job, Outputs

FIELDS = ("stem", "ext", "parent", "format", "k", "palette", "dither", "space", "effort")
"""What a template of names may ask for: the first four are the input's and its result's, the others the settings'."""

_K_OF_A_NUMBER = re.compile(r"(?<![A-Za-z])k\{k\}")


def plan_jobs(
    inputs: Sequence[str],
    *,
    fields: Mapping[str, str],
    output: str | None = None,
    output_dir: str | None = None,
    name: str = "{stem}-k{k}",
    format: str | None = None,
    swatch: bool = True,
    report: bool = True,
    plot: bool = False,
    page: bool = False,
    exports: Sequence[str] = (),
    force: bool = False,
    in_place: bool = False,
    only_palette: str | None = None,
    shared: bool = False,
) -> list[Job]:
    """Plan the outputs of every input.

    Parameters
    ----------
    inputs : sequence of str
        Paths, or "-" for standard input. One that is named twice counts once.
    fields : mapping of str to str
        What stands for the fields of a name that settings know. A ``k`` that is a word also takes the place of a
        letter k before it.
    output : str, optional
        The one picture's own name, or "-".
    output_dir : str, optional
        Where everything goes; by default beside each input.
    name : str
        Template of a picture's stem, of the fields in `FIELDS`.
    format : str, optional
        Of all results. By default what `output` ends in, an animation's own, or png.
    swatch, report, plot, page : bool
        Whether these are written too.
    exports : sequence of str
        Formats in which the palette is written too, which are their endings.
    force : bool
        Whether files that this program did not write may be replaced. `output` is an order to replace.
    in_place : bool
        Whether each picture is replaced by its result.
    only_palette : str, optional
        The format of the palette, where that alone is written to `output`; for several inputs, once.
    shared : bool
        Whether several inputs have one palette, and so one swatch and one palette in each format.

    Returns
    -------
    list of Job
        In the order of the inputs.
    """

    def follow(picture: Path) -> Outputs:
        if is_special(picture):  # nothing is put beside a device
            return Outputs(picture)
        stem, beside = picture.stem, picture.with_name
        return Outputs(
            picture,
            beside(f"{stem}-swatch.png") if swatch else None,
            beside(f"{stem}-report.json") if report else None,
            beside(f"{stem}-plot.png") if plot else None,
            beside(f"{stem}.html") if page else None,
            {name: beside(f"{stem}-palette.{name}") for name in exports},
        )

    def plan(source: str) -> Job:
        if only_palette is not None:
            is_first = source == inputs[0] and output != STDIO
            palettes = {only_palette: Path(output_dir or "", output)} if output and is_first else {}
            named = Outputs(None, palettes=palettes)
            return Job(source, named, None, force, only_palette=only_palette, is_named=True)
        if in_place:
            ending = read_ending(source)
            own = follow(Path(source))
            return Job(source, own, ending, force, in_place=True, skip_if_larger=True, is_named=True)
        if output == STDIO or (output is None and source == STDIO and output_dir is None):
            return Job(source, Outputs(None), format)
        if output is not None:
            kind = read_ending(output) or format or guess_format(source)
            return Job(source, follow(Path(output_dir or "", output)), kind, force, is_named=True)
        path = Path("stdin") if source == STDIO else Path(source)
        folder = str(path.parent) if output_dir is None else output_dir
        kind = format or ("png" if source == STDIO else guess_format(source))
        picture = Path(folder, f"{_fill(name, path, {**fields, 'format': kind})}.{kind}")
        return Job(source, follow(picture), kind, force)

    jobs = [plan(source) for source in dict.fromkeys(inputs)]
    return _share(jobs, name, fields) if shared and len(jobs) > 1 and only_palette is None else jobs


def _share(jobs: Sequence[Job], name: str, fields: Mapping[str, str]) -> list[Job]:
    """Give jobs one swatch and one palette in each format, in the folder that all their results are in."""
    pictures = [job.outputs.picture for job in jobs if job.outputs.picture]
    folder = Path(os.path.commonpath([picture.parent for picture in pictures]))
    stem = folder / _fill(name, folder / "shared", {**fields, "format": "png"})
    shared = {ending: Path(f"{stem}-palette.{ending}") for ending in jobs[0].outputs.palettes}
    if jobs[0].outputs.swatch:
        shared["swatch"] = Path(f"{stem}-swatch.png")
    return [job._replace(outputs=job.outputs._replace(swatch=None, palettes={}, shared=shared)) for job in jobs]


def place_index(jobs: Sequence[Job]) -> Path | None:
    """Tell where the index of the pages of several jobs goes: in the folder that all of them are in."""
    pages = [job.outputs.page for job in jobs if job.outputs.page]
    if len(pages) < 2:
        return None
    return Path(os.path.commonpath([os.path.abspath(page.parent) for page in pages])) / "index.html"


def _fill(template: str, path: Path, fields: Mapping[str, str]) -> str:
    if not fields["k"].isdecimal():
        template = _K_OF_A_NUMBER.sub("{k}", template)
    own = {"stem": path.stem, "ext": path.suffix.lstrip(".")}
    if "parent" in template:
        own["parent"] = path.absolute().parent.name
    return template.format(**own, **fields)
