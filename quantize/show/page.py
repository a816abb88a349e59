"""A page to look at: before and after, where each color is, what was lost, and how the palette was found.

Its size is promised. What the pictures and texts leave of it goes to the engine's steps and the error map.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantize.kmeans import KMeans
from quantize.records.quantized import Quantized
from quantize.records.report import LossFacts, Report
from quantize.records.step import Step
from quantize.show.page_figures import write_figures, write_lost, write_scale, write_summary, write_ticks
from quantize.show.page_pictures import (
    LONGEST,
    Preview,
    as_frames,
    encode_after,
    encode_before,
    encode_errors,
    encode_steps,
    make_preview,
    to_uri,
)
from quantize.show.page_shell import Page, fill_page, shorten

_LIMIT, _BESIDE = 1.4, 60_000
"""A page has at most so many times the bytes of both pictures, and so many beside: what it promises."""

_SHOWN = (b"\x89PNG", b"GIF8", b"RIFF")
"""How the files start that browsers show to the pixel: PNG, GIF and lossless WebP."""

_SAVED = 500
"""Bytes of that which the last texts may take that are written when the error map is."""

_STEPS_SHARE = 0.4
"""Of the room that is left: for the engine's steps. The error map gets the rest."""

_PERCENTILE = 99.5
"""Of the errors: where the map's scale ends, so that a few pixels do not darken the rest."""

_LEAST_SCALE = 5.0
"""CIEDE2000 that the error map's scale reaches at least: from there on two colors look like different ones."""

_MOST_CODES = 256

_MOST_POINTS = 2000
"""Points of a cloud of one's own that are shown: more lie on each other."""


def write_page(
    quantized: Quantized,
    report: Report,
    errors: NDArray[Any],
    *,
    encoded: bytes = b"",
    steps: Sequence[Step] = (),
) -> Page:
    """Write the page of a picture.

    Parameters
    ----------
    quantized : Quantized
    report : Report
        With its error measured in full, so that there are places to show.
    errors : ndarray, in the shape of the labels
        CIEDE2000 of each pixel.
    encoded : bytes
        The result as it is written, which the page shows as it is if that is a still picture of no more than 1600
        pixels a side. By default the page has a PNG of its own.
    steps : sequence of Step
        How the palette was found, its centers as 8-bit sRGB; none where nothing was searched for.

    Returns
    -------
    Page
        At most 1.4 times the bytes of both pictures and 60 kB.
    """
    loss = report["error"]
    regions = loss["regions"] or [] if loss else []
    preview = make_preview(quantized.picture.size, regions[0]["box"]["frame"] if regions else 0)
    before, quality = encode_before(quantized, preview)
    usable = preview.scale == 1 and quantized.picture.n_frames == 1 and encoded[:4] in _SHOWN
    after = encoded if usable else encode_after(quantized, preview)
    most = max(_LEAST_SCALE, float(np.percentile(errors, _PERCENTILE)))
    texts = {
        "title": html.escape(shorten(report["input"]["name"])),
        "summary": write_summary(report),
        "before": to_uri(before),
        "after": to_uri(after),
        "ticks": write_ticks(most),
        "scale": "",
        "preview": html.escape(" ".join(_tell_preview(quantized, preview, quality))),
        "codes": html.escape(" ".join(entry["hex"] for entry in report["palette"][:_MOST_CODES])),
        "lost": write_lost(loss),
        "figures": write_figures(report),
        "steps": "",
    }
    facts: dict[str, Any] = {"palette": _list_palette(report), "places": _list_places(loss, preview)}
    sections = {"look", "palette", "lost", "figures", "steps", "play"}
    source = quantized.picture.source.n_bytes
    limit = _LIMIT * ((len(before) if source is None else source) + report["size"]["bytes_after"]) + _BESIDE
    room = (limit - len(fill_page("page.html", texts, facts, sections).encode()) - _SAVED) * 3 / 4  # before base64
    rows, kept = encode_steps(steps, int(room * _STEPS_SHARE)) if steps else (b"", [])
    if kept:
        facts["steps"] = _list_steps([steps[i] for i in kept]) | {"centers": to_uri(rows)}
        texts["steps"] = html.escape(_tell_steps(len(kept), len(steps)))
    else:
        sections.remove("steps")
    data, cell = encode_errors(as_frames(errors, quantized)[preview.frame], most, int(room) - len(rows))
    if data:
        facts["errors"] = to_uri(data)
        texts["scale"] = write_scale(cell)
    return fill_page("page.html", texts, facts, sections)


