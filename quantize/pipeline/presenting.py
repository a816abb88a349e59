"""The page of a result: what it has to show is measured, and the search for its palette is watched once more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from quantize.color.measure.metrics import map_ciede2000, measure_everything
from quantize.color.spaces import to_colors
from quantize.files.writing.saving import encode_picture
from quantize.pipeline.quantize import find_palette
from quantize.records.job import Job, Outputs
from quantize.records.palette import MAX_INDEXED
from quantize.records.quantized import Quantized
from quantize.records.step import Step
from quantize.show.page import write_page
from quantize.show.reporting import build_report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from quantize.records.report import Report
    from quantize.show.page_shell import Page


def render_page(quantized: Quantized) -> Page:
    """Render a result as a page to look at: one HTML file that needs nothing else.

    Parameters
    ----------
    quantized : Quantized

    Returns
    -------
    Page
        A str, to be written as UTF-8; in a notebook it shows itself.
    """
    encoded = encode_picture(quantized)
    job = Job(quantized.picture.source.name, Outputs(None))
    timing = {**quantized.timing, "total": sum(quantized.timing.values())}
    return present(quantized, build_report(quantized, encoded, None, job, timing), encoded.data)


def present(quantized: Quantized, report: Report, data: bytes) -> Page:
    """Render the page of a result whose report is made and which is encoded already.

    Parameters
    ----------
    quantized : Quantized
    report : Report
        What it measured is measured in full for the page.
    data : bytes
        The result as it is written.
    """
    loss = report["error"]
    if loss is None or loss["regions"] is None:
        report = {**report, "error": measure_everything(quantized)}
    return write_page(quantized, report, map_ciede2000(quantized), encoded=data, steps=watch_search(quantized))


def watch_search(quantized: Quantized) -> list[Step]:
    """Repeat the search for a palette and write down its steps: the same settings take the same way.

    That keeps the search itself free of any cost of being watched.

    Returns
    -------
    list of Step
        Their centers as 8-bit sRGB, with alpha where something is translucent. None at all where nothing was
        searched for, or for more than 256 colors: nobody could follow them.
    """
    steps: list[Step] = []
    settings, palette = quantized.settings, quantized.palette
    if palette.fit is None or palette.origin != "found" or len(palette) > MAX_INDEXED:
        return steps

    def record(stage: str, centers: NDArray[Any], error: float) -> None:
        steps.append(Step(stage, to_colors(centers, settings.space), error))

    n_colors = len(palette) if settings.target else settings.n_colors
    find_palette(quantized.histogram, replace(settings, n_colors=n_colors, target=None), record)
    return steps
