"""What a person sees on standard error: summaries, notices, the palette as blocks of color; and the help."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # the help is ready before numpy would be
    from quantize.batch import Outcome
    from quantize.records import PaletteEntry, Report

_MAX_PALETTE_ROWS = 4


def say(text: str = "", *, bold: bool = False, color: tuple[int, int, int] | str | None = None) -> None:
    """Write a line to standard error, in color only on a terminal and never under NO_COLOR."""
    click.echo(click.style(text, fg=color, bold=bold or None), err=True, color=_in_color())


def printable(text: str) -> str:
    """Spell out what a terminal would obey: line breaks, escape codes, bytes that are no text."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def show_failure(message: str) -> None:
    say(printable(message), color="red")


def show_outcome(outcome: Outcome, *, alone: bool, verbose: bool) -> None:
    """Say in a few lines what became of a picture: with its palette if it is the only one."""
    source = printable(outcome.job.source)
    if outcome.failure:
        show_failure(outcome.failure)
    elif outcome.skipped:
        say(f"{source}: skipped, {outcome.skipped}", color="yellow")
    if outcome.report is None:
        return
    report = outcome.report
    for notice in report["notices"]:
        say(f"{source}: {notice}", color="yellow")
    targets = [printable(str(path)) for path in outcome.job.outputs.paths] or ["standard output"]
    say(f"{source} -> {targets[0]}", bold=True)
    if alone:
        _show_palette(report["palette"])
    say("  " + ", ".join(_figures(report)))
    if alone and targets[1:]:
        say(f"  also {' and '.join(targets[1:])}")
    if verbose:
        _show_details(report)


def _figures(report: Report) -> list[str]:
    n_unique, n_colors = report["input"]["unique_colors"], len(report["palette"])
    if report["error"]["psnr"] is None:
        figures = [f"unchanged: it has only {n_unique} colors"]
    else:
        figures = [f"{n_colors} of {n_unique:,} colors", f"PSNR {report['error']['psnr']:.1f} dB"]
    before, after = report["size"]["bytes_before"], report["size"]["bytes_after"]
    if before is None:
        return [*figures, format_bytes(after)]
    if after <= before:
        change = f"{before / after:.1f} times smaller"
    else:
        change = f"{after / before:.1f} times LARGER than the input"
    return [*figures, f"{format_bytes(before)} -> {format_bytes(after)} ({change})"]


def _show_palette(entries: Sequence[PaletteEntry]) -> None:
    width = 15
    per_row = max(1, (shutil.get_terminal_size().columns - 2) // width)
    shown = entries[: per_row * _MAX_PALETTE_ROWS]
    for start in range(0, len(shown), per_row):
        row = shown[start : start + per_row]
        click.echo("  " + "".join(_block(entry, width) for entry in row), err=True, color=_in_color())
    if len(shown) < len(entries):
        say(f"  and {len(entries) - len(shown)} more, all of them in the swatch and the report")


def _block(entry: PaletteEntry, width: int) -> str:
    from quantize.show.swatch import contrasting, format_share

    text = f" {entry['hex'][:7]} {format_share(entry['share']):>5}".ljust(width)
    return click.style(text, fg=contrasting(entry["rgb"]), bg=entry["rgb"])


def _show_details(report: Report) -> None:
    if engine := report["engine"]:
        say(f"  engine: {engine['passes']} passes, {engine['batches']} batches, inertia {engine['inertia']:.6g}")
    say(f"  error: MSE {report['error']['mse']:.3f}, RMSE {report['error']['rmse']:.3f}")
    say("  time: " + ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in report["timing"].items()))


def format_bytes(n_bytes: float) -> str:
    """Write a size in decimal units, as disks and pngquant's own documentation count."""
    for unit in ("bytes", "kB", "MB"):
        if n_bytes < 1000 or unit == "MB":
            break
        n_bytes /= 1000
    return f"{n_bytes:.0f} {unit}" if unit == "bytes" else f"{n_bytes:.1f} {unit}"


def _in_color() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None


class GroupedCommand(click.Command):
    """A command whose help lists its options under headings.

    Parameters
    ----------
    groups : mapping of str to sequence of str
        The names of the options under each heading.
    """

    def __init__(self, *args: object, groups: Mapping[str, Sequence[str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.groups = groups

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, each under its heading."""
        options = {param.name: param for param in self.get_params(ctx) if isinstance(param, click.Option)}
        for heading, names in self.groups.items():
            records = [options[name].get_help_record(ctx) for name in names]
            with formatter.section(heading):
                formatter.write_dl([record for record in records if record])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are, so that they can be pasted."""
        with formatter.section("Examples"):
            for line in (self.epilog or "").strip().splitlines():
                formatter.write_text(line.strip())
