"""The straight line from a file to its recolored picture: the only module that knows the order of the stages."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from quantize.color.dither import DITHERS
from quantize.color.histogram import count_colors, list_colors
from quantize.color.metrics import LEVELS, map_ciede2000, measure_error
from quantize.color.order import in_stored_order
from quantize.color.palette import make_opaque, make_palette, polish_palette, take_colors
from quantize.color.spaces import to_points
from quantize.color.transparency import match_transparency
from quantize.errors import InputError, SkippedError
from quantize.files.atomic import save_files
from quantize.files.formats import settle_format
from quantize.files.loading import load_picture, quiet_pillow
from quantize.files.marks import refuse_foreign
from quantize.files.naming import STDIO, Job
from quantize.files.parts import part_bytes
from quantize.files.png import encode_drawing
from quantize.files.saving import encode_picture
from quantize.kmeans import EFFORTS, GRID_ROUNDS, MiniBatchKMeans
from quantize.kmeans.chunks import start
from quantize.progress import heard_by
from quantize.records import Fit, Histogram, Palette, Picture, Quantized, Settings
from quantize.show.report import build_report, to_json
from quantize.show.swatch import render_swatch

if TYPE_CHECKING:
    from quantize.facts import LossFacts, Report, SharingFacts

OnStage = Callable[[str, int, int], object]


class Stopwatch:
    """Milliseconds per stage, in the order in which the stages ran; `on_stage` hears how each goes on."""

    def __init__(self, on_stage: OnStage | None = None) -> None:
        self.timing: dict[str, float] = {}
        self._on_stage = on_stage

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        begin = time.perf_counter()
        if self._on_stage:
            self._on_stage(stage, 0, 1)
            with heard_by(partial(self._on_stage, stage)):
                yield
        else:
            yield
        self.timing[stage] = 1000 * (time.perf_counter() - begin)


def find_palette(histogram: Histogram, settings: Settings) -> Palette:
    """Find the colors that represent a histogram best.

    Parameters
    ----------
    histogram : Histogram
    settings : Settings

    Returns
    -------
    Palette
        At most `settings.n_colors` colors, with those of `settings.keep` among them; the histogram's own where it has
        no more.
    """
    kept = list_colors(settings.keep, histogram.has_alpha)
    histogram = histogram + kept if len(kept) else histogram
    if len(histogram) <= settings.n_colors:
        return take_colors(histogram)
    # Fully transparent pixels have no vote. They have an entry of their own, which the others are found beside.
    n_clear = int(histogram.has_clear)
    voting = replace(histogram, keys=histogram.keys[n_clear:], counts=histogram.counts[n_clear:])
    points = to_points(voting.colors, settings.space)
    # On one thread: its looks at a batch are too short to be worth sharing out.
    engine = MiniBatchKMeans(
        settings.n_colors,
        random_state=settings.seed,
        **{**EFFORTS[settings.effort], **settings.engine},
    )
    held = np.vstack([histogram.colors[:n_clear], kept.colors])
    fixed = to_points(held, settings.space) if len(held) else None
    engine.fit(points, sample_weight=voting.counts, fixed=fixed)
    fit = Fit(engine.n_iter_, engine.n_steps_)
    centers = engine.cluster_centers_
    if histogram.has_alpha:
        centers = make_opaque(centers, engine.labels_, voting)
    palette = make_palette(centers, settings.space, fit, gray=histogram.is_gray)
    if settings.space == "rgb" and not histogram.has_alpha:
        palette = polish_palette(palette, histogram, kept, GRID_ROUNDS[settings.effort], settings.n_threads)
    return palette


def pick_palette(picture: Picture, histogram: Histogram, settings: Settings) -> Palette:
    """Take the palette that is given, or find one: of a number of colors, or of as many as reach a target.

    Raises
    ------
    InputError
        The picture has transparent pixels, and there is no entry left for them.
    """
    if settings.palette is not None:
        return settings.palette
    if settings.target is not None:
        from quantize.search import reach_target

        return reach_target(picture, histogram, settings, find_palette, apply_palette)
    n_least = max(1, len(settings.keep)) + 1
    if histogram.has_clear and settings.n_colors < n_least and len(histogram) > 1:
        raise InputError(
            f"{picture.source.name}: its transparent pixels take a palette entry of their own, and -k "
            f"{settings.n_colors} leaves none for them; use -k {n_least}, or give a --background"
        )
    return find_palette(histogram, settings)


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
    dither = DITHERS[settings.dither]
    if settings.palette is None and palette.colors.shape[1] == histogram.colors.shape[1]:
        labels, color_labels = dither(picture, histogram, palette, settings)
    else:
        match = match_transparency(picture, histogram, palette)
        palette = match.palette
        labels, color_labels = match.label(histogram, *dither(match.picture, match.histogram, match.usable, settings))
    if color_labels is None:
        counts = np.bincount(labels.reshape(-1), minlength=len(palette))
    else:
        counts = np.bincount(color_labels, histogram.counts, len(palette)).astype(np.int64)
    return Quantized(picture, histogram, palette, labels, color_labels, counts, settings)


def quantize_picture(source: Any, settings: Settings | None = None, on_stage: OnStage | None = None) -> Quantized:
    """Reduce one picture to a few colors.

    Parameters
    ----------
    source : path, binary file, PIL image, array or Picture
        What `load_picture` takes.
    settings : Settings, optional
    on_stage : callable, optional
        Called with the name of each stage as it begins, with 0 of 1; and from time to time in a stage that goes
        through the frames of an animation, with how many of them are done, and how many there are.

    Returns
    -------
    Quantized

    Raises
    ------
    InputError
        The source cannot be read as a picture, or has transparent pixels and no palette entry for them.
    OutputError
        The settings' format holds no picture as large.
    """
    settings = settings or Settings()
    stopwatch = Stopwatch(on_stage)
    with stopwatch("load"):
        picture = load_picture(source, settings)
        settle_format(picture, settings)  # for its refusal, before any work
    with stopwatch("count"):
        histogram = count_colors(picture, settings.n_threads)
    with stopwatch("find"):
        palette = pick_palette(picture, histogram, settings)
    with stopwatch("apply"):
        quantized = apply_palette(picture, histogram, palette, settings)
    return replace(quantized, timing=stopwatch.timing)


def compare_sharing(quantized: Quantized) -> SharingFacts:
    """Measure what a shared palette costs a picture, against its own of as many colors."""
    settings, shared = quantized.settings, measure_error(quantized)["mse"]
    palette = find_palette(quantized.histogram, replace(settings, n_colors=len(quantized.palette)))
    own = measure_error(apply_palette(quantized.picture, quantized.histogram, palette, settings))["mse"]
    return {"weight": settings.shared or "", "own_mse": own, "factor": shared / own if own else None}


def convert_file(job: Job, settings: Settings, on_stage: OnStage | None = None) -> tuple[Report, bytes]:
    """Quantize one file and write what was planned for it.

    Parameters
    ----------
    job : Job
    settings : Settings
    on_stage : callable, optional
        Called with the name of each stage as it begins, with 0 of 1; and from time to time in a stage that goes
        through the frames of an animation, with how many of them are done, and how many there are.

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
        An output exists and is not ours, or cannot be written, or its format cannot hold the palette. Then none was
        written.
    SkippedError
        The result would be larger than its source, and the settings skip that.
    """
    quiet_pillow()
    refuse_foreign(job)
    settings = replace(settings, format=job.format)
    quantized = quantize_picture(sys.stdin.buffer if job.source == STDIO else job.source, settings, on_stage)
    stopwatch = Stopwatch(on_stage)

    def draw_swatch() -> bytes:
        with stopwatch("swatch"):
            return encode_drawing(render_swatch(quantized))

    def measure() -> LossFacts | None:
        with stopwatch("measure"):
            return LEVELS[settings.report](quantized)

    contents: dict[Path, bytes] = {}
    if settings.optimize:
        with stopwatch("order"):
            quantized = in_stored_order(quantized)
    swatch = start(draw_swatch, settings.n_threads) if job.outputs.swatch else None
    measured = start(measure, settings.n_threads)
    with stopwatch("encode"):
        data, encoder = encode_picture(quantized)
    refuse_larger(quantized, len(data))
    error = measured()
    if job.outputs.swatch and swatch:
        contents[job.outputs.swatch] = swatch()
    if job.outputs.plot:
        with stopwatch("plot"):
            contents[job.outputs.plot] = encode_drawing(np.asarray(_draw_plot(quantized, len(data))))
    if job.outputs.palettes:
        from quantize.files.palettes import encode_palettes

        contents |= encode_palettes(job.outputs.palettes, quantized.palette, quantized.shares)
    sharing = compare_sharing(quantized) if settings.shared and settings.report == "full" else None
    timing = {**quantized.timing, **stopwatch.timing}
    report = build_report(quantized, error, part_bytes(data), encoder, job.outputs.names, timing, sharing)
    if job.outputs.picture:
        contents[job.outputs.picture] = data
    if job.outputs.report:
        contents[job.outputs.report] = to_json(report).encode() + b"\n"
    metadata = quantized.picture.metadata
    save_files(contents, metadata.modified if metadata else None)
    return report, data


def refuse_larger(quantized: Quantized, n_bytes: int) -> None:
    """Refuse a result with more bytes than its source, where the settings ask for that.

    Raises
    ------
    SkippedError
        The result is larger.
    """
    before = quantized.picture.source.n_bytes
    if quantized.settings.skip_if_larger and before is not None and n_bytes > before:
        raise SkippedError(f"its result has {n_bytes:,} bytes, and the picture {before:,}")


def _draw_plot(quantized: Quantized, n_bytes: int) -> Image.Image:
    from quantize.color.regions import find_regions
    from quantize.show.plots import render_plot

    errors = map_ciede2000(quantized)
    curve = quantized.palette.search["curve"] if quantized.palette.search else ()
    return render_plot(quantized, errors, find_regions(errors), n_bytes, curve=curve)
