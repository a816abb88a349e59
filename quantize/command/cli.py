"""Flags to `Settings`, and what became of the pictures to an exit code. numpy loads only when there is work."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from quantize.command.terminal import GroupedCommand, show_failure, show_plan, watch
from quantize.errors import QuantizeError, UsageError
from quantize.records.palette import MAX_COLORS
from quantize.records.settings import (
    DITHERS,
    EFFORTS,
    EXPORTS,
    FORMATS,
    MAX_PIXELS,
    REPORTS,
    SHARES,
    SPACES,
)
from quantize.version import __version__

if TYPE_CHECKING:
    from quantize.records.job import Job
    from quantize.show.spreadsheet import Spreadsheet

_GROUPS = {
    "Palette": ("colors", "palette", "keep", "shared", "shared_weight", "target", "space", "effort", "seed"),
    "Remap": ("dither", "dither_strength", "background"),
    "Output": (
        *("output", "output_dir", "name", "format", "force", "dry_run", "skip_if_larger", "optimize", "keep_metadata"),
        *("max_pixels", "swatch", "report", "export", "plot"),
    ),
    "Run": ("jobs", "strict", "as_json", "csv", "quiet", "verbose", "version", "help"),
    "Engine": ("batch_size", "max_iter", "n_init", "tol"),
}

_EXAMPLES = """
quantize photo.jpg -k 16
quantize *.jpg -k 64 -d small
quantize photo.jpg -k 8 -o - > photo.png
"""


class NumberOrAuto(click.IntRange):
    """A number within a range, or the word auto."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Leave the word as it is."""
        return value if value == "auto" else super().convert(value, param, ctx)


@click.command(
    cls=GroupedCommand,
    groups=_GROUPS,
    epilog=_EXAMPLES,
    context_settings={"show_default": True, "max_content_width": 100},
)
@click.argument("images", nargs=-1, required=True)
@click.option(
    "-k",
    "--colors",
    type=NumberOrAuto(1, MAX_COLORS),
    metavar="N|auto",
    help="Colors in the palette, 1 to 4096; above 256 the result is true color. auto is --target delta-e=2: the error "
    "falls as a power of the number, and has no elbow to stop at. [default: 16]",
)
@click.option(
    "-p",
    "--palette",
    metavar="FILE|LIST",
    help="This palette instead of finding one: a GPL, HEX, JASC-PAL, ACT, ASE, CSS or JSON file, a report, a picture "
    "with few colors, or a list like '#1a2b3c,#fff,tomato'.",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="COLOR",
    help="This exact color is in the palette, and the others are found knowing it; may be repeated.",
)
@click.option("--shared", is_flag=True, help="Find one palette for all pictures.")
@click.option(
    "--shared-weight",
    type=click.Choice(SHARES),
    help="Whether each picture or each pixel counts the same for it. [default: equal]",
)
@click.option(
    "--target",
    metavar="WHAT=VALUE",
    help="The fewest colors, 2 to 256, that reach psnr=34, ssim=0.95 or delta-e=2 (mean CIEDE2000); or the most that "
    "fit size=40KB.",
)
@click.option(
    "--space",
    type=click.Choice(SPACES),
    default="rgb",
    help="Color space to cluster and compare in: rgb for the least squared error and PSNR, oklab for the least color "
    "difference to the eye, lab to agree with tools that use CIELAB, linear for light that will be mixed or scaled.",
)
@click.option(
    "--effort",
    type=click.Choice(EFFORTS),
    default="balanced",
    help="How long to look for the palette: fast half as long as balanced, best five times.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, metavar="N", help="Seed of the search.")
@click.option(
    "--dither",
    type=click.Choice(DITHERS),
    default="none",
    help="Mix the colors that a palette lacks of dots. floyd-steinberg is truest for photographs, sierra-lite nearly "
    "so; atkinson has fewer dots and more contrast, for few colors and e-paper. bayer is a regular pattern, blue-noise "
    "an even grain; for animations take one of these two, because the others flicker where nothing moves.",
)
@click.option(
    "--dither-strength",
    type=click.FloatRange(0, 1),
    metavar="S",
    help="0 is no dither; at 1 edges and texture get as much as smooth areas. [default: 0.95 where the palette was "
    "found for the picture, up to 1 where it is far from it]",
)
@click.option("--background", metavar="COLOR", help="Color to lay transparency on, as '#fff', instead of keeping it.")
@click.option("-o", "--output", metavar="FILE|-", help="Name of one picture's result, or - for standard output.")
@click.option(
    "-d",
    "--output-dir",
    metavar="DIR",
    help="Folder for everything written; made if missing. [default: beside each picture]",
)
@click.option(
    "--name", default="{stem}-k{k}", metavar="TEMPLATE", help="Name of the results, of {stem}, {k}, {ext}, {parent}."
)
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    help="Format of the picture. [default: what -o ends in, an animation's own, else png]",
)
@click.option("-f", "--force", is_flag=True, help="Overwrite files that this program did not write.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--skip-if-larger", is_flag=True, help="Write nothing for a picture that would get more bytes.")
@click.option("--optimize", is_flag=True, help="Take more time for the smallest file.")
@click.option("--keep-metadata", is_flag=True, help="Keep texts, EXIF, resolution and modification time.")
@click.option(
    "--max-pixels",
    type=click.IntRange(1),
    default=MAX_PIXELS,
    metavar="N",
    help="Refuse larger pictures; all frames count.",
)
@click.option("--swatch/--no-swatch", default=True, help="Write the palette as a picture, too.")
@click.option(
    "--report",
    type=click.Choice(REPORTS),
    default="basic",
    help="How much to measure and write down; full adds SSIM, CIEDE2000 and the worst regions.",
)
@click.option(
    "--export",
    type=click.Choice(EXPORTS),
    multiple=True,
    help="Write the palette in this format, too; may be repeated.",
)
@click.option(
    "--plot", is_flag=True, help="Draw what happened, too: the colors before and after, and where it went wrong."
)
@click.option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Pictures at a time. [default: all processors]")
@click.option("--strict", is_flag=True, help="Count a skipped picture or a missed target as a failure.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports on standard output, one per line.")
@click.option("--csv", metavar="FILE", help="Write the figures of all pictures as a table, too.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but what went wrong.")
@click.option("-v", "--verbose", is_flag=True, help="Say how it was done and how long each stage took.")
@click.option(
    "--batch-size", type=click.IntRange(1), metavar="N", help="Points in a mini-batch. [default: by --effort]"
)
@click.option("--max-iter", type=click.IntRange(0), metavar="N", help="Passes over the colors. [default: by --effort]")
@click.option(
    "--n-init", type=click.IntRange(1), metavar="N", help="Starts, of which the best is kept. [default: by --effort]"
)
@click.option(
    "--tol",
    type=click.FloatRange(0),
    metavar="X",
    help="Movement below which a search has ended. [default: by --effort]",
)
@click.help_option("-h", "--help")
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def command(images: tuple[str, ...], **options: Any) -> int:
    """Reduce pictures to a few well-chosen colors.

    Each of IMAGES (or - for standard input) is written as an indexed PNG, an animation in its own format, with a
    swatch of its palette and a report of what was gained and lost: photo.jpg with -k 16 gives photo-k16.png,
    photo-k16-swatch.png and photo-k16-report.json.
    """
    try:
        code = _convert(images, options)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer would raise again when Python closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


