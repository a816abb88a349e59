"""What was asked for, typed: `Options` stand between the flags of the command line and settings and jobs."""

from __future__ import annotations

import dataclasses
from typing import Literal, NamedTuple

from quantize.errors import UsageError
from quantize.records.job import STDIO, Job
from quantize.records.palette import Palette
from quantize.records.settings import AUTO, FORMATS, PALETTE_ENDINGS, SHARES, Settings, parse_target

_DEFAULT_COLORS = 16
_ENGINE = ("batch_size", "max_iter", "n_init", "tol")


class Options(NamedTuple):
    """The options of the command line, by the names of its parameters; what each is for stands in its help.

    An option that names a field of `Settings` goes there as it is. `given` are the names of those that a person gave.
    """

    images: tuple[str, ...]
    given: frozenset[str]
    colors: int | Literal["auto"] | None
    palette: str | None
    transparent_index: int | None
    keep: tuple[str, ...]
    accents: float
    shared: bool
    shared_weight: str | None
    target: str | None
    space: str
    effort: str
    seed: int
    dither: str
    dither_strength: float | None
    despeckle: int | None
    background: str | None
    output: str | None
    output_dir: str | None
    name: str
    format: str | None
    force: bool
    dry_run: bool
    in_place: bool
    skip_if_larger: bool
    bits: int | None
    optimize: bool
    keep_metadata: bool
    max_pixels: int
    swatch: bool
    sort: str
    report: str
    export: tuple[str, ...]
    used: bool
    plot: bool
    page: bool
    jobs: int | None
    scheduler: str | None
    from_file: str | None
    resume: bool
    strict: bool
    timing: bool
    as_json: bool
    csv: str | None
    quiet: bool
    verbose: bool
    batch_size: int | None
    max_iter: int | None
    n_init: int | None
    tol: float | None

    @property
    def only_palette(self) -> str | None:
        """The format of the palette, where that alone is asked for: by the ending of -o, or -o - with its --format."""
        if self.output is None:
            return None
        ending = self.format if self.output == STDIO else self.output.rpartition(".")[2].lower()
        return ending if ending in PALETTE_ENDINGS else None

    @property
    def chooses(self) -> bool:
        """Whether entries of a given palette are chosen, rather than all of it taken."""
        return self.palette is not None and (self.colors is not None or self.target is not None)

    @property
    def to_stdout(self) -> bool:
        """Whether the picture goes to standard output."""
        return self.output == STDIO or (self.images == (STDIO,) and self.output is None and self.output_dir is None)


def read_settings(options: Options, n_threads: int) -> Settings:
    """Make settings of options: what names a color, a palette or a target is read.

    Raises
    ------
    UsageError
        A value cannot be read.
    InputError
        The palette file is missing or broken.
    """
    fields = {field.name for field in dataclasses.fields(Settings)} & set(options._fields)
    asked = {name: value for name in fields if (value := getattr(options, name)) is not None}
    target = None if options.target is None else parse_target(options.target, "--target")
    if options.colors == "auto":
        target = target or AUTO
    palette = _load_palette(options)
    return Settings(
        **{
            **asked,
            "n_colors": options.colors if isinstance(options.colors, int) else _default_colors(options),
            "palette": None if options.chooses else palette,
            "candidates": palette if options.chooses else None,
            "own_palette": options.palette == STDIO,
            "keep": tuple(dict.fromkeys(_parse_opaque(text, "--keep") for text in options.keep)),
            "target": target,
            "format": options.format if options.format in FORMATS else None,  # else it is that of a palette alone
            "engine": {name: value for name in _ENGINE if (value := getattr(options, name)) is not None},
            "background": options.background and _to_hex(options.background),
            "n_threads": n_threads,
        }
    )


def read_jobs(options: Options, settings: Settings) -> list[Job]:
    """Plan the jobs that options ask for."""
    from quantize.files.planning import plan_jobs

    jobs = plan_jobs(
        options.images,
        fields=name_fields(settings),
        output=options.output,
        output_dir=options.output_dir,
        name=options.name,
        format=options.format,
        swatch=options.swatch and (not options.in_place or "swatch" in options.given),
        report=options.report != "none" and (not options.in_place or "report" in options.given),
        plot=options.plot,
        page=options.page,
        exports=tuple(dict.fromkeys(options.export)),
        force=options.force,
        in_place=options.in_place,
        only_palette=options.only_palette,
        shared=options.shared,
    )
    sharing = (options.shared_weight or SHARES[0]) if options.shared else None
    return [
        job._replace(
            report=options.report,
            sharing=sharing,
            only_used=options.used,
            skip_if_larger=options.skip_if_larger or job.in_place,
            sort=options.sort,
            has_timing=options.timing,
            resumes=options.resume,
        )
        for job in jobs
    ]


def name_fields(settings: Settings) -> dict[str, str]:
    """Tell what stands for the fields of a name that settings know, before any picture is read."""
    number = "auto" if settings.target else str(settings.n_colors)
    given = settings.palette or settings.candidates
    palette = "own" if settings.own_palette else None if given is None else given.title
    return {
        "k": number if palette is None else f"{palette}-{number}" if settings.candidates else palette,
        "palette": palette or "found",
        "dither": settings.dither,
        "space": settings.space,
        "effort": settings.effort,
    }


def _default_colors(options: Options) -> int:
    return _DEFAULT_COLORS if options.bits is None else min(_DEFAULT_COLORS, 1 << options.bits)


def _load_palette(options: Options) -> Palette | None:
    if options.palette is None or options.palette == STDIO:
        return None
    from quantize.pipeline.given_palette import load_palette

    return load_palette(options.palette, options.max_pixels)


def _parse_opaque(text: str, option: str) -> tuple[int, int, int]:
    from quantize.pipeline.given_palette import parse_color

    red, green, blue, alpha = parse_color(text)
    if alpha < 255:
        raise UsageError(f"{option} {text}: is not opaque itself; leave its alpha out")
    return red, green, blue


def _to_hex(background: str) -> str:
    return "#" + bytes(_parse_opaque(background, "--background")).hex()
