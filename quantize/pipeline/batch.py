"""Many pictures: each job ends in an outcome, and a bad one costs one line and not the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from quantize.errors import QuantizeError, SkippedError
from quantize.files.marks import refuse_foreign
from quantize.files.planning import place_index
from quantize.files.writing.atomic import remove_leftovers
from quantize.parallel.progress import OnStage
from quantize.pipeline.convert import convert_file
from quantize.pipeline.resuming import find_kept
from quantize.pipeline.spreading import EXECUTORS, SUMS
from quantize.records.job import STDIO, Job, Outcome
from quantize.records.settings import Settings

Result = TypeVar("Result")


def preview_jobs(jobs: Sequence[Job], settings: Settings) -> Iterator[Outcome]:
    """Tell what can be told of each job without converting it: whether it would fail, or has been done.

    Pictures are read only where what was done depends on the palette that they share.
    """
    sharing = [job for job in jobs if job.sharing]
    if any(job.resumes for job in sharing):
        settings = _share_palette(sharing, settings, "here", 1, is_preview=True)
    for job in jobs:
        if job.source != STDIO and not Path(job.source).exists():
            yield Outcome(job, failure=f"{job.source}: no such file")
        elif job.resumes and find_kept(job, settings):
            yield Outcome(job, skipped="as nothing has changed")
        else:
            try:
                refuse_foreign(job)
            except QuantizeError as error:
                yield Outcome(job, failure=str(error))
            else:
                yield Outcome(job)


def run_jobs(
    jobs: Sequence[Job],
    settings: Settings,
    n_workers: int = 1,
    on_stage: OnStage | None = None,
    scheduler: str | None = None,
) -> Iterator[Outcome]:
    """Convert every job and tell what became of each, in order; of several with pages, write the index.

    Parameters
    ----------
    jobs : sequence of Job
        Those that are `sharing` get one palette.
    settings : Settings
        Its `n_threads` is shared out among the workers.
    n_workers : int
        Pictures at a time. The results do not depend on it.
    on_stage : callable, optional
        As of `convert_file`, where one picture is done after the other.
    scheduler : str, optional
        Address of a Dask cluster, which then does the work instead of processes here.

    Raises
    ------
    OutputError
        The index cannot be written, or the cluster cannot be worked with.
    """
    n_workers = min(n_workers, len(jobs))
    where: int | str
    if scheduler is not None:
        name, where = "cluster", scheduler
        on_stage, settings = None, replace(settings, n_threads=1)
    elif n_workers > 1:
        name, where = "processes", n_workers
        on_stage, settings = None, replace(settings, n_threads=max(1, settings.n_threads // n_workers))
    else:
        name, where = "here", 1
    folders = {job.outputs.picture.parent for job in jobs if job.outputs.picture}
    for folder in folders:
        remove_leftovers(folder)  # where nothing is written, too, because all is kept or fails
    sharing = [job for job in jobs if job.sharing]
    if sharing:
        settings = _share_palette(sharing, settings, name, where)
        palette = settings.palette
        if palette is not None and sharing[0].only_palette:
            from quantize.pipeline.extraction import save_palette
            from quantize.pipeline.sharing import try_to_read

            # One for all: the first job writes it, or the first picture that can be read hands it on.
            data = save_palette(palette, sharing[0])
            if sharing[0].outputs.palettes:
                data = b""
            read = partial(try_to_read, settings=settings)
            for outcome in EXECUTORS[name](read, sharing, where=where, on_death=_report_death):
                yield outcome if outcome.failure else outcome._replace(data=data)
                data = data if outcome.failure else b""
            return
    convert = partial(_run_job, settings=settings, on_stage=on_stage)
    outcomes = EXECUTORS[name](convert, jobs, where=where, on_death=_report_death)
    index = place_index(jobs)
    if index is not None:
        from quantize.pipeline.indexing import index_outcomes

        outcomes = index_outcomes(outcomes, index, may_replace=jobs[0].overwrite)
    try:
        yield from outcomes
    finally:
        for folder in folders if name == "processes" else ():
            remove_leftovers(folder)  # of workers that died


def _share_palette(
    sharing: Sequence[Job], settings: Settings, name: str, where: int | str, *, is_preview: bool = False
) -> Settings:
    from quantize.pipeline.sharing import share_palette

    palette = share_palette(sharing, settings, partial(SUMS[name], where=where), is_preview=is_preview)
    return replace(settings, palette=palette)


def _report_death(job: Job) -> Outcome:
    return Outcome(job, failure=f"{job.source}: its process died more than once, perhaps for want of memory")


def _run_job(job: Job, settings: Settings, on_stage: OnStage | None = None) -> Outcome:
    try:
        if job.only_palette:
            from quantize.pipeline.extraction import extract_palette  # loads the palette formats

            data = extract_palette(job, settings, on_stage)
            return Outcome(job, data=b"" if job.outputs.palettes else data)
        if job.resumes and (kept := find_kept(job, settings)):
            return Outcome(job, kept, is_kept=True)
        report, data = convert_file(job, settings, on_stage)
    except SkippedError as error:
        return Outcome(job, skipped=str(error))
    except QuantizeError as error:
        return Outcome(job, failure=str(error))
    except MemoryError:
        return Outcome(job, failure=f"{job.source}: needs more memory than there is")
    except (OSError, ImportError) as error:  # the system gives no more files, or no room to load what is needed
        return Outcome(job, failure=f"{job.source}: cannot be converted ({getattr(error, 'strerror', None) or error})")
    except Exception as error:  # a fault of ours must not cost the rest of the batch either
        return Outcome(job, failure=f"{job.source}: failed by a fault in quantize ({error!r}); please report it")
    return Outcome(job, report, b"" if job.outputs.picture else data)
