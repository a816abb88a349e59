"""One file: quantize it, encode, measure and draw the result, describe it, and write what was planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from quantize.color.measure.metrics import LEVELS, map_ciede2000
from quantize.color.swatch_order import SORTS
from quantize.errors import SkippedError
from quantize.files.formats import read_format
from quantize.files.marks import hash_content, refuse_foreign
from quantize.files.reading.inputs import find_source
from quantize.files.reading.opening import quiet_pillow
from quantize.files.seals import seal_text
from quantize.files.writing.atomic import save_files
from quantize.files.writing.png import encode_drawing
from quantize.files.writing.saving import encode_picture
from quantize.parallel.progress import OnStage, Stopwatch
from quantize.parallel.threads import run_beside
from quantize.pipeline.quantize import STAGES, quantize_picture
from quantize.pipeline.resuming import hash_request
from quantize.records.job import Job
from quantize.records.palette import MAX_INDEXED
from quantize.records.quantized import Encoded, Quantized
from quantize.records.settings import FORMATS, Settings
from quantize.show.reporting import build_report, to_json
from quantize.show.swatch import render_swatch

if TYPE_CHECKING:
    from quantize.records.report import LossFacts, Report


def list_stages(job: Job) -> tuple[str, ...]:
    """List the stages that a conversion will go through."""
    wanted = {"swatch": job.outputs.swatch, "plot": job.outputs.plot}
    last = ("page",) if job.outputs.page else ()
    return (*STAGES, *(stage for stage, is_wanted in wanted.items() if is_wanted), "measure", "encode", *last)


def convert_file(job: Job, settings: Settings, on_stage: OnStage | None = None) -> tuple[Report, bytes]:
    """Quantize one file and write what was planned for it.

    Parameters
    ----------
    job : Job
    settings : Settings
    on_stage : callable, optional
        Called with the name of each stage in `list_stages` as it begins, with 0 of 1; as it ends, with 1 of 1; and from
        time to time between, with how many frames are done, and how many there are. A still picture is one frame, done
        in parts.

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
        The result would be larger than its source, and the job skips that.
    """
    quiet_pillow()
    refuse_foreign(job)
    refuse_other_format(job)
    stopwatch = Stopwatch(on_stage)
    quantized = quantize_picture(find_source(job.source), replace(settings, format=job.format), on_stage)
    # The swatch tells the rows of the palette: it can be drawn early where they keep their order.
    swatch = (
        None if settings.optimize else run_beside(partial(draw_swatch, quantized, job, stopwatch), settings.n_threads)
    )
    encoded = encode(quantized, job, stopwatch)
    loss = measure(quantized, job, stopwatch)
    stored = quantized.reorder(encoded.order)
    drawings = {
        **(swatch() if swatch else draw_swatch(stored, job, stopwatch)),
        **draw(stored, encoded, job, stopwatch),
    }
    report = describe(stored, encoded, loss, job, stopwatch)
    drawings |= draw_page(stored, encoded, report, job, stopwatch)
    contents = {job.outputs.picture: encoded.data, **drawings} if job.outputs.picture else drawings
    report["request"] = hash_request(job, settings)
    report["sha256"] = {what: hash_content(contents[path]) for what, path in job.outputs.named if path in contents}
    write(stored, contents, report, job)
    return report, encoded.data


def refuse_other_format(job: Job) -> None:
    """Skip a picture that its result could not replace, because its format or its ending would no longer be true.

    Raises
    ------
    SkippedError
        The result is to take the picture's place, and would be of another format.
    """
    if job.in_place and (job.format not in FORMATS or read_format(job.source) != job.format):
        raise SkippedError("it is no png, gif or webp by content and by ending, which --in-place keeps")


def encode(quantized: Quantized, job: Job, stopwatch: Stopwatch) -> Encoded:
    """Encode a result, and refuse it where it should be smaller than its source and is not.

    Raises
    ------
    SkippedError
        The result is larger, and the job skips that.
    """
    with stopwatch("encode"):
        encoded = encode_picture(quantized)
    before, after = quantized.picture.source.n_bytes, len(encoded.data)
    if job.skip_if_larger and before is not None and after > before:
        raise SkippedError(f"its result has {after:,} bytes, and the picture {before:,}")
    return encoded


def measure(quantized: Quantized, job: Job, stopwatch: Stopwatch) -> LossFacts | None:
    """Measure what was lost, as closely as the job's report asks."""
    with stopwatch("measure"):
        return LEVELS[job.report](quantized)


def draw_swatch(quantized: Quantized, job: Job, stopwatch: Stopwatch) -> dict[Path, bytes]:
    """Draw the palette, where that is planned."""
    if job.outputs.swatch is None:
        return {}
    with stopwatch("swatch"):
        return {job.outputs.swatch: encode_drawing(render_swatch(quantized, SORTS[job.sort](quantized)))}


def draw(quantized: Quantized, encoded: Encoded, job: Job, stopwatch: Stopwatch) -> dict[Path, bytes]:
    """Draw what happened, and write the palette in other formats, where that is planned."""
    contents: dict[Path, bytes] = {}
    if job.outputs.plot:
        with stopwatch("plot"):
            contents[job.outputs.plot] = _draw_plot(quantized, len(encoded.data))
    if job.outputs.palettes:
        from quantize.files.palettes.palette_files import encode_palettes

        contents |= encode_palettes(job.outputs.palettes, quantized.palette, quantized.shares, only_used=job.only_used)
    return contents


def _draw_plot(quantized: Quantized, n_bytes: int) -> bytes:
    from quantize.color.measure.worst_regions import find_regions
    from quantize.show.plots import render_plot

    errors = map_ciede2000(quantized)
    if quantized.settings.dither != "none":
        from quantize.color.measure.blur import map_blurred_ciede2000

        errors = map_blurred_ciede2000(quantized)
    curve = quantized.palette.search["curve"] if quantized.palette.search else ()
    image = render_plot(quantized, errors, find_regions(errors), n_bytes, curve=curve)
    # In few colors, too: a third of the bytes, and nobody sees it.
    return encode_picture(quantize_picture(image, Settings(n_colors=MAX_INDEXED, effort="fast"))).data


def draw_page(
    quantized: Quantized, encoded: Encoded, report: Report, job: Job, stopwatch: Stopwatch
) -> dict[Path, bytes]:
    """Render the page of a picture, where that is planned."""
    if job.outputs.page is None:
        return {}
    from quantize.pipeline.presenting import present

    with stopwatch("page"):
        return {job.outputs.page: seal_text(present(quantized, report, encoded.data))}


def describe(quantized: Quantized, encoded: Encoded, loss: LossFacts | None, job: Job, stopwatch: Stopwatch) -> Report:
    """Build the report of a conversion."""
    sharing = None
    if job.sharing and job.report == "full":
        from quantize.pipeline.sharing import compare_sharing

        sharing = compare_sharing(quantized, job.sharing)
    timing = {**quantized.timing, **stopwatch.timing, "total": stopwatch.total}
    return build_report(quantized, encoded, loss, job, timing, sharing)


def write(quantized: Quantized, contents: Mapping[Path, bytes], report: Report, job: Job) -> None:
    """Write all files of a picture, or none.

    Raises
    ------
    OutputError
        A file cannot be written, or one that is not ours has appeared in its place.
    """
    if job.outputs.report:
        contents = {**contents, job.outputs.report: seal_text(f"{to_json(report, has_timing=job.has_timing)}\n")}
    metadata = quantized.picture.metadata
    save_files(contents, metadata.modified if metadata else None, partial(refuse_foreign, job))
