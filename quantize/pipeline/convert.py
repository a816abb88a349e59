"""One file: quantize it, encode, measure and draw the result, and write what was planned."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from quantize.color.measure.metrics import LEVELS, map_ciede2000
from quantize.color.palette_order import in_stored_order
from quantize.color.swatch_order import SORTS
from quantize.errors import SkippedError
from quantize.files.marks import refuse_foreign
from quantize.files.reading.opening import quiet_pillow
from quantize.files.writing.atomic import save_files
from quantize.files.writing.byte_parts import part_bytes
from quantize.files.writing.png import encode_drawing
from quantize.files.writing.saving import encode_picture
from quantize.parallel.progress import OnStage, Stopwatch
from quantize.parallel.threads import start
from quantize.pipeline.quantize import quantize_picture
from quantize.pipeline.sharing import compare_sharing
from quantize.records.job import STDIO, Job
from quantize.records.palette import MAX_INDEXED
from quantize.records.quantized import Quantized
from quantize.records.settings import Settings
from quantize.show.reporting import build_report, to_json
from quantize.show.swatch import render_swatch

if TYPE_CHECKING:
    from quantize.records.report import LossFacts, Report


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
            return encode_drawing(render_swatch(quantized, SORTS["hue"](quantized)))

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
            contents[job.outputs.plot] = _draw_plot(quantized, len(data))
    if job.outputs.palettes:
        from quantize.files.palettes.palette_files import encode_palettes

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


def _draw_plot(quantized: Quantized, n_bytes: int) -> bytes:
    from quantize.color.measure.worst_regions import find_regions
    from quantize.show.plots import render_plot

    errors = map_ciede2000(quantized)
    curve = quantized.palette.search["curve"] if quantized.palette.search else ()
    image = render_plot(quantized, errors, find_regions(errors), n_bytes, curve=curve)
    # In few colors, too: a third of the bytes, and nobody sees it.
    return encode_picture(quantize_picture(image, Settings(n_colors=MAX_INDEXED, effort="fast")))[0]
