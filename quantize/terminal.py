"""What a person sees on standard error: summaries, notices, the palette as blocks of color; and the help."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import click

if TYPE_CHECKING:  # the help is ready before numpy would be
    from quantize.batch import Outcome
    from quantize.files.naming import Job
    from quantize.records import PaletteEntry, Report
    from quantize.show.table import Row

_MAX_PALETTE_ROWS = 4
_STAGES = 7
"""Stages of one conversion: load, count, find, apply, encode, swatch, measure."""
_PATIENCE = 2.0
"""Seconds that one picture may take before a progress bar appears."""


def say(text: str = "", *, bold: bool = False, color: tuple[int, int, int] | str | None = None) -> None:
    """Write a line to standard error, in color only on a terminal and never under NO_COLOR."""
    click.echo(click.style(text, fg=color, bold=bold or None), err=True, color=_in_color())


def printable(text: str) -> str:
    """Spell out what a terminal would obey: line breaks, escape codes, bytes that are no text."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def show_failure(message: str) -> None:
    say(printable(message), color="red")


def show_plan(outcomes: Iterable[Outcome]) -> None:
    """Say what each job would write, and what stands in its way."""
    for outcome in outcomes:
        source = printable(outcome.job.source)
        if outcome.skipped:
            say(f"{source}: would be skipped, {printable(outcome.skipped)}", color="yellow")
        elif outcome.failure:
            say(f"{source}: would fail: {printable(outcome.failure)}", color="red")
        else:
            say(f"{source} -> {_targets(outcome)}")


def watch(jobs: Sequence[Job], *, quiet: bool, verbose: bool) -> View:
    """Choose how to follow some jobs: a context manager that is shown each stage and each outcome."""
    if quiet:
        return View()
    return SingleView(jobs[0].source, verbose) if len(jobs) == 1 else BatchView(len(jobs), verbose)


class View:
    """Shows failures and nothing else."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def begin_stage(self, stage: str) -> None:
        """Hear that a picture has come to a stage."""

    def show(self, outcome: Outcome) -> None:
        """Show what became of a picture."""
        if outcome.failure:
            show_failure(outcome.failure)


class SingleView(View):
    """Shows one picture's summary, and a progress bar once it has taken two seconds."""

    def __init__(self, source: str, verbose: bool) -> None:
        self.verbose = verbose
        self._stage = ""
        self._bar: Any = click.progressbar(
            length=_STAGES, label=_label(source), file=sys.stderr, item_show_func=lambda _: self._stage
        )
        self._timer = threading.Timer(_PATIENCE, self._bar.render_progress)

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._end_bar()

    def begin_stage(self, stage: str) -> None:
        self._stage = stage
        if self._timer.finished.is_set():
            self._bar.update(1, stage)
        else:
            self._bar.pos += 1

    def show(self, outcome: Outcome) -> None:
        self._end_bar()
        from quantize.show.table import describe

        _show_notes(outcome)
        if outcome.report is None:
            return
        say(f"{printable(outcome.job.source)} -> {_targets(outcome)}", bold=True)
        _show_palette(outcome.report["palette"])
        say("  " + ", ".join(describe(outcome.report)))
        if self.verbose:
            _show_details(outcome.report)

    def _end_bar(self) -> None:
        self._timer.cancel()
        if sys.stderr.isatty() and self._bar.pos < _STAGES:
            self._bar.render_finish()


class BatchView(View):
    """Shows a progress bar over the pictures of a batch, what went wrong as it happens, and a table at the end."""

    def __init__(self, n_jobs: int, verbose: bool) -> None:
        self.verbose = verbose
        self._rows: list[Row] = []
        self._n_jobs = n_jobs
        self._bar = click.progressbar(length=n_jobs, file=sys.stderr, show_pos=True, item_show_func=_label)

    def __enter__(self) -> Self:
        self._draw_bar()
        return self

    def __exit__(self, *exception: object) -> None:
        self._clear_bar()
        kind = exception[0]
        if kind is KeyboardInterrupt:
            say(f"interrupted: {len(self._rows)} of {self._n_jobs} pictures are done")
        elif kind is None:
            self._show_table()

    def show(self, outcome: Outcome) -> None:
        self._clear_bar()
        _show_notes(outcome)
        if outcome.report and self.verbose:
            say(f"{printable(outcome.job.source)} -> {_targets(outcome)}", bold=True)
            _show_details(outcome.report)
        self._rows.append(_row(outcome))
        if sys.stderr.isatty():
            self._bar.update(1, outcome.job.source)

    def _show_table(self) -> None:
        from quantize.show.table import format_table

        head, *lines, totals = format_table(self._rows, shutil.get_terminal_size().columns)
        say(head, bold=True)
        for row, line in zip(self._rows, lines, strict=True):
            say(line, color=None if row.after else "red" if row.remark.startswith("failed") else "yellow")
        say(totals, bold=True)

    def _draw_bar(self) -> None:
        if sys.stderr.isatty():
            self._bar.render_progress()

    def _clear_bar(self) -> None:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)


def _row(outcome: Outcome) -> Row:
    from quantize.show.table import summarize

    source = outcome.job.source
    remark = (
        f"failed: {outcome.failure.removeprefix(f'{source}: ')}" if outcome.failure else f"skipped: {outcome.skipped}"
    )
    return summarize(printable(source), outcome.report, printable(remark))


def _label(source: str | None) -> str | None:
    from quantize.show.table import shorten

    return source and shorten(printable(source), 24)


def _show_notes(outcome: Outcome) -> None:
    source = printable(outcome.job.source)
    if outcome.failure:
        show_failure(outcome.failure)
    elif outcome.skipped:
        say(f"{source}: skipped, {printable(outcome.skipped)}", color="yellow")
    for notice in outcome.report["notices"] if outcome.report else ():
        say(f"{source}: {printable(notice)}", color="yellow")


def _targets(outcome: Outcome) -> str:
    return ", ".join(printable(str(path)) for path in outcome.job.outputs.paths) or "standard output"


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
