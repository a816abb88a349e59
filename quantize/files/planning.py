"""Inputs to planned outputs, from names alone: collisions are found before any work starts."""

from __future__ import annotations

import os
import re
import string
from collections.abc import Sequence
from pathlib import Path

from quantize.errors import UsageError
from quantize.files.formats import format_of_name, guess_format
from quantize.records.job import STDIO, Job, Outputs

FIELDS = ("stem", "k", "ext", "parent")

_K_OF_A_NUMBER = re.compile(r"(?<![A-Za-z])k\{k\}")


def plan_jobs(
    inputs: Sequence[str],
    *,
    k: str,
    output: str | None = None,
    output_dir: str | None = None,
    name: str = "{stem}-k{k}",
    format: str | None = None,
    swatch: bool = True,
    report: bool = True,
    plot: bool = False,
    exports: Sequence[str] = (),
    force: bool = False,
) -> list[Job]:
    """Plan the outputs of every input.

    Parameters
    ----------
    inputs : sequence of str
        Paths, or "-" for standard input. One that is named twice counts once.
    k : str
        What stands for ``{k}`` in the template: the number of colors; or a word, which also takes the place of
        a ``k`` before it.
    output : str, optional
        The one picture's own name, or "-".
    output_dir : str, optional
        Where everything goes; by default beside each input.
    name : str
        Template of a picture's stem, of the fields in `FIELDS`.
    format : str, optional
        Of all results. By default what `output` ends in, an animation's own, or png.
    swatch, report, plot : bool
        Whether these are written too.
    exports : sequence of str
        Formats in which the palette is written too, which are their endings.
    force : bool
        Whether files that this program did not write may be replaced. `output` is an order to replace.

    Returns
    -------
    list of Job
        In the order of the inputs.

    Raises
    ------
    UsageError
        Two inputs would land on one name, an output would replace its own input, `output` stands with several
        inputs, or the template has an unknown field.
    """
    inputs = list(dict.fromkeys(inputs))
    if output is not None and len(inputs) > 1:
        raise UsageError(f"-o names one picture, but {len(inputs)} are given; use -d DIR and --name for several")

    def follow(picture: Path) -> Outputs:
        stem = picture.with_suffix("")
        return Outputs(
            picture,
            Path(f"{stem}-swatch.png") if swatch else None,
            Path(f"{stem}-report.json") if report else None,
            Path(f"{stem}-plot.png") if plot else None,
            {name: Path(f"{stem}-palette.{name}") for name in exports},
        )

    def plan(source: str) -> Job:
        if output == STDIO or (output is None and source == STDIO and output_dir is None):
            return Job(source, Outputs(None), format=format)
        if output is not None:
            kind = format_of_name(output, format) or guess_format(source)
            return Job(source, follow(Path(output_dir or "", output)), True, kind)
        path = Path("stdin") if source == STDIO else Path(source)
        folder = path.parent if output_dir is None else Path(output_dir)
        kind = format or ("png" if source == STDIO else guess_format(source))
        return Job(source, follow(folder / f"{_fill(name, path, k)}.{kind}"), force, kind)

    jobs = [plan(source) for source in inputs]
    _refuse_collisions(jobs)
    return jobs


def _fill(template: str, path: Path, k: str) -> str:
    fields = {field for _, field, _, _ in _parse(template) if field is not None}
    if unknown := sorted(fields.difference(FIELDS)):
        raise UsageError(
            f"--name {template!r}: no field {{{unknown[0]}}}; there are {{stem}}, {{k}}, {{ext}} and {{parent}}"
        )
    if not k.isdecimal():
        template = _K_OF_A_NUMBER.sub("{k}", template)
    filled = template.format(stem=path.stem, k=k, ext=path.suffix.lstrip("."), parent=path.absolute().parent.name)
    if not filled or filled in (".", ".."):
        raise UsageError(f"--name {template!r}: gives {filled!r} for {path}, which is no file name")
    return filled


def _parse(template: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(string.Formatter().parse(template))
    except ValueError as error:
        raise UsageError(f"--name {template!r}: {error}") from None


def _refuse_collisions(jobs: Sequence[Job]) -> None:
    owners: dict[str, Job] = {}
    for job in jobs:
        for path in job.outputs.paths:
            place = os.path.abspath(path)
            if job.source != STDIO and place == os.path.abspath(job.source):
                raise UsageError(f"{job.source}: its result would replace it; name another with -o, -d or --name")
            other = owners.setdefault(place, job)
            if other is not job:
                raise UsageError(
                    f"{other.source} and {job.source} would both be written to {path}; "
                    f"part them with --name {_parting(other, job)!r}"
                )


def _parting(one: Job, other: Job) -> str:
    return "{stem}-{ext}-k{k}" if Path(one.source).suffix != Path(other.source).suffix else "{parent}-{stem}-k{k}"
