"""What a command does once its options are read: settings, jobs, checks, and one picture after the other."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from quantize.command.checks import check_jobs, check_options
from quantize.command.options import Options, read_jobs, read_settings
from quantize.command.overviews import refuse_foreign_table
from quantize.command.terminal import show_failure, show_notice, show_plan, write_out
from quantize.command.views import watch
from quantize.errors import ExitCode, OutputError, QuantizeError, UsageError
from quantize.parallel.heap import share_heap
from quantize.parallel.signals import signals_held
from quantize.records.job import STDIO

if TYPE_CHECKING:
    from quantize.records.job import Job
    from quantize.records.settings import Settings
    from quantize.show.spreadsheet import Spreadsheet


def quantize_files(options: Options) -> int:
    """Do what the options ask for, and return the exit code."""
    # The products of this engine are thin: one BLAS thread is faster than several, and the engine brings its own. A
    # number of the environment's would change the order of sums, and with it the last digits; so would the products of
    # another processor than this one. Before anything loads numpy.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ.pop("OPENBLAS_CORETYPE", None)
    options = add_names(options)
    check_options(options)
    try:
        Path.cwd()
    except OSError:
        raise UsageError("the working folder is gone; change into another") from None
    share_heap()
    options, n_left = leave_out_results(options)
    # Where a signal ends an import, Python may keep its lock, and a thread that imports something waits for it forever.
    with signals_held():
        if len(options.images) == 1 and options.images[0] != STDIO and not (options.dry_run or options.resume):
            from quantize.files.reading.ahead import decode_ahead

            decode_ahead(options.images[0])
        from quantize.pipeline.batch import preview_jobs

    gc.freeze()
    gc.enable()
    n_cores = count_cores()
    settings = read_settings(options, n_cores)
    jobs = read_jobs(options, settings)
    check_jobs(options, settings, jobs)
    if options.dry_run:
        show_plan(preview_jobs(jobs, settings), name_overviews(options, jobs))
        return ExitCode.DONE
    make_folder(options.output_dir)
    n_bad = convert_all(options, settings, jobs, options.jobs or n_cores) if jobs else 0
    n_bad += options.strict and n_left
    return ExitCode.SOME_FAILED if n_bad else ExitCode.DONE


def name_overviews(options: Options, jobs: Sequence[Job]) -> dict[str, object]:
    """Name the files that all pictures have in common, by what they are; None is not written."""
    from quantize.files.planning import place_index

    shared = jobs[0].outputs.shared if jobs else {}
    palettes = {name if name == "swatch" else f"{name} palette": path for name, path in shared.items()}
    return {"table": options.csv, "index": place_index(jobs), **palettes}


def add_names(options: Options) -> Options:
    """Add the names that a file has to those that the command has.

    Raises
    ------
    InputError
        The file cannot be read, or names nothing.
    """
    if options.from_file is None:
        return options
    from quantize.files.reading.name_lists import read_names

    return options._replace(images=(*options.images, *read_names(options.from_file)))


def leave_out_results(options: Options) -> tuple[Options, int]:
    """Of several inputs, leave out those that this program wrote, and say how many; --force takes them all the same."""
    if len(options.images) < 2 or options.force:
        return options, 0
    from quantize.files.marks import is_marked

    kept = tuple(image for image in options.images if image == STDIO or not is_marked(image))
    n_left = len(options.images) - len(kept)
    if n_left and not options.quiet:
        what = "picture is a result" if n_left == 1 else "pictures are results"
        show_notice(f"{n_left} {what} of quantize and left out; -f takes all")
    return options._replace(images=kept), n_left


def convert_all(options: Options, settings: Settings, jobs: Sequence[Job], n_workers: int) -> int:
    """Convert every job, tell what became of each, and return how many count as failures."""
    from quantize.files.writing.atomic import save_files
    from quantize.pipeline.batch import run_jobs
    from quantize.pipeline.convert import list_stages
    from quantize.show.reporting import to_json

    n_bad = n_kept = 0
    has_json = options.as_json
    table = _start_table() if options.csv else None
    stages = list_stages(jobs[0])
    with watch(jobs, stages, quiet=options.quiet, verbose=options.verbose) as view:
        for outcome in run_jobs(jobs, settings, n_workers, view.hear, options.scheduler):
            if outcome.data:
                view.make_way()
                if failure := _try_to_write(outcome.data):
                    outcome = outcome._replace(report=None, failure=failure)
            if has_json and outcome.report:
                view.make_way()
                line = to_json(outcome.report, indent=None, has_timing=options.timing)
                if failure := _try_to_write(f"{line}\n".encode()):
                    show_failure(failure)
                    has_json = False
                    n_bad += 1
            n_bad += outcome.failure is not None or (options.strict and outcome.fell_short)
            n_kept += outcome.is_kept
            if table:
                table.add(outcome.job.source, outcome.report, outcome.failure, outcome.skipped)
            view.show(outcome)
    if options.resume and not options.quiet:
        show_notice(f"{n_kept} of {len(jobs)} pictures kept from an earlier run")
    if options.csv and table:
        try:
            save_files({Path(options.csv): table.encode()}, None, partial(refuse_foreign_table, options))
        except QuantizeError as error:
            show_failure(str(error))
            n_bad += 1
    return n_bad


def _try_to_write(data: bytes) -> str | None:
    """Write to standard output, or tell why not: then the rest of a batch is done all the same."""
    try:
        write_out(data)
    except OutputError as error:
        return f"quantize: {error}"
    return None


def _start_table() -> Spreadsheet:
    from quantize.show.spreadsheet import Spreadsheet  # loads csv, which most runs do without

    return Spreadsheet()


def make_folder(output_dir: str | None) -> None:
    """Make the output folder, if one is named and missing.

    Raises
    ------
    UsageError
        The folder cannot be made.
    """
    if output_dir is not None:
        try:
            Path(output_dir).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{output_dir}: this output folder cannot be made ({error.strerror})") from None


def count_cores() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
