"""What is known of one conversion: built into a `Report`, written as JSON."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from quantize.records.job import Job
from quantize.records.palette import Palette
from quantize.records.quantized import Encoded, Quantized
from quantize.records.settings import Settings
from quantize.version import MARK, REPORT_SCHEMA, REPORT_VERSION

if TYPE_CHECKING:
    from quantize.records.report import (
        EngineFacts,
        Factor,
        LossFacts,
        PaletteEntry,
        PatchFacts,
        Report,
        SharingFacts,
        SizeFacts,
    )

_UNFIT = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What a terminal would obey, or no UTF-8 can hold; json escapes what lies below U+0020. The line separators end a
line of JavaScript."""

_DIGITS = 6
"""Significant digits of a figure: float32, in which colors are compared, has seven."""


def build_report(
    quantized: Quantized,
    encoded: Encoded,
    error: LossFacts | None,
    job: Job,
    timing: Mapping[str, float],
    sharing: SharingFacts | None = None,
) -> Report:
    """Gather the facts of one conversion.

    Parameters
    ----------
    quantized : Quantized
    encoded : Encoded
    error : LossFacts or None
        What was measured.
    job : Job
        Names the outputs, and how much was measured.
    timing : mapping of str to float
        Milliseconds per stage, and in all.
    sharing : SharingFacts, optional
        What one palette for all pictures costs this one.
    """
    picture, n_colors = quantized.picture, len(quantized.palette)
    source, n_unique = picture.source, len(quantized.histogram)
    width, height = picture.size
    size = _size(quantized, encoded)
    plain_bits, label_bits = 32 if picture.has_alpha else 24, size["label_bits_per_pixel"]
    report: Report = {
        "schema": REPORT_SCHEMA,
        "version": REPORT_VERSION,
        "software": MARK,
        "input": {
            "name": source.name,
            "format": source.format,
            "width": width,
            "height": height,
            "frames": picture.n_frames,
            "has_alpha": picture.has_alpha,
            "bytes": source.n_bytes,
            "sha256": source.sha256,
            "unique_colors": n_unique,
        },
        "outputs": job.outputs.names,
        "sha256": {},  # when they are all made
        "request": None,  # where a command asked
        "settings": _public(quantized.settings, job),
        "palette": _entries(quantized),
        "error": error,
        "size": size,
        "factors": {
            "bytes": _factor("bytes on disk, input file over output file", source.n_bytes, size["bytes_after"]),
            "bits": _factor("bits per pixel, uncompressed true color over uncompressed labels", plain_bits, label_bits),
            "colors": _factor("number of colors, unique in the input over palette", n_unique, n_colors),
        },
        "engine": _engine(quantized, error),
        "search": quantized.palette.search,
        "sharing": sharing,
        "patches": _patches(quantized),
        "notices": [*source.notices, *_missed(quantized.palette), *_grown(quantized)],
        "timing": {stage: round(milliseconds, 2) for stage, milliseconds in timing.items()},
    }
    # The rest are ratios of whole numbers, the same everywhere.
    for key in ("error", "engine", "search", "sharing"):
        report[key] = _round_figures(report[key])
    return report


def _round_figures(value: Any) -> Any:
    """Round what was measured to the digits that are meant: those beyond differ between processors."""
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, Mapping):
        return {key: _round_figures(item) for key, item in value.items()}
    return [_round_figures(item) for item in value] if isinstance(value, list) else value


def _patches(quantized: Quantized) -> PatchFacts | None:
    counts = quantized.patches
    return None if counts is None else {"before": counts.before, "after": counts.after}


def _missed(palette: Palette) -> list[str]:
    search = palette.search
    if search is None or search["reached"]:
        return []
    style = ",.0f" if search["measure"] == "size" else ".4g"
    target, value = (format(search[key] or 0, style) for key in ("target", "value"))
    return [f"{search['measure']}={target} is out of reach: it is {value} with {len(palette)} colors"]


def _grown(quantized: Quantized) -> list[str]:
    given, n_colors = quantized.settings.palette, len(quantized.palette)
    if given is None or given.origin != "given" or len(given) == n_colors:
        return []
    return [
        f"the {len(given)} colors of the palette became {n_colors}: transparent pixels take an entry of their own; "
        f"--transparent-index N makes one of the palette's that, -k {len(given)} leaves one out, and "
        "--background COLOR needs none"
    ]


def to_json(report: Report, *, indent: int | None = 2, has_timing: bool = True) -> str:
    """Write a report as JSON, on one line without `indent`, with control characters and surrogates escaped."""
    document = report if has_timing else {**report, "timing": None}
    text = json.dumps(document, indent=indent, allow_nan=False, ensure_ascii=False)
    return _UNFIT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _public(settings: Settings, job: Job) -> dict[str, Any]:
    # Not asdict, which would copy a given palette's arrays.
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    del values["n_threads"]  # the result does not depend on it
    values["keep"] = ["#" + bytes(color).hex() for color in settings.keep]
    values["palette"] = settings.palette.title if settings.palette else None
    values["candidates"] = settings.candidates.title if settings.candidates else None
    values["target"] = str(settings.target) if settings.target else None
    values |= {"report": job.report, "shared": job.sharing, "skip_if_larger": job.skip_if_larger}
    return values


def _size(quantized: Quantized, encoded: Encoded) -> SizeFacts:
    parts = encoded.parts
    n_bytes = (parts["palette"] or 0) + parts["labels"] + parts["container"]
    shares = quantized.shares[quantized.counts > 0]
    entropy = _round_figures(abs(float((shares * np.log2(shares)).sum())))
    packed = 8 * parts["labels"] / quantized.labels.size
    return {
        "bytes_before": quantized.picture.source.n_bytes,
        "bytes_after": n_bytes,
        "encoder": encoded.encoder,
        "parts": parts,
        "file_bits_per_pixel": 8 * n_bytes / quantized.labels.size,
        "label_bits_per_pixel": quantized.palette.bits,
        "label_entropy_bits_per_pixel": entropy,
        "packed_label_bits_per_pixel": packed,
        "entropy_over_packed": entropy / packed if entropy else None,
    }


def _engine(quantized: Quantized, error: LossFacts | None) -> EngineFacts | None:
    fit = quantized.palette.fit
    if fit is None:
        return None
    inertia = error and error["mse"] * int(quantized.counts.sum()) / 255**2
    return {"passes": fit.n_iter, "batches": fit.n_steps, "inertia": inertia}


def _entries(quantized: Quantized) -> list[PaletteEntry]:
    codes, counts = quantized.palette.hex, quantized.counts.tolist()
    names = quantized.palette.names or [None] * len(codes)
    total = sum(counts)
    entries: list[PaletteEntry] = [
        {
            "index": index,
            "hex": codes[index],
            "rgb": tuple(color[:3]),
            "alpha": (*color, 255)[3],
            "name": names[index] or None,
            "count": counts[index],
            "share": counts[index] / total,
        }
        for index, color in enumerate(quantized.palette.colors.tolist())
    ]
    return sorted(entries, key=lambda entry: -entry["count"])


def _factor(of: str, before: float | None, after: float) -> Factor:
    return {"of": of, "before": before, "after": after, "factor": None if before is None else before / after}
