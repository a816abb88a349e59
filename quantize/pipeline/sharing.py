"""One palette for many pictures: their histograms add up, and a palette is found in the sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from quantize.color.histogram import count_colors
from quantize.color.measure.metrics import measure_error
from quantize.color.sketch import make_picture
from quantize.color.swatch_order import SORTS
from quantize.errors import QuantizeError
from quantize.files.formats import settle_format, suit_format
from quantize.files.marks import refuse_foreign
from quantize.files.reading.loading import load_picture
from quantize.files.reading.opening import quiet_pillow
from quantize.files.writing.atomic import save_files
from quantize.files.writing.png import encode_drawing
from quantize.pipeline.quantize import apply_palette, find_palette, leave_one, pick_palette
from quantize.records.job import Job, Outcome
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Source
from quantize.records.quantized import Quantized
from quantize.records.settings import Settings
from quantize.show.swatch import render_swatch

if TYPE_CHECKING:
    from quantize.records.report import SharingFacts

SumJobs = Callable[[Callable[[Job], Histogram | None], Sequence[Job]], Histogram | None]
"""Gives the sum of what a function gives for each job; None where that gives nothing."""

EQUAL = 1 << 36
"""What a picture's pixels weigh together where each picture counts the same. As whole numbers, because the sums of
fractions depend on the order of their terms, and several machines have none. A pixel of a gigapixel weighs 64, and the
sum of 100 million pictures has 63 bits."""


_FINE = 1e9
"""Parts that all pictures together are counted in, where each counts the same and pixels are fractions."""


def share_palette(
    jobs: Sequence[Job], settings: Settings, sum_jobs: SumJobs, *, is_preview: bool = False
) -> Palette | None:
    """Count the colors of all pictures, find one palette for them, and write what they have in common.

    Parameters
    ----------
    jobs : sequence of Job
        Their `sharing` says what counts the same: each picture, or each pixel.
    settings : Settings
    sum_jobs : callable
        Runs a function over the jobs, perhaps several at a time, and adds up.
    is_preview : bool
        Whether nothing is to be written.

    Returns
    -------
    Palette or None
        None where no picture could be read.

    Raises
    ------
    OutputError
        The swatch or a palette that all have in common exists and is not ours, or cannot be written.
    """
    refuse = partial(refuse_foreign, jobs[0], jobs[0].outputs.shared.values())
    refuse()
    total = sum_jobs(partial(_try_to_count, settings=settings), jobs)
    if total is None:
        return None
    if jobs[0].sharing == "equal":
        total = replace(total, counts=total.counts / EQUAL)
    palette = find_shared_palette(total, settings)
    if jobs[0].outputs.shared and not is_preview:
        save_files(_draw_in_common(total, palette, settings, jobs[0]), None, refuse)
    return palette


def _draw_in_common(histogram: Histogram, palette: Palette, settings: Settings, job: Job) -> dict[Path, bytes]:
    total = replace(histogram, counts=histogram.counts * (_FINE / histogram.total))
    together = apply_palette(make_picture(total), total, palette, replace(settings, dither="none", despeckle=0))
    contents: dict[Path, bytes] = {}
    palettes = dict(job.outputs.shared)
    if path := palettes.pop("swatch", None):
        contents[path] = encode_drawing(render_swatch(together, SORTS[job.sort](together)))
    if palettes:
        from quantize.files.palettes.palette_files import encode_palettes

        contents |= encode_palettes(palettes, together.palette, together.shares, only_used=job.only_used)
    return contents


def _try_to_count(job: Job, settings: Settings) -> Histogram | None:
    try:
        return count_file(job, settings)
    except (QuantizeError, MemoryError):
        return None  # the batch says so when the job's turn comes to be converted


def try_to_read(job: Job, settings: Settings) -> Outcome:
    """Tell whether the colors of a file are among those that were counted, and else why not."""
    try:
        count_file(job, settings)
    except QuantizeError as error:
        return Outcome(job, failure=str(error))
    except MemoryError:
        return Outcome(job, failure=f"{job.source}: needs more memory than there is")
    return Outcome(job)


def count_file(job: Job, settings: Settings) -> Histogram:
    """Count the colors of one file for a palette that it shares; with "equal" weight, as parts of `EQUAL`.

    Raises
    ------
    InputError
        The input cannot be read as a picture.
    OutputError
        The job's format holds no picture as large.
    """
    quiet_pillow()
    picture = load_picture(job.source, settings)
    picture = leave_one(suit_format(picture, settle_format(picture, job.format)), settings)
    histogram = count_colors(picture, settings.n_threads)
    if job.sharing != "equal":
        return histogram
    return replace(histogram, counts=np.rint(histogram.counts * (EQUAL / histogram.total)).astype(np.int64))


def find_shared_palette(histogram: Histogram, settings: Settings) -> Palette:
    """Find the one palette for all pictures whose histograms were added up."""
    picture = replace(make_picture(histogram), source=Source("the shared pictures"))
    palette = pick_palette(picture, histogram, replace(settings, dither="none", despeckle=0))
    return replace(palette, title="shared", origin="shared")


def compare_sharing(quantized: Quantized, weight: str) -> SharingFacts:
    """Measure what a shared palette costs a picture, against its own of as many colors."""
    settings, shared = quantized.settings, measure_error(quantized)["mse"]
    palette = find_palette(quantized.histogram, replace(settings, n_colors=len(quantized.palette)))
    own = measure_error(apply_palette(quantized.picture, quantized.histogram, palette, settings))["mse"]
    return {"weight": weight, "own_mse": own, "factor": shared / own if own else None}
