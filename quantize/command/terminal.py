"""What a person sees on standard error: summaries, notices, the palette as blocks of color."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import click

from quantize.command.paint import echo, is_live, paint_behind, say
from quantize.errors import OutputError
from quantize.show.widths import measure_width, printable, shorten, tell_shortly, wrap

if TYPE_CHECKING:  # the help is ready before numpy would be
    from quantize.records.job import Job, Outcome
    from quantize.records.report import Report
    from quantize.show.summary import Line
    from quantize.show.table import Row

_NOTICE = "magenta"
"""Of what is not as expected, yet no failure: yellow cannot be read on white, nor blue on black."""
_LABEL = 16
"""Characters of a picture's name beside a progress bar: leaves room for the bar on 40 columns."""
_STAGE = len("  measure 1000/1000")
_STEPS = 100
"""Steps of the bar for each stage."""
_BLINK = 0.05
"""Seconds between two drawings of a bar: a line for each of 10,000 frames would take longer than the frames."""
_PATIENCE = 2.0
"""Seconds that one picture may take before a progress bar appears."""


def write_out(data: bytes) -> None:
    """Write data to standard output: all of it, or say why not.

    Raises
    ------
    BrokenPipeError
        The reader went away.
    OutputError
        Standard output cannot be written.
    """
    rest = memoryview(data)
    try:
        while rest:  # without a buffer, as under PYTHONUNBUFFERED, a write may take a part only
            rest = rest[sys.stdout.buffer.write(rest) or 0 :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError, AttributeError) as error:
        reason = "it is closed" if sys.stdout is None else getattr(error, "strerror", None) or error
        raise OutputError(f"standard output: cannot be written ({reason})") from None


def show_failure(message: str) -> None:
    say(_fit(tell_shortly(message)), color="red")


def show_notice(message: str) -> None:
    say(_fit(tell_shortly(message)), color=_NOTICE)


def show_plan(outcomes: Iterable[Outcome], of_all: Mapping[str, object]) -> None:
    """Say on standard output what each job would write, what stands in its way, and the names of what tells all."""
    lines = []
    for outcome in outcomes:
        source = printable(outcome.job.source)
        if outcome.skipped:
            lines.append(tell_shortly(f"{outcome.job.source}: would be skipped, {outcome.skipped}"))
        elif outcome.failure:
            lines.append(tell_shortly(f"{outcome.job.source}: would fail: {outcome.failure}"))
        else:
            lines.append(f"{source} -> {_targets(outcome)}")
    lines += [f"{what} of all -> {printable(str(name))}" for what, name in of_all.items() if name is not None]
    write_out("".join(f"{line}\n" for line in lines).encode(errors="replace"))


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
        room = _columns() - len("  [####]  100% ")
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
        _show_notes(outcome)
        if outcome.report is None:
            if outcome.job.only_palette and not outcome.failure:
                _show_targets(outcome)
            return
        _show_targets(outcome)
        _show_summary(outcome.report)
        if self.verbose:
            _show_details(outcome.report)

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
        self._in_common: Iterable[object] = ()
        self._n_jobs = n_jobs
        room = _columns() - len(f"  [####]  {n_jobs}/{n_jobs} ")
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

    def show(self, outcome: Outcome) -> None:
        _clear_line()
        _show_notes(outcome)
        if outcome.report and self.verbose:
            _show_targets(outcome)
            _show_details(outcome.report)
        self._rows.append(_row(outcome))
        if outcome.report and outcome.job.outputs.shared:
            self._shared.append(outcome.report)
            self._in_common = outcome.job.outputs.shared.values()
        if is_live():
            self._bar.update(1, outcome.job.source)

    def _show_table(self) -> None:
        from quantize.show.table import format_table
        from quantize.show.totals import describe_totals

        if self._shared:
            from quantize.show.summary import summarize_shared

            _show_spans(summarize_shared(self._shared, max(40, _columns())))
            say(wrap(f"all -> {', '.join(printable(str(path)) for path in self._in_common)}", _columns()), bold=True)
        head, *lines = format_table(self._rows, _columns())
        say(head, bold=True)
        for row, line in zip(self._rows, lines, strict=True):
            say(line, color=None if row.after else "red" if row.remark.startswith("failed") else _NOTICE)
        for line in describe_totals(self._rows):
            say(wrap(line, _columns()), bold=True)

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


def _show_notes(outcome: Outcome) -> None:
    if outcome.failure:
        show_failure(outcome.failure)
    elif outcome.skipped:
        show_notice(f"{outcome.job.source}: skipped, {outcome.skipped}")
    for notice in outcome.report["notices"] if outcome.report else ():
        show_notice(f"{outcome.job.source}: {notice}")


def _show_targets(outcome: Outcome) -> None:
    source = "standard input" if outcome.job.source == "-" else printable(outcome.job.source)
    say(_fit(f"{source} -> {_targets(outcome)}"), bold=True)


def _fit(line: str) -> str:
    """Break a line where a terminal is narrow; in a file a line stays one."""
    return wrap(line, _columns()) if sys.stderr.isatty() else line


def _targets(outcome: Outcome) -> str:
    return ", ".join(printable(str(path)) for path in outcome.job.outputs.paths) or "standard output"


def _show_summary(report: Report) -> None:
    from quantize.show.summary import summarize_report

    _show_spans(summarize_report(report, max(40, _columns()), "\N{FULL BLOCK}" if _can_draw() else "#"))


def _show_spans(lines: Iterable[Line]) -> None:
    for line in lines:
        echo("".join(paint_behind(span.text, span.color) if span.color else span.text for span in line))


def _columns() -> int:
    import shutil  # loads what packs and unpacks archives

    return max(20, shutil.get_terminal_size().columns)


def _can_draw() -> bool:
    try:
        "\N{FULL BLOCK}".encode(sys.stderr.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _show_details(report: Report) -> None:
    from quantize.show.details import describe_details

    for line in describe_details(report):
        say(wrap(f"  {line}", _columns()))
