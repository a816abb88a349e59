"""Only the palette of a picture: found, and written or handed on, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from quantize.files.marks import refuse_foreign
from quantize.files.palettes.palette_files import encode_palette
from quantize.files.reading.inputs import find_source
from quantize.files.reading.opening import quiet_pillow
from quantize.files.writing.atomic import save_files
from quantize.parallel.progress import OnStage
from quantize.pipeline.quantize import quantize_picture
from quantize.records.job import Job
from quantize.records.palette import Palette
from quantize.records.settings import Settings


def extract_palette(job: Job, settings: Settings, on_stage: OnStage | None = None) -> bytes:
    """Find the palette of one file, and write it where that is planned.

    Returns
    -------
    bytes
        The palette as it is written, for the one that goes to standard output.

    Raises
    ------
    InputError
        The input cannot be read as a picture.
    OutputError
        The output exists and is not ours, or cannot be written, or its format cannot hold the palette.
    """
    quiet_pillow()
    refuse_foreign(job)
    quantized = quantize_picture(find_source(job.source), replace(settings, dither="none", despeckle=0), on_stage)
    palette = quantized.palette.take(quantized.counts.nonzero()[0]) if job.only_used else quantized.palette
    return save_palette(palette, job)


def save_palette(palette: Palette, job: Job) -> bytes:
    """Write a palette where a job plans it, and return its bytes.

    Raises
    ------
    OutputError
        The output cannot be written, or its format cannot hold the palette.
    """
    data = encode_palette(palette, job.only_palette or "hex")
    save_files(dict.fromkeys(job.outputs.palettes.values(), data), None, partial(refuse_foreign, job))
    return data
