"""What the flags ask for, as `Settings`: contradictions are refused, and what names a color or a file is read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quantize.errors import UsageError
from quantize.records.job import Job
from quantize.records.palette import MAX_INDEXED, Palette
from quantize.records.settings import SHARES, TARGETS, Settings, Target

_DEFAULT_COLORS = 16
_UNITS = {"": 1, "b": 1, "k": 1e3, "kb": 1e3, "kib": 2**10, "m": 1e6, "mb": 1e6, "mib": 2**20}
_AUTO = Target("delta-e", 2)
_ENGINE = ("batch_size", "max_iter", "n_init", "tol")

Options = Mapping[str, Any]


def read_settings(images: Sequence[str], options: Options, n_threads: int) -> Settings:
    """Turn the options of the command line into settings.

    Parameters
    ----------
    images : sequence of str
    options : mapping
        By the names of the command's parameters.
    n_threads : int

    Raises
    ------
    UsageError
        Options contradict each other, or cannot be read. The sentence names the flag to change.
    InputError
        The palette file is missing or broken.
    """
    for is_wrong, sentence in _find_contradictions(images, options):
        if is_wrong:
            raise UsageError(sentence)
    target = parse_target(options["target"]) if options["target"] else None
    if options["colors"] == "auto":
        target = target or _AUTO
    n_colors = _DEFAULT_COLORS if target or options["colors"] is None else options["colors"]
    if options["shared"] and target and target.measure in ("ssim", "size"):
        raise UsageError(f"--shared counts colors and cannot reach {target}; give --target psnr or delta-e with it")
    return Settings(
        n_colors=n_colors,
        palette=_load_palette(options["palette"]),
        keep=_parse_kept(options["keep"], MAX_INDEXED if target else n_colors),
        target=target,
        shared=(options["shared_weight"] or SHARES[0]) if options["shared"] else None,
        space=options["space"],
        effort=options["effort"],
        seed=options["seed"],
        engine={name: options[name] for name in _ENGINE if options[name] is not None},
        dither=options["dither"],
        dither_strength=options["dither_strength"],
        report=options["report"],
        optimize=options["optimize"],
        background=_parse_background(options["background"]),
        keep_metadata=options["keep_metadata"],
        max_pixels=options["max_pixels"],
        skip_if_larger=options["skip_if_larger"],
        n_threads=n_threads,
    )


def _find_contradictions(images: Sequence[str], options: Options) -> Iterator[tuple[bool, str]]:
    given = {name for name, value in options.items() if value is not None and value is not False and value != ()}
    to_stdout = options["output"] == "-" or (list(images) == ["-"] and not {"output", "output_dir"} & given)
    yield given >= {"quiet", "verbose"}, "-q and -v contradict each other; give one of them"
    yield (
        "as_json" in given and options["output"] == "-",
        "--json and -o - would both write to standard output; give the picture a name with -o FILE",
    )
    yield given >= {"palette", "colors"}, "-p says how many colors there are; leave out -k"
    yield given >= {"palette", "target"}, "-p says how many colors there are; leave out --target"
    yield given >= {"palette", "keep"}, "-p is the whole palette; write the color of --keep into it"
    yield given >= {"palette", "shared"}, "-p is one palette for all pictures already; leave out --shared"
    yield (
        "target" in given and options["colors"] not in (None, "auto"),
        "--target chooses the number of colors; leave out -k, or give -k auto",
    )
    yield (
        "dither_strength" in given and options["dither"] == "none",
        "--dither-strength says how much to dither; give --dither, too",
    )
    yield (
        "shared_weight" in given and "shared" not in given,
        "--shared-weight says how pictures share a palette; give --shared, too",
    )
    yield (
        "shared" in given and "-" in images,
        "--shared reads each picture twice, which standard input cannot; give files",
    )
    yield (
        "export" in given and to_stdout,
        "--export writes beside the picture, which goes to standard output; give -o FILE or -d DIR",
    )


def _load_palette(source: str | None) -> Palette | None:
    if source is None:
        return None
    from quantize.pipeline.given_palette import load_palette

    return load_palette(source)


def _parse_kept(colors: Sequence[str], most: int) -> tuple[tuple[int, int, int], ...]:
    if not colors:
        return ()
    from quantize.pipeline.given_palette import parse_color

    kept = dict.fromkeys(map(parse_color, colors))
    if any(alpha < 255 for *_, alpha in kept):
        raise UsageError("--keep takes opaque colors; what is transparent in a picture stays transparent anyway")
    if len(kept) > most:
        raise UsageError(f"--keep names {len(kept)} colors, but the palette has place for {most}; give a larger -k")
    return tuple((red, green, blue) for red, green, blue, _ in kept)


def _parse_background(text: str | None) -> str | None:
    if text is None:
        return None
    from quantize.pipeline.given_palette import parse_color

    *rgb, alpha = parse_color(text)
    if alpha < 255:
        raise UsageError(f"--background {text}: is not opaque itself; leave its alpha out")
    return "#" + bytes(rgb).hex()


def refuse_too_many(jobs: Sequence[Job], settings: Settings) -> None:
    """Refuse more colors than a format can hold, where that is known before any picture is read.

    Raises
    ------
    UsageError
        A GIF, or a palette in a format like ACT, is asked for with more than 256 colors.
    """
    n_colors = settings.n_colors if settings.palette is None else len(settings.palette)
    if n_colors > MAX_INDEXED and any(job.format == "gif" for job in jobs):
        raise UsageError(f"GIF holds at most 256 colors, not {n_colors}; use -k 256, or --format png or webp")
    if n_colors > MAX_INDEXED and any("act" in job.outputs.palettes for job in jobs):
        raise UsageError(f"--export act holds at most 256 colors, not {n_colors}; use -k 256, or another format")


def name_of_number(settings: Settings) -> str:
    """Tell what stands for ``{k}`` in a name, which is known before any picture is read."""
    if settings.palette is not None:
        return settings.palette.title
    return "auto" if settings.target else str(settings.n_colors)


def parse_target(text: str) -> Target:
    """Read a measure and its value, parted by an equals sign; bytes with or without a unit.

    Raises
    ------
    UsageError
        There is no such measure, or its value is no number or out of range.
    """
    measure, _, value = text.strip().lower().partition("=")
    number = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([a-z]*)", value.strip())
    unit = _UNITS.get(number[2]) if number and (measure == "size" or not number[2]) else None
    if measure not in TARGETS or number is None or unit is None:
        raise UsageError(f"--target {text!r}: should be like psnr=34, ssim=0.95, delta-e=2 or size=40KB")
    amount = float(number[1]) * unit
    if not 0 < amount < (1 if measure == "ssim" else math.inf):
        raise UsageError(f"--target {text!r}: should be above 0{', and below 1' if measure == 'ssim' else ''}")
    return Target(measure, amount)
