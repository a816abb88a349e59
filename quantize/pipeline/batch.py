"""Many pictures: plans are checked first, and a bad one costs one line and not the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from quantize.errors import QuantizeError, SkippedError, UsageError
from quantize.files.marks import is_ours, refuse_foreign
from quantize.files.writing.atomic import save_files
from quantize.parallel.progress import OnStage
from quantize.pipeline.convert import convert_file
from quantize.records.job import STDIO, Job
from quantize.records.picture import Histogram
from quantize.records.settings import Settings

if TYPE_CHECKING:
    from quantize.records.report import Report


class Outcome(NamedTuple):
    """What became of one input: one of `report`, `failure` and `skipped` is set, or none of what is only planned.

    `data` is the encoded picture where that goes to standard output.
    """

    job: Job
    report: Report | None = None
    data: bytes = b""
    failure: str | None = None
    skipped: str | None = None

    @property
    def fell_short(self) -> bool:
        """Whether it was skipped, or missed its target: what counts as a failure under ``--strict``."""
        search = self.report["search"] if self.report else None
        return self.skipped is not None or (search is not None and not search["reached"])


def make_folders(jobs: Sequence[Job], output_dir: str | None) -> None:
    """Make the output folder, and see that every other one is there.

    Raises
    ------
    UsageError
        A folder is missing or cannot be made.
    """
    if output_dir is not None:
        try:
            Path(output_dir).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{output_dir}: this output folder cannot be made ({error.strerror})") from None
    for job in jobs:
        picture = job.outputs.picture
        if job.overwrite and picture and not picture.parent.is_dir():
            raise UsageError(f"{picture.parent}: no such folder; make it first, or name it with -d")


def check_table(name: str, jobs: Sequence[Job], *, force: bool) -> None:
    """See that the table of a batch can be written, and would replace nothing but an earlier one.

    Raises
    ------
    UsageError
        It has no folder, is an input or output of a job, or exists and is no table of ours.
    """
    path = Path(name)
    if name == STDIO:
        raise UsageError("--csv - : the table needs a file name; --json prints the reports on standard output")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder; make it first, or name another table with --csv")
    if path.is_dir():
        raise UsageError(f"{path}: is a directory; give the table a file name")
    for job in jobs:
        taken = [os.path.abspath(job.source), *(os.path.abspath(other) for other in job.outputs.paths)]
        if os.path.abspath(path) in taken:
            raise UsageError(f"{path}: is an input or output of this command; name another table with --csv")
    if path.exists() and not force and not _begins_as_table(path):
        raise UsageError(f"{path}: exists and is no table of quantize; use --force to replace it")


def _begins_as_table(path: Path) -> bool:
    from quantize.show.spreadsheet import is_spreadsheet

    try:
        with path.open("rb") as file:
            return is_spreadsheet(file.read(1 << 10))
    except OSError:
        return False


def save_table(name: str, data: bytes, mourn: Callable[[str], None]) -> bool:
    """Write the table of a batch, or tell `mourn` why not."""
    try:
        save_files({Path(name): data})
    except QuantizeError as error:
        mourn(str(error))
        return False
    return True


def part_own_results(jobs: Sequence[Job]) -> list[Job | Outcome]:
    """Replace each job whose input is our own result for another of the jobs by the outcome that it is skipped."""
    owners = {os.path.abspath(path): job for job in jobs for path in job.outputs.paths}

    def part(job: Job) -> Job | Outcome:
        owner = owners.get(os.path.abspath(job.source))
        if owner and job.source != STDIO and is_ours(Path(job.source), owner.outputs.report):
            return Outcome(job, skipped=f"is our own result for {owner.source}")
        return job

    return [part(job) for job in jobs]


def foresee(jobs: Sequence[Job]) -> Iterator[Outcome]:
    """Tell what can be told of each job without reading its picture: whether it would be skipped or fail."""
    for item in part_own_results(jobs):
        if isinstance(item, Outcome):
            yield item
        elif item.source != STDIO and not Path(item.source).exists():
            yield Outcome(item, failure=f"{item.source}: no such file")
        else:
            try:
                refuse_foreign(item)
            except QuantizeError as error:
                yield Outcome(item, failure=str(error))
            else:
                yield Outcome(item)


def run_jobs(
    jobs: Sequence[Job], settings: Settings, n_workers: int = 1, on_stage: OnStage | None = None
) -> Iterator[Outcome]:
    """Convert every job and tell what became of each, in order.

    Parameters
    ----------
    jobs : sequence of Job
    settings : Settings
        Its `n_threads` is shared out among the workers.
    n_workers : int
        Pictures at a time. The results do not depend on it.
    on_stage : callable, optional
        As of `convert_file`, where one picture is done after the other.
    """
    work = part_own_results(jobs)
    n_workers = min(n_workers, sum(isinstance(item, Job) for item in work))
    if settings.shared:
        settings = _with_shared_palette(work, settings, n_workers)
    if n_workers <= 1:
        for item in work:
            yield _run_job(item, settings, on_stage)
    else:
        from quantize.parallel.processes import map_in_order

        shared = replace(settings, n_threads=max(1, settings.n_threads // n_workers))
        yield from map_in_order(partial(_run_job, settings=shared), work, n_workers, _mourn)


def _with_shared_palette(work: Sequence[Job | Outcome], settings: Settings, n_workers: int) -> Settings:
    """Count the colors of all pictures, a few pictures at a time, and find one palette for them."""
    from quantize.parallel.processes import map_in_order
    from quantize.pipeline.sharing import share_palette

    counting = [item for item in work if isinstance(item, Job)]
    if n_workers <= 1:
        histograms: Iterator[Histogram | None] = (_count_job(job, settings) for job in counting)
    else:
        divided = replace(settings, n_threads=max(1, settings.n_threads // n_workers))
        histograms = map_in_order(partial(_count_job, settings=divided), counting, n_workers, lambda job: None)
    total: Histogram | None = None
    for histogram in histograms:
        if histogram is not None:
            total = histogram if total is None else total + histogram
    return settings if total is None else replace(settings, palette=share_palette(total, settings))


def _count_job(job: Job, settings: Settings) -> Histogram | None:
    from quantize.pipeline.sharing import count_file

    try:
        return count_file(job, settings)
    except (QuantizeError, MemoryError):
        return None  # and say so when its turn comes to be converted


def _mourn(item: Job | Outcome) -> Outcome:
    if isinstance(item, Outcome):
        return item
    return Outcome(item, failure=f"{item.source}: a worker process died, perhaps for want of memory; try -j 1")


def _run_job(job: Job | Outcome, settings: Settings, on_stage: OnStage | None = None) -> Outcome:
    if isinstance(job, Outcome):
        return job
    try:
        report, data = convert_file(job, settings, on_stage)
    except SkippedError as error:
        return Outcome(job, skipped=str(error))
    except QuantizeError as error:
        return Outcome(job, failure=str(error))
    except MemoryError:
        return Outcome(job, failure=f"{job.source}: needs more memory than there is")
    except Exception as error:  # a fault of ours must not cost the rest of the batch either
        return Outcome(job, failure=f"{job.source}: failed by a fault in quantize ({error!r}); please report it")
    return Outcome(job, report, b"" if job.outputs.picture else data)
