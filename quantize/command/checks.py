"""Every refusal of a command that was wrong: exit code 2, before anything is written.

Values that cannot be read (a color, a target) are refused where they are read. Here stands what cannot be together: of
options alone, of options and settings, of the planned jobs, and of what the disk already has. Each check yields
sentences; the first one is told.
"""

from __future__ import annotations

import string
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from quantize.command.collisions import find_collisions, find_hard_links, find_long_names
from quantize.command.options import Options
from quantize.command.overviews import find_wrong_indexes, find_wrong_tables
from quantize.errors import UsageError
from quantize.records.job import STDIO, Job
from quantize.records.palette import MAX_INDEXED
from quantize.records.settings import FORMATS, PALETTE_ENDINGS, Settings

_SEARCH = {"accents", "effort", "seed", "batch_size", "max_iter", "n_init", "tol"}
_BESIDE = {"swatch": "--swatch", "report": "--report", "plot": "--plot", "page": "--page", "export": "--export"}
_PICTURE_ALONE = {
    *("swatch", "report", "plot", "page", "export", "dither", "dither_strength", "optimize", "keep_metadata"),
    *("despeckle", "skip_if_larger", "in_place", "as_json", "csv", "timing", "sort", "bits", "resume"),
}
"""Options that say something of a picture, and nothing of its palette."""


_TEXTS = ("gpl", "hex", "pal", "css", "scss", "json")
"""Palettes that a terminal can show."""

_LONGEST_NAME = 1000
"""Characters of a template; no file system takes a name of more than 255."""


def check_options(options: Options) -> None:
    """Refuse options that contradict each other, or that would change nothing.

    Raises
    ------
    UsageError
        The sentence names the option to change.
    """
    _tell_first(_find_contradictions(options), _find_idle(options), _find_wrong_names(options))


def check_jobs(options: Options, settings: Settings, jobs: Sequence[Job]) -> None:
    """Refuse what settings and planned jobs show to be impossible.

    Raises
    ------
    UsageError
        The sentence names the option to change.
    """
    _tell_first(
        _find_excess(options, settings, jobs),
        find_long_names(jobs),
        find_collisions(jobs),
        find_hard_links(jobs),
        _find_missing_folders(options, jobs),
        find_wrong_tables(options, jobs),
        find_wrong_indexes(options, jobs),
    )


def _tell_first(*checks: Iterator[str]) -> None:
    for sentences in checks:
        for sentence in sentences:
            raise UsageError(sentence)


