"""One palette for many pictures: their histograms add up, and a palette is found in the sum."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from quantize.color.histogram import count_colors
from quantize.color.measure.metrics import measure_error
from quantize.color.sketch import line_up
from quantize.files.reading.loading import load_picture
from quantize.files.reading.opening import quiet_pillow
from quantize.pipeline.quantize import apply_palette, find_palette, pick_palette
from quantize.records.job import Job
from quantize.records.palette import Palette
from quantize.records.picture import Histogram, Source
from quantize.records.quantized import Quantized
from quantize.records.settings import Settings

if TYPE_CHECKING:
    from quantize.records.report import SharingFacts


def count_file(job: Job, settings: Settings) -> Histogram:
    """Count the colors of one file for a palette that it shares; with "equal" weight, as fractions of its pixels.

    Raises
    ------
    InputError
        The input cannot be read as a picture.
    """
    quiet_pillow()
    histogram = count_colors(load_picture(job.source, settings), settings.n_threads)
    weight = histogram.total if settings.shared == "equal" else 1
    return replace(histogram, counts=histogram.counts / weight)


def share_palette(histogram: Histogram, settings: Settings) -> Palette:
    """Find the one palette for all pictures whose histograms were added up."""
    picture = replace(line_up(histogram), source=Source("the shared pictures"))
    return replace(pick_palette(picture, histogram, replace(settings, dither="none")), title="shared")


def compare_sharing(quantized: Quantized) -> SharingFacts:
    """Measure what a shared palette costs a picture, against its own of as many colors."""
    settings, shared = quantized.settings, measure_error(quantized)["mse"]
    palette = find_palette(quantized.histogram, replace(settings, n_colors=len(quantized.palette)))
    own = measure_error(apply_palette(quantized.picture, quantized.histogram, palette, settings))["mse"]
    return {"weight": settings.shared or "", "own_mse": own, "factor": shared / own if own else None}