def _convert(images: tuple[str, ...], options: dict[str, Any]) -> int:
    # The products of this engine are thin: one BLAS thread is faster than several, and the engine brings its own.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from quantize.command.options import name_of_number, read_settings, refuse_too_many
    from quantize.files.planning import plan_jobs
    from quantize.pipeline.batch import check_table, foresee, make_folders, run_jobs, save_table
    from quantize.show.reporting import to_json

    gc.freeze()
    gc.enable()
    n_cores = count_cores()
    settings = read_settings(images, options, n_cores)
    jobs = plan_jobs(
        images,
        k=name_of_number(settings),
        output=options["output"],
        output_dir=options["output_dir"],
        name=options["name"],
        swatch=options["swatch"],
        report=options["report"] != "none",
        plot=options["plot"],
        exports=tuple(dict.fromkeys(options["export"])),
        format=options["format"],
        force=options["force"],
    )
    refuse_too_many(jobs, settings)
    if options["plot"]:
        _refuse_plot(jobs)
    if options["csv"]:
        check_table(options["csv"], jobs, force=options["force"])
    if options["dry_run"]:
        show_plan(foresee(jobs), options["csv"])
        return 0
    make_folders(jobs, options["output_dir"])
    n_bad = 0
    table = _start_table() if options["csv"] else None
    with watch(jobs, quiet=options["quiet"], verbose=options["verbose"]) as view:
        for outcome in run_jobs(jobs, settings, options["jobs"] or n_cores, view.hear):
            n_bad += outcome.failure is not None or (options["strict"] and outcome.fell_short)
            if outcome.data:
                sys.stdout.buffer.write(outcome.data)
            if options["as_json"] and outcome.report:
                print(to_json(outcome.report, indent=None), flush=True)
            if table:
                table.add(outcome.job.source, outcome.report, outcome.failure, outcome.skipped)
            view.show(outcome)
    if table and not save_table(options["csv"], table.encode(), show_failure):
        n_bad += 1
    return 1 if n_bad else 0


def count_cores() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start_table() -> Spreadsheet:
    from quantize.show.spreadsheet import Spreadsheet

    return Spreadsheet()


def _refuse_plot(jobs: Sequence[Job]) -> None:
    if find_spec("matplotlib") is None:
        raise UsageError("--plot needs matplotlib; install it with: pip install 'quantize[plot]'")
    if any(job.outputs.picture is None for job in jobs):
        raise UsageError("--plot has nowhere to go beside standard output; give the picture a name with -o or -d")


def run() -> int:
    """Run the command line, and return its exit code."""
    _end_on_sigterm()
    try:
        return int(command.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except QuantizeError as error:
        show_failure(f"quantize: {error}")
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130


def _end_on_sigterm() -> None:
    # As an exception, so that what is unfinished is cleaned up on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