def _find_contradictions(options: Options) -> Iterator[str]:
    given = options.given
    if {"quiet", "verbose"} <= given:
        yield "-q and -v contradict each other; give one of them"
    if options.as_json and options.to_stdout:
        yield "--json and -o - would both write to standard output; give the picture a name with -o FILE"
    if options.to_stdout and not options.dry_run and options.only_palette not in _TEXTS and _is_terminal():
        yield "a picture would be written to the terminal; send it on with a pipe or > FILE, or name it with -o FILE"
    yield from _find_palette_contradictions(options)
    if options.scheduler is not None:
        yield from _find_cluster_contradictions(options)
    if options.resume:
        yield from _find_resume_contradictions(options)
    if options.from_file == STDIO and STDIO in options.images:
        yield "--from-file - reads names from standard input, which cannot be a picture, too; give files"
    if options.target is not None and options.colors not in (None, "auto"):
        yield "--target chooses the number of colors; leave out -k, or give -k auto"
    if options.shared and STDIO in options.images:
        yield "--shared reads each picture twice, which standard input cannot; give files"
    if options.shared and options.target and options.target.strip().lower().startswith(("ssim", "size")):
        yield f"--shared counts colors and cannot reach {options.target}; give --target psnr or delta-e with it"
    for image in options.images:
        if image.isdecimal() and len(options.images) > 1 and "colors" not in given and not Path(image).exists():
            yield f"{image}: no such file; for {image} colors, give -k {image}"
    if options.output is not None and options.only_palette is None and len(set(options.images)) > 1:
        number = len(set(options.images))
        yield f"-o names one picture, but {number} are given; use -d DIR and --name for several"
    if options.only_palette and len(set(options.images)) > 1 and not options.shared:
        yield f"-o names one palette, but {len(set(options.images))} pictures are given; give --shared, too"
    if options.format in PALETTE_ENDINGS and not options.only_palette:
        yield f"--format {options.format} is a palette alone; give -o - with it, or -o FILE.{options.format}"
    if options.only_palette and (idle := sorted(_PICTURE_ALONE & given)):
        yield f"a palette alone is written; leave out --{idle[0].replace('_', '-').replace('as-', '')}"
    if options.in_place and (others := sorted({"output", "output_dir", "name", "format"} & given)):
        yield f"--in-place keeps name and format; leave out --{others[0].replace('_', '-')}"
    if options.in_place and STDIO in options.images:
        yield "--in-place has no place to write standard input to; give files"
    if {"output", "name"} <= given:
        yield "-o is the whole name of the result; leave out --name"


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _find_cluster_contradictions(options: Options) -> Iterator[str]:
    if find_spec("distributed") is None:
        yield "--scheduler needs Dask; install it with: pip install 'quantize[dask]'"
    if "jobs" in options.given:
        yield "-j says how many pictures at a time here, and a cluster has its own workers; leave out -j"
    if STDIO in options.images:
        yield "--scheduler converts where the workers are, who cannot read standard input; give files"


def _find_resume_contradictions(options: Options) -> Iterator[str]:
    if options.report == "none":
        yield "--resume knows by its report what a picture was made of; leave out --report none"
    if STDIO in options.images or options.output == STDIO:
        yield "--resume compares files, and standard input and output are none; give files"
    if options.in_place:
        yield "--in-place leaves no source to compare with; leave out --resume"


def _find_palette_contradictions(options: Options) -> Iterator[str]:
    given = options.given
    if options.palette == STDIO:
        if other := sorted({"colors", "target", "keep", "shared"} & given):
            yield f"-p - keeps the palette that each picture came with; leave out --{other[0]}"
        if (options.dither != "none" and options.background is None) or options.despeckle is not None:
            yield "-p - keeps every pixel as it is; leave out --dither and --despeckle"
    elif options.palette is not None and not options.chooses:
        if "keep" in given:
            yield "-p is the whole palette; write the color of --keep into it, or give -k, how many of it to choose"
        if "shared" in given:
            yield "-p is one palette for all pictures already; leave out --shared, or give -k, how many of it to choose"


def _find_idle(options: Options) -> Iterator[str]:
    """What was given, and would change nothing."""
    given = options.given
    if options.dither_strength is not None and options.dither == "none":
        yield "--dither-strength says how much to dither; give --dither, too"
    if options.used and not options.export and not options.only_palette:
        yield "--used leaves entries out of written palettes; give --export, or -o with a palette's ending, too"
    if options.shared_weight is not None and not options.shared:
        yield "--shared-weight says how pictures share a palette; give --shared, too"
    if options.palette is not None and (idle := sorted(_SEARCH & given)):
        yield f"-p is the palette, and nothing is searched for; leave out --{idle[0].replace('_', '-')}"
    if "sort" in given and (options.to_stdout or not options.swatch):
        yield "--sort orders the swatch, and none will be written; leave it out"
    beside = [flag for name, flag in _BESIDE.items() if name in given and getattr(options, name) not in (False, "none")]
    if options.to_stdout and beside and not (beside == ["--report"] and options.as_json):
        yield f"{beside[0]} writes beside the picture, which goes to standard output; give -o FILE or -d DIR"
    if options.plot and find_spec("matplotlib") is None:
        yield "--plot needs matplotlib; install it with: pip install 'quantize[plot]'"


