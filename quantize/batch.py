"""Many pictures, one after the other: keeps going past a bad file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from quantize.errors import QuantizeError, UsageError
from quantize.files.naming import STDIO, Job
from quantize.files.saving import is_ours
from quantize.pipeline import convert_file
from quantize.records import Report, Settings


@dataclass(frozen=True)
class Outcome:
    """What became of one input: exactly one of `report`, `failure` and `skipped` is set.

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


def run_jobs(jobs: Sequence[Job], settings: Settings) -> Iterator[Outcome]:
    """Convert every job, in order, and tell what became of each."""
    owners = {os.path.abspath(path): job for job in jobs for path in job.outputs.paths}
    for job in jobs:
        owner = owners.get(os.path.abspath(job.source))
        if owner and job.source != STDIO and is_ours(Path(job.source), owner.outputs.report):
            yield Outcome(job, skipped=f"is our own result for {owner.source}")
        else:
            yield _run_job(job, settings)


def _run_job(job: Job, settings: Settings) -> Outcome:
    try:
        report, data = convert_file(job, settings)
    except QuantizeError as error:
        return Outcome(job, failure=str(error))
    except MemoryError:
        return Outcome(job, failure=f"{job.source}: needs more memory than there is")
    except Exception as error:  # a fault of ours must not cost the rest of the batch either
        return Outcome(job, failure=f"{job.source}: failed by a fault in quantize ({error!r}); please report it")
    return Outcome(job, report, b"" if job.outputs.picture else data)
