"""What a person sees on standard error: summaries, notices, the palette as blocks of color."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from quantize.command.paint import echo, paint_behind, say
from quantize.errors import OutputError
from quantize.show.widths import printable, tell_shortly, wrap

if TYPE_CHECKING:  # the help is ready before numpy would be
    from quantize.records.job import Outcome
    from quantize.records.report import Report
    from quantize.show.summary import Line

NOTICE = "magenta"
"""Of what is not as expected, yet no failure: yellow cannot be read on white, nor blue on black."""


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
    except OSError as error:
        raise OutputError(f"standard output: cannot be written ({error.strerror or error})") from None


def show_failure(message: str) -> None:
    say(_fit(tell_shortly(message)), color="red")


def show_notice(message: str) -> None:
    say(_fit(tell_shortly(message)), color=NOTICE)


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
            lines.append(f"{source} -> {name_targets(outcome)}")
    lines += [f"{what} of all -> {printable(str(name))}" for what, name in of_all.items() if name is not None]
    write_out("".join(f"{line}\n" for line in lines).encode(errors="replace"))


def show_notes(outcome: Outcome) -> None:
    """Say what went wrong with a picture, and what its report has to say."""
    if outcome.failure:
        show_failure(outcome.failure)
    elif outcome.skipped:
        show_notice(f"{outcome.job.source}: skipped, {outcome.skipped}")
    for notice in outcome.report["notices"] if outcome.report else ():
        show_notice(f"{outcome.job.source}: {notice}")


def show_targets(outcome: Outcome) -> None:
    """Say what became of which picture."""
    source = "standard input" if outcome.job.source == "-" else printable(outcome.job.source)
    say(_fit(f"{source} -> {name_targets(outcome)}"), bold=True)


def _fit(line: str) -> str:
    """Break a line where a terminal is narrow; in a file a line stays one."""
    return wrap(line, count_columns()) if sys.stderr.isatty() else line


def name_targets(outcome: Outcome) -> str:
    """Name the files that were made of a picture."""
    return ", ".join(printable(str(path)) for path in outcome.job.outputs.paths) or "standard output"


def show_summary(report: Report) -> None:
    """Show a picture's palette, its bytes, and what was lost."""
    from quantize.show.summary import summarize_report

    show_spans(summarize_report(report, max(40, count_columns()), "\N{FULL BLOCK}" if _can_draw() else "#"))


def show_spans(lines: Iterable[Line]) -> None:
    """Paint lines that have colors behind their texts."""
    for line in lines:
        echo("".join(paint_behind(span.text, span.color) if span.color else span.text for span in line))


def count_columns() -> int:
    """Count the columns of the terminal, which may be no fewer than 20."""
    import shutil  # loads what packs and unpacks archives

    return max(20, shutil.get_terminal_size().columns)


def _can_draw() -> bool:
    try:
        "\N{FULL BLOCK}".encode(sys.stderr.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def show_details(report: Report) -> None:
    """Say how it was done."""
    from quantize.show.details import describe_details

    for line in describe_details(report):
        say(wrap(f"  {line}", count_columns()))
