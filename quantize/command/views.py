"""How a person follows the work: nothing but failures, one picture's progress, or a batch's with its table."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

import click

from quantize.command.paint import is_live, say
from quantize.command.terminal import (
    NOTICE,
    count_columns,
    name_targets,
    show_details,
    show_failure,
    show_notes,
    show_spans,
    show_summary,
    show_targets,
)
from quantize.show.widths import measure_width, printable, shorten, wrap

if TYPE_CHECKING:  # the help is ready before numpy would be
    from quantize.records.job import Job, Outcome
    from quantize.records.report import Report
    from quantize.show.table import Row

_LABEL = 16
"""Characters of a picture's name beside a progress bar: leaves room for the bar on 40 columns."""
_STAGE = len("  measure 1000/1000")
_STEPS = 100
"""Steps of the bar for each stage."""
_BLINK = 0.05
"""Seconds between two drawings of a bar: a line for each of 10,000 frames would take longer than the frames."""
_PATIENCE = 2.0
"""Seconds that one picture may take before a progress bar appears."""


def watch(jobs: Sequence[Job], stages: Sequence[str], *, quiet: bool, verbose: bool) -> View:
    """Choose how to follow some jobs: a context manager that is shown each stage and each outcome.

    The `stages` are those that one picture goes through.
    """
    if quiet:
        return View()
    return SingleView(jobs[0].source, stages, verbose) if len(jobs) == 1 else BatchView(len(jobs), verbose)


class View:
    """Shows failures and nothing else."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def hear(self, stage: str, n_done: float, n_frames: int) -> None:
        """Hear that a picture has come to a stage, and in an animation how many frames have passed it."""

    def make_way(self) -> None:
        """Leave the line to what is written to standard output."""

    def show(self, outcome: Outcome) -> None:
        """Show what became of a picture."""
        if outcome.failure:
            show_failure(outcome.failure)


class SingleView(View):
    """Shows one picture's summary, and a progress bar once it has taken two seconds."""

    def __init__(self, source: str, stages: Sequence[str], verbose: bool) -> None:
        self.verbose = verbose
        self._done: dict[str, float] = {}
        self._where = ""
        self._drawn = 0.0
        # From the right, what says least gives way on a narrow terminal.
        room = count_columns() - len("  [####]  100% ")
        label = _label(source) if room >= _LABEL else ""
        room -= measure_width(label)
        shows_stage = room >= _STAGE
        self._bar: Any = click.progressbar(
            length=len(stages) * _STEPS,
            label=label,
            file=sys.stderr,
            width=min(36, 4 + room - _STAGE * shows_stage),
            show_eta=False,
            item_show_func=lambda _: self._where if shows_stage else None,
        )
        self._is_shown = False
        self._timer = threading.Timer(_PATIENCE, self.show_bar)

    def __enter__(self) -> Self:
        if is_live():
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._end_bar()

    def hear(self, stage: str, n_done: float, n_frames: int) -> None:
        began = stage not in self._done
        # What goes through the pixels more than once tells of each time; a bar does not go back.
        self._done[stage] = max(n_done / n_frames, self._done.get(stage, 0))
        self._where = f"{stage} {int(n_done)}/{n_frames}" if n_frames > 1 else stage
        now = time.monotonic()
        if began or now - self._drawn > _BLINK:
            self._bar.pos = int(_STEPS * sum(self._done.values()))
            self._drawn = now
            if self._is_shown:
                self._bar.render_progress()

    def show(self, outcome: Outcome) -> None:
        self._end_bar()
        show_notes(outcome)
        if outcome.report is None:
            if outcome.job.only_palette and not outcome.failure:
                show_targets(outcome)
            return
        show_targets(outcome)
        show_summary(outcome.report)
        if self.verbose:
            show_details(outcome.report)

    def show_bar(self) -> None:
        """Draw the bar, and from then on whenever it moves."""
        self._is_shown = True
        self._bar.render_progress()

    def _end_bar(self) -> None:
        self._timer.cancel()
        if self._is_shown:
            self._is_shown = False
            _clear_line()


class BatchView(View):
    """Shows a progress bar over the pictures of a batch, what went wrong as it happens, and a table at the end."""

    def __init__(self, n_jobs: int, verbose: bool) -> None:
        self.verbose = verbose
        self._rows: list[Row] = []
        self._shared: list[Report] = []
        self._n_read = 0
        self._palette = "standard output"
        self._in_common: Iterable[object] = ()
        self._n_jobs = n_jobs
        room = count_columns() - len(f"  [####]  {n_jobs}/{n_jobs} ")
        shows_time = room >= len("  00:00:00")
        room -= len("  00:00:00") * shows_time
        shows_name = room >= _LABEL + 2
        self._bar: Any = click.progressbar(
            length=n_jobs,
            file=sys.stderr,
            width=max(1, min(36, 4 + room - (_LABEL + 2) * shows_name)),
            show_pos=True,
            show_eta=shows_time,
            item_show_func=lambda source: _label(source) if shows_name and source else None,
        )

    def __enter__(self) -> Self:
        self._draw_bar()
        return self

    def __exit__(self, *exception: object) -> None:
        _clear_line()
        kind = exception[0]
        if kind is KeyboardInterrupt:
            say(f"interrupted: {len(self._rows)} of {self._n_jobs} pictures are done")
        elif kind is None:
            self._show_table()

    def make_way(self) -> None:
        _clear_line()

    def show(self, outcome: Outcome) -> None:
        _clear_line()
        show_notes(outcome)
        if outcome.report and self.verbose:
            show_targets(outcome)
            show_details(outcome.report)
        if outcome.job.only_palette:
            self._n_read += outcome.failure is None
            if outcome.job.outputs.paths:
                self._palette = name_targets(outcome)
        self._rows.append(_row(outcome))
        if outcome.report and outcome.job.outputs.shared:
            self._shared.append(outcome.report)
            self._in_common = outcome.job.outputs.shared.values()
        if is_live():
            self._bar.update(1, outcome.job.source)

    def _show_table(self) -> None:
        from quantize.show.table import format_table
        from quantize.show.totals import describe_totals

        if self._n_read:
            # There is a palette and no picture: what a table would tell of failures has been told.
            line = f"{self._n_read} of {self._n_jobs} pictures -> {self._palette}"
            say(wrap(line, count_columns()), bold=True)
            return
        if self._shared:
            from quantize.show.summary import summarize_shared

            show_spans(summarize_shared(self._shared, max(40, count_columns())))
            say(
                wrap(f"all -> {', '.join(printable(str(path)) for path in self._in_common)}", count_columns()),
                bold=True,
            )
        head, *lines = format_table(self._rows, count_columns())
        say(head, bold=True)
        for row, line in zip(self._rows, lines, strict=True):
            say(line, color=None if row.after else "red" if row.remark.startswith("failed") else NOTICE)
        for line in describe_totals(self._rows):
            say(wrap(line, count_columns()), bold=True)

    def _draw_bar(self) -> None:
        if is_live():
            self._bar.render_progress()


def _clear_line() -> None:
    # click hides the cursor while it draws a bar.
    if is_live():
        click.echo("\r\x1b[K\x1b[?25h", nl=False, err=True)


def _row(outcome: Outcome) -> Row:
    from quantize.show.table import summarize

    source = outcome.job.source
    remark = (
        f"failed: {outcome.failure.removeprefix(f'{source}: ')}" if outcome.failure else f"skipped: {outcome.skipped}"
    )
    return summarize(printable(source), outcome.report, printable(remark))


def _label(source: str) -> str:
    return shorten(printable(source), _LABEL)