def _list_palette(report: Report) -> list[list[Any]]:
    return [
        [entry["hex"][1:], round(entry["share"], 5), *([shorten(entry["name"])] if entry["name"] else [])]
        for entry in report["palette"]
    ]


def _list_places(loss: LossFacts | None, preview: Preview) -> list[dict[str, Any]]:
    """List where the buttons of `write_lost` lead, in their order."""
    if loss is None:
        return []
    lost = [{"hex": color["hex"][1:], "box": preview.place(color["spot"])} for color in loss["lost"]["colors"]]
    return lost + [{"box": preview.place(region["box"])} for region in loss["regions"] or []]


def render_steps(points: ArrayLike, estimator: Any) -> Page:
    """Write a page on which an estimator finds its centers among points, step by step.

    In a notebook the last line ``render_steps(points, MiniBatchKMeans(4))`` shows it.

    Parameters
    ----------
    points : array of shape (n, 2)
    estimator : MiniBatchKMeans or KMeans
        Its `fit` is called with these points, and a callback.

    Raises
    ------
    ValueError
        The points have no two coordinates, or the estimator refuses them.
    """
    cloud = np.asarray(points, np.float64)
    if cloud.ndim != 2 or cloud.shape[1] != 2:
        raise ValueError(f"points must have the shape (n, 2), not {cloud.shape}: the page draws two coordinates")
    steps: list[Step] = []

    def record(stage: str, centers: NDArray[Any], error: float) -> None:
        steps.append(Step(stage, centers, error))

    if isinstance(estimator, KMeans):
        for step in estimator.fit(cloud).trace_:
            record(step.name, step.centers, step.inertia / len(cloud))
    else:
        estimator.fit(cloud, callback=record)
    shown = cloud[:: -(-len(cloud) // _MOST_POINTS)]
    facts = {
        "points": _round(shown),
        "steps": _list_steps(steps) | {"centers": [_round(step.centers) for step in steps]},
    }
    name, note = (
        html.escape(type(estimator).__name__),
        f", of which {len(shown):,} are drawn" if len(shown) < len(cloud) else "",
    )
    texts = {
        "title": f"{name}, step by step",
        "summary": f"{len(steps[-1].centers)} centers among {len(cloud):,} points{note}.",
        "steps": html.escape(_tell_steps(len(steps), len(steps))),
    }
    return fill_page("page.html", texts, facts, {"steps", "play"})


def _list_steps(steps: Sequence[Step]) -> dict[str, Any]:
    return {"stages": [step.stage for step in steps], "errors": [float(f"{step.error:.5g}") for step in steps]}


def _round(points: NDArray[Any]) -> list[list[float]]:
    return [[float(f"{value:.5g}") for value in point] for point in points.tolist()]


def _tell_steps(n_kept: int, n_steps: int) -> str:
    some = "" if n_kept == n_steps else f" Of its {n_steps} steps, {n_kept} are shown."
    return f"The centers as the engine moved them, with a line from where each was the step before.{some}"


def _tell_preview(quantized: Quantized, preview: Preview, quality: int | None) -> list[str]:
    picture = quantized.picture
    width, height = picture.size
    told = []
    if picture.n_frames > 1:
        told.append(f"Frame {preview.frame + 1} of {picture.n_frames}.")
    if preview.scale > 1:
        told.append(
            f"A preview of {len(preview.columns)} x {len(preview.rows)} pixels, at most {LONGEST} a side, of "
            f"{width:,} x {height:,}: one of each {preview.scale:.2f} x {preview.scale:.2f} pixels, the same in both "
            "pictures, so that no color is blended."
        )
    if quality is not None:
        told.append(
            f"The original is shown as WebP of quality {quality}, no larger than its file: its pixels may be a little "
            "off. The result is exact, and all figures are of the original itself."
        )
    return told
