"""One palette for many pictures: their histograms add up, and a palette is found in the sum."""

from __future__ import annotations

from dataclasses import replace

from quantize.color.histogram import count_colors
from quantize.color.sketch import line_up
from quantize.files.loading import load_picture, quiet_pillow
from quantize.files.naming import Job
from quantize.pipeline import pick_palette
from quantize.records import Histogram, Palette, Settings, Source


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
