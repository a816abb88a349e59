"""The command: its options, and the run of a command line from flags to an exit code. numpy loads only for work."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

import click
from click.core import ParameterSource

from quantize.command.headings import HeadedCommand, option_under
from quantize.command.peers import check_words
from quantize.command.values import FileName, FiniteRange, NumberOrAuto, PaletteName
from quantize.errors import ExitCode, OutputError, QuantizeError
from quantize.parallel.signals import end_on_signals
from quantize.records.palette import MAX_COLORS, MAX_INDEXED
from quantize.records.settings import (
    DITHERS,
    EFFORTS,
    EXPORTS,
    FORMATS,
    MAX_PIXELS,
    PALETTE_ENDINGS,
    REPORTS,
    SHARES,
    SORTS,
    SPACES,
)
from quantize.version import __version__

_EXAMPLES = """
quantize photo.jpg -k 16
quantize *.jpg -k 64 -d small
quantize photo.jpg -k 8 -o - > photo.png
"""

COMPLETION = "_QUANTIZE_COMPLETE"
"""The variable by which a shell asks for the words that may follow: click's name for it."""


def _show_presets(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from quantize.command.preset_list import show_presets

        show_presets()
        ctx.exit()


palette_option, remap_option, output_option, run_option, engine_option = map(
    option_under, ("Palette", "Remap", "Output", "Run", "Engine")
)


@click.command(
    cls=HeadedCommand,
    epilog=_EXAMPLES,
    context_settings={"show_default": True, "max_content_width": 100},
)
@click.argument("images", nargs=-1, type=FileName())
@palette_option(
    "-k",
    "--colors",
    type=NumberOrAuto(1, MAX_COLORS),
    metavar="N|auto",
    help="Colors in the palette, 1 to 4096; above 256 the result is true color. auto is --target delta-e=2: the error "
    "falls as a power of the number, and has no elbow to stop at. [default: 16]",
)
@palette_option(
    "-p",
    "--palette",
    type=PaletteName(),
    metavar="FILE|LIST",
    help="This palette instead of finding one: a file of any kind, a preset's name, or a list like "
    "'#1a2b3c,#fff,tomato'; with -k the best N of it. - is the palette that an indexed picture came with.",
)
@palette_option(
    "--palettes",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_presets,
    help="List the presets, and exit.",
)
@palette_option(
    "--keep",
    multiple=True,
    metavar="COLOR",
    help="This exact color is in the palette, and the others are found knowing it; may be repeated.",
)
@palette_option(
    "--accents",
    type=FiniteRange(0, 1),
    default=0.0,
    metavar="S",
    help="How much a small color weighs that is far from all entries: nothing at 0, as a"
    " difference of 5 in all pixels at 1.",
)
@palette_option("--shared", is_flag=True, help="Find one palette for all pictures.")
@palette_option(
    "--shared-weight",
    type=click.Choice(SHARES),
    help="Whether each picture or each pixel counts the same for it. [default: equal]",
)
@palette_option(
    "--target",
    metavar="WHAT=VALUE",
    help="The fewest colors, 2 to 256, that reach psnr=34, ssim=0.95 or delta-e=2 (mean CIEDE2000); or the most that "
    "fit size=40KB.",
)
@palette_option(
    "--transparent-index",
    type=click.IntRange(0, MAX_INDEXED - 1),
    metavar="N",
    help="The row of the transparent entry, such as 0 for sprites; it counts among the colors.",
)
@palette_option(
    "--space",
    type=click.Choice(SPACES),
    default="rgb",
    help="Color space to cluster and compare in: rgb for the least squared error and PSNR, oklab for the least color "
    "difference to the eye, lab to agree with tools that use CIELAB, linear for light that will be mixed or scaled.",
)
@palette_option(
    "--effort",
    type=click.Choice(EFFORTS),
    default="balanced",
    help="How long to look for the palette: fast half as long as balanced, best five times.",
)
@palette_option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, metavar="N", help="Seed of the search.")
@remap_option(
    "--dither",
    type=click.Choice(DITHERS),
    default="none",
    help="Mix the colors that a palette lacks of dots. floyd-steinberg is truest for photographs, sierra-lite nearly "
    "so; atkinson has fewer dots and more contrast, for few colors and e-paper. bayer is a regular pattern, blue-noise "
    "an even grain; for animations take one of these two, because the others flicker where nothing moves. Dots mix in "
    "sRGB, as on a screen; with --space linear as light, as on e-paper, LEDs and other displays with real dots.",
)
@remap_option(
    "--dither-strength",
    type=FiniteRange(0, 1),
    metavar="S",
    help="0 is no dither; at 1 edges and texture get as much as smooth areas. [default: 0.95 where the palette was "
    "found for the picture, up to 1 where it is far from it]",
)
@remap_option(
    "--despeckle",
    type=click.IntRange(min=1),
    metavar="N",
    help="Patches of one color that have fewer than N pixels join the neighbor that costs least: for thread, vinyl and "
    "screen printing, and for smaller files.",
)
@remap_option("--background", metavar="COLOR", help="Color to lay transparency on, as '#fff', instead of keeping it.")
@output_option(
    "-o",
    "--output",
    type=FileName(),
    metavar="FILE|-",
    help="Name of one picture's result, or - for standard output.",
)
@output_option(
    "-d",
    "--output-dir",
    type=FileName("dir"),
    metavar="DIR",
    help="Folder for everything written; made if missing. [default: beside each picture]",
)
@output_option(
    "--name", default="{stem}-k{k}", metavar="TEMPLATE", help="Name of the results, of {stem}, {k}, {ext}, {parent}."
)
@output_option(
    "--format",
    type=click.Choice([*FORMATS, *PALETTE_ENDINGS]),
    help="Format of the picture, or with -o - of the palette alone. [default: what -o ends in, an animation's own, "
    "else png]",
)
@output_option("-f", "--force", is_flag=True, help="Overwrite files that this program did not write.")
@output_option("-n", "--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@output_option(
    "--in-place",
    is_flag=True,
    help="Replace each picture by its result, where that is smaller and of the same format; write nothing beside it.",
)
@output_option("--skip-if-larger", is_flag=True, help="Write nothing for a picture that would get more bytes.")
@output_option(
    "--bits",
    type=click.Choice((1, 2, 4, 8)),
    help="Bits per pixel of a PNG, even where fewer would do. [default: as few as hold the palette]",
)
@output_option("--optimize", is_flag=True, help="Take more time for the smallest file.")
@output_option("--keep-metadata", is_flag=True, help="Keep texts, EXIF, resolution and modification time.")
@output_option(
    "--max-pixels",
    type=click.IntRange(1),
    default=MAX_PIXELS,
    metavar="N",
    help="Refuse larger pictures; all frames count.",
)
@output_option("--swatch/--no-swatch", default=True, help="Write the palette as a picture, too.")
@output_option(
    "--sort", type=click.Choice(SORTS), default="hue", help="Order of the swatch; hue puts what looks alike together."
)
@output_option(
    "--report",
    type=click.Choice(REPORTS),
    default="basic",
    help="How much to measure and write down; full adds SSIM and the worst regions.",
)
@output_option(
    "--export",
    type=click.Choice(EXPORTS),
    multiple=True,
    help="Write the palette in this format, too; may be repeated.",
)
@output_option("--used", is_flag=True, help="Leave what no pixel has out of exported palettes.")
@output_option(
    "--plot", is_flag=True, help="Draw what happened, too: the colors before and after, and where it went wrong."
)
@output_option("--page", is_flag=True, help="Write a web page, too: before and after, and how the palette was found.")
@run_option("-j", "--jobs", type=click.IntRange(1), metavar="N", help="Pictures at a time. [default: all processors]")
@run_option(
    "--scheduler",
    metavar="ADDRESS",
    help="Convert on the Dask cluster of this scheduler, as tcp://host:8786, which sees the same files.",
)
@run_option(
    "--from-file",
    type=FileName(),
    metavar="FILE|-",
    help="More names of pictures, one a line or parted by NUL; - is standard input.",
)
@run_option("--resume", is_flag=True, help="Convert only what is missing or changed since an earlier run.")
@run_option("--strict", is_flag=True, help="Count a skipped picture or a missed target as a failure.")
@run_option(
    "--timing/--no-timing", default=True, help="Tell times in reports; without, the same command writes the same bytes."
)
@run_option("--json", "as_json", is_flag=True, help="Print the reports on standard output, one per line.")
@run_option("--csv", type=FileName(), metavar="FILE", help="Write the figures of all pictures as a table, too.")
@run_option("-q", "--quiet", is_flag=True, help="Say nothing but what went wrong.")
@run_option("-v", "--verbose", is_flag=True, help="Say how it was done and how long each stage took.")
@engine_option(
    "--batch-size", type=click.IntRange(1), metavar="N", help="Points in a mini-batch. [default: by --effort]"
)
@engine_option("--max-iter", type=click.IntRange(0), metavar="N", help="Passes over the colors. [default: by --effort]")
@engine_option(
    "--n-init", type=click.IntRange(1), metavar="N", help="Starts, of which the best is kept. [default: by --effort]"
)
@engine_option(
    "--tol",
    type=FiniteRange(0),
    metavar="X",
    help="Movement below which a search has ended. [default: by --effort]",
)
@click.help_option("-h", "--help")
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def command(images: tuple[str, ...], **values: Any) -> int:
    """Reduce pictures to a few well-chosen colors.

    Each of IMAGES (or - for standard input) is written as an indexed PNG, an animation in its own format, with a
    swatch of its palette and a report of what was gained and lost: photo.jpg with -k 16 gives photo-k16.png,
    photo-k16-swatch.png and photo-k16-report.json.
    """
    # What the help does without: it is shown in two thirds of the time.
    from quantize.command.options import Options
    from quantize.command.running import quantize_files

    context = click.get_current_context()
    if not images and values["from_file"] is None:
        raise click.MissingParameter(ctx=context, param=context.command.params[0])
    given = {name for name in values if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    try:
        return quantize_files(Options(images=images, given=frozenset(given), **values))
    except BrokenPipeError:
        # What is left in the buffer would raise again when Python closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PIPE_CLOSED


def run() -> int:
    """Run the command line, and return its exit code."""
    end_on_signals()
    if COMPLETION in os.environ:
        from quantize.command.completion import teach_shells

        teach_shells()
    try:
        check_words(sys.argv[1:])
        return int(command.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        from quantize.show.widths import tell_shortly

        error.message = tell_shortly(error.message)  # type: ignore[misc]  # final, and shown as it is
        with suppress(OSError):  # there is nowhere to say so
            error.show()
        return error.exit_code
    except SystemExit as end:  # click's own answer to a pipe that was closed while it wrote the help
        if end.code != 1:
            raise
        return ExitCode.PIPE_CLOSED
    except OSError as error:
        return _fail(f"{error.filename or 'standard output'}: {error.strerror}", ExitCode.SOME_FAILED)
    except OutputError as error:
        return _fail(str(error), ExitCode.SOME_FAILED)
    except QuantizeError as error:
        return _fail(str(error), ExitCode.WRONG_COMMAND)
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED


def _fail(sentence: str, code: ExitCode) -> ExitCode:
    from quantize.command.terminal import show_failure

    show_failure(f"quantize: {sentence}")
    return code
