"""What is known of one conversion: built into a `Report`, written as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from quantize import __version__
from quantize.records import (
    MAX_INDEXED,
    REPORT_SCHEMA,
    EngineFacts,
    ErrorFacts,
    Factor,
    InputFacts,
    PaletteEntry,
    Quantized,
    Report,
    Settings,
    SizeFacts,
)

VERSION = 1
"""Of the schema in ``data/report.schema.json``; it grows when a key changes its meaning or goes."""


def build_report(
    quantized: Quantized,
    error: ErrorFacts,
    n_bytes: int,
    outputs: Mapping[str, str],
    timing: Mapping[str, float],
) -> Report:
    """Gather the facts of one conversion.

    Parameters
    ----------
    quantized : Quantized
    error : ErrorFacts
    n_bytes : int
        Size of the encoded picture.
    outputs : mapping of str to str
        File names, by what they are.
    timing : mapping of str to float
        Milliseconds per stage.
    """
    picture, n_colors = quantized.picture, len(quantized.palette)
    width, height = picture.size
    label_bits = _label_bits(n_colors, picture.has_alpha)
    plain_bits = 32 if picture.has_alpha else 24
    facts = InputFacts(
        picture.source.name,
        picture.source.format,
        width,
        height,
        picture.has_alpha,
        picture.source.n_bytes,
        len(quantized.histogram),
    )
    return Report(
        schema=REPORT_SCHEMA,
        version=VERSION,
        software=f"quantize {__version__}",
        input=facts,
        outputs=outputs,
        settings=_public(quantized.settings),
        palette=_entries(quantized),
        error=error,
        size=SizeFacts(facts.bytes, n_bytes, 8 * n_bytes / (width * height), label_bits),
        factors={
            "bytes": _factor("bytes on disk, input file over output file", facts.bytes, n_bytes),
            "bits": _factor("bits per pixel, uncompressed true color over uncompressed labels", plain_bits, label_bits),
            "colors": _factor("number of colors, unique in the input over palette", facts.unique_colors, n_colors),
        },
        engine=_engine(quantized, error),
        notices=picture.source.notices,
        timing={stage: round(milliseconds, 2) for stage, milliseconds in timing.items()},
    )


def to_json(report: Report, *, indent: int | None = 2) -> str:
    """Write a report as JSON; on one line without `indent`."""
    return json.dumps(dataclasses.asdict(report), indent=indent, allow_nan=False, ensure_ascii=False)


def _public(settings: Settings) -> dict[str, Any]:
    values = dataclasses.asdict(settings)
    del values["n_threads"]  # the result does not depend on it
    return values


def _engine(quantized: Quantized, error: ErrorFacts) -> EngineFacts | None:
    fit = quantized.palette.fit
    if fit is None:
        return None
    return EngineFacts(fit.n_iter, fit.n_steps, error.mse * int(quantized.counts.sum()) / 255**2)


def _entries(quantized: Quantized) -> tuple[PaletteEntry, ...]:
    rows = zip(quantized.palette.colors.tolist(), quantized.palette.hex, quantized.counts.tolist(), strict=True)
    total = int(quantized.counts.sum())
    entries = [
        PaletteEntry(index, code, tuple(color[:3]), (*color, 255)[3], count, count / total)
        for index, (color, code, count) in enumerate(rows)
    ]
    return tuple(sorted(entries, key=lambda entry: -entry.count))


def _label_bits(n_colors: int, has_alpha: bool) -> int:
    if n_colors > MAX_INDEXED:
        return 32 if has_alpha else 24
    return next(bits for bits in (1, 2, 4, 8) if n_colors <= 1 << bits)


def _factor(of: str, before: float | None, after: float) -> Factor:
    return Factor(of, before, after, None if before is None else before / after)
