"""The straight line from a file to its recolored picture: the only module that knows the order of the stages."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from quantize.color.dither import DITHERS
from quantize.color.histogram import count_colors
from quantize.color.metrics import LEVELS, map_ciede2000
from quantize.color.palette import make_palette, take_colors
from quantize.color.spaces import to_points
from quantize.facts import LossFacts, Report
from quantize.files.loading import load_picture
from quantize.files.naming import STDIO, Job
from quantize.files.parts import part_bytes
from quantize.files.saving import encode_flat, encode_picture, refuse_foreign, save_files
from quantize.kmeans import EFFORTS, MiniBatchKMeans
from quantize.records import Fit, Histogram, Palette, Picture, Quantized, Settings
from quantize.show.report import build_report, to_json
from quantize.show.swatch import render_swatch

Result = TypeVar("Result")


class Stopwatch:
    """Milliseconds per stage, in the order in which the stages ran; `on_stage` hears each as it begins."""

    def __init__(self, on_stage: Callable[[str], None] | None = None) -> None:
        self.timing: dict[str, float] = {}
        self._on_stage = on_stage

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        if self._on_stage:
            self._on_stage(stage)
        start = time.perf_counter()
        yield
        self.timing[stage] = 1000 * (time.perf_counter() - start)


def find_palette(histogram: Histogram, settings: Settings) -> Palette:
    """Find the colors that represent a histogram best.

    Parameters
    ----------
    histogram : Histogram
    settings : Settings

    Returns
    -------
    Palette
        At most `settings.n_colors` colors; the histogram's own where it has no more.
    """
    if len(histogram) <= settings.n_colors:
        return take_colors(histogram)
    points = to_points(histogram.colors, settings.space)
    engine = MiniBatchKMeans(
        settings.n_colors,
        random_state=settings.seed,
        n_jobs=settings.n_threads,
        **{**EFFORTS[settings.effort], **settings.engine},
    )
    engine.fit(points, sample_weight=histogram.counts)
    return make_palette(engine.cluster_centers_, settings.space, Fit(engine.n_iter_, engine.n_steps_))


def apply_palette(picture: Picture, histogram: Histogram, palette: Palette, settings: Settings) -> Quantized:
    """Give every pixel its palette color.

    Parameters
    ----------
    picture : Picture
    histogram : Histogram
        The unique colors of this picture.
    palette : Palette
    settings : Settings

    Returns
    -------
    Quantized
    """
    labels, color_labels = DITHERS[settings.dither](picture, histogram, palette, settings)
    if color_labels is None:
        counts = np.bincount(labels.reshape(-1), minlength=len(palette))
    else:
        counts = np.bincount(color_labels, histogram.counts, len(palette)).astype(np.int64)
    return Quantized(picture, histogram, palette, labels, color_labels, counts, settings)


def quantize_picture(
    source: Any, settings: Settings | None = None, on_stage: Callable[[str], None] | None = None
) -> Quantized:
    """Reduce one picture to a few colors.

    Parameters
    ----------
    source : path, binary file, PIL image, array or Picture
        What `load_picture` takes.
    settings : Settings, optional
    on_stage : callable, optional
        Called with the name of each stage as it begins.

    Returns
    -------
    Quantized

    Raises
    ------
    InputError
        The source cannot be read as a picture.
    """
    settings = settings or Settings()
    stopwatch = Stopwatch(on_stage)
    with stopwatch("load"):
        picture = load_picture(source)
    with stopwatch("count"):
        histogram = count_colors(picture, settings.n_threads)
    with stopwatch("find"):
        palette = find_palette(histogram, settings)
    with stopwatch("apply"):
        quantized = apply_palette(picture, histogram, palette, settings)
    return replace(quantized, timing=stopwatch.timing)


def convert_file(job: Job, settings: Settings, on_stage: Callable[[str], None] | None = None) -> tuple[Report, bytes]:
    """Quantize one file and write what was planned for it.

    Parameters
    ----------
    job : Job
    settings : Settings
    on_stage : callable, optional
        Called with the name of each stage as it begins.

    Returns
    -------
    report : Report
    data : bytes
        The encoded picture, for the one that goes to standard output.

    Raises
    ------
    InputError
        The input cannot be read as a picture.
    OutputError
        An output exists and is not ours, or cannot be written. Then none was.
    """
    refuse_foreign(job)
    quantized = quantize_picture(sys.stdin.buffer if job.source == STDIO else job.source, settings, on_stage)
    stopwatch = Stopwatch(on_stage)

    def draw_swatch() -> bytes:
        with stopwatch("swatch"):
            return encode_flat(render_swatch(quantized))

    def measure() -> LossFacts | None:
        with stopwatch("measure"):
            return LEVELS[settings.report](quantized)

    contents: dict[Path, bytes] = {}
    swatch = _start(draw_swatch, settings.n_threads) if job.outputs.swatch else None
    measured = _start(measure, settings.n_threads)
    with stopwatch("encode"):
        data = encode_picture(quantized)
    error = measured()
    if job.outputs.swatch and swatch:
        contents[job.outputs.swatch] = swatch()
    if job.outputs.plot:
        with stopwatch("plot"):
            contents[job.outputs.plot] = encode_flat(_draw_plot(quantized, len(data)))
    timing = {**quantized.timing, **stopwatch.timing}
    report = build_report(quantized, error, part_bytes(data), job.outputs.names, timing)
    if job.outputs.picture:
        contents[job.outputs.picture] = data
    if job.outputs.report:
        contents[job.outputs.report] = to_json(report).encode() + b"\n"
    save_files(contents)
    return report, data


def _draw_plot(quantized: Quantized, n_bytes: int) -> Image.Image:
    from quantize.color.regions import find_regions
    from quantize.show.plots import render_plot

    errors = map_ciede2000(quantized)
    return render_plot(quantized, errors, find_regions(errors), n_bytes)


def _start(function: Callable[[], Result], n_threads: int) -> Callable[[], Result]:
    """Begin some work beside the stages that follow, if a thread is to spare; call what is returned for its result."""
    if n_threads == 1:
        return function
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    future = pool.submit(function)
    pool.shutdown(wait=False)
    return future.result