def _find_wrong_names(options: Options) -> Iterator[str]:
    from quantize.files.formats import read_ending
    from quantize.files.planning import FIELDS

    if options.output is not None and options.output != STDIO:
        promised = read_ending(options.output)
        if not Path(options.output).name:
            yield f"-o {options.output!r}: is no file name; name the result, as in -o small.png"
        if promised is not None and promised not in FORMATS and not options.only_palette:
            yield f"-o {options.output}: a result is a png, gif or webp, or a palette as css; let the name end so"
        if promised and options.format and options.format != promised:
            yield f"-o {options.output} --format {options.format}: these contradict each other; give one of them"
    template = options.name
    try:
        parts = list(string.Formatter().parse(template[:_LONGEST_NAME]))
    except ValueError as error:
        yield f"--name {template!r}: {error}"
        return
    known = ", ".join(f"{{{field}}}" for field in FIELDS)
    for _, field, specification, conversion in parts:
        if field is not None and field not in FIELDS:
            yield f"--name {template!r}: no field {{{field}}}; there are {known}"
        if specification or conversion:
            yield f"--name {template!r}: a field stands alone, as {{{field}}}, without : or !"
    if len(template) > _LONGEST_NAME:
        yield f"--name {template[:20]!r}...: is too long for a file name"
    if not template or template in (".", ".."):
        yield f"--name {template!r}: gives no file name"


def _find_excess(options: Options, settings: Settings, jobs: Sequence[Job]) -> Iterator[str]:
    n_colors = settings.n_colors if settings.palette is None else len(settings.palette)
    yield from _find_palette_excess(settings, jobs, n_colors)
    room = MAX_INDEXED if settings.target else settings.n_colors
    if len(settings.keep) > room:
        yield f"--keep names {len(settings.keep)} colors, but the palette has place for {room}; give a larger -k"
    if n_colors > MAX_INDEXED and any(job.format == "gif" for job in jobs):
        yield f"GIF holds at most 256 colors, not {n_colors}; use -k 256, or --format png or webp"
    if n_colors > MAX_INDEXED and "act" in options.export:
        yield f"--export act holds at most 256 colors, not {n_colors}; use -k 256, or another format"


def _find_palette_excess(settings: Settings, jobs: Sequence[Job], n_colors: int) -> Iterator[str]:
    row, bits = settings.transparent_index, settings.bits
    formats = {job.format for job in jobs}
    most = 256 if settings.target or settings.own_palette else n_colors
    if row is not None:
        if n_colors > MAX_INDEXED:
            yield f"--transparent-index is a row of an indexed picture, which holds 256 colors, not {n_colors}"
        if row >= most:
            yield f"--transparent-index {row}: the rows of {most} colors are 0 to {most - 1}; it counts among them"
        if settings.palette is None and not settings.target and n_colors - 1 < max(1, len(settings.keep)):
            yield f"--transparent-index takes one of the {n_colors} colors, and leaves too few; give a larger -k"
        if "webp" in formats:
            yield "WebP orders its palette itself, and has no place for --transparent-index; use --format png or gif"
    if bits is not None:
        if formats & {"gif", "webp"}:
            yield "--bits is the depth of a PNG; leave it out, or give --format png"
        if not settings.target and not settings.own_palette and n_colors > 1 << bits:
            yield f"--bits {bits} is {1 << bits} colors, not {n_colors}; give it more bits, or a smaller -k"


def _find_missing_folders(options: Options, jobs: Sequence[Job]) -> Iterator[str]:
    if options.output_dir is not None:
        place = next(place for place in (Path(options.output_dir), *Path(options.output_dir).parents) if place.exists())
        if not place.is_dir():
            yield f"{options.output_dir}: this output folder cannot be made ({place} is a file)"
    for job in jobs:
        picture = job.outputs.picture
        if options.output and options.output_dir is None and picture and not picture.parent.is_dir():
            yield f"{picture.parent}: no such folder; make it first, or name it with -d"
