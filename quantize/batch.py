"""Many pictures: plans are checked first, and a bad one costs one line and not the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from quantize.errors import QuantizeError, UsageError
from quantize.files.naming import STDIO, Job
from quantize.files.saving import is_ours, refuse_foreign
from quantize.pipeline import convert_file
from quantize.records import Report, Settings


@dataclass(frozen=True)
class Outcome:
    """What became of one input: one of `report`, `failure` and `skipped` is set, or none of what is only planned.

    `data` is the encoded picture where that goes to standard output.
    """

    job: Job
    report: Report | None = None
    data: bytes = b""
    failure: str | None = None
    skipped: str | None = None


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
    jobs: Sequence[Job], settings: Settings, n_workers: int = 1, on_stage: Callable[[str], None] | None = None
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
        Called with the name of each stage as it begins, where one picture is done after the other.
    """
    work = part_own_results(jobs)
    n_workers = min(n_workers, sum(isinstance(item, Job) for item in work))
    if n_workers <= 1:
        for item in work:
            yield _run_job(item, settings, on_stage)
    else:
        from quantize.pool import map_in_order

        shared = replace(settings, n_threads=max(1, settings.n_threads // n_workers))
        yield from map_in_order(partial(_run_job, settings=shared), work, n_workers, _mourn)


def _mourn(item: Job | Outcome) -> Outcome:
    if isinstance(item, Outcome):
        return item
    return Outcome(item, failure=f"{item.source}: a worker process died, perhaps for want of memory; try -j 1")


def _run_job(job: Job | Outcome, settings: Settings, on_stage: Callable[[str], None] | None = None) -> Outcome:
    if isinstance(job, Outcome):
        return job
    try:
        report, data = convert_file(job, settings, on_stage)
    except QuantizeError as error:
        return Outcome(job, failure=str(error))
    except MemoryError:
        return Outcome(job, failure=f"{job.source}: needs more memory than there is")
    except Exception as error:  # a fault of ours must not cost the rest of the batch either
        return Outcome(job, failure=f"{job.source}: failed by a fault in quantize ({error!r}); please report it")
    return Outcome(job, report, b"" if job.outputs.picture else data)
