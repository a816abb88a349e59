"""What --verbose tells of a picture: how it was done, in figures for who wants to know."""

from __future__ import annotations

from collections.abc import Iterator

from quantize.records.report import Report


def describe_details(report: Report) -> Iterator[str]:
    """Tell the passes of the search, the error as it is computed, where the bytes are, and the time of each stage."""
    if engine := report["engine"]:
        inertia = "" if engine["inertia"] is None else f", inertia {engine['inertia']:.6g}"
        yield f"engine: {engine['passes']} passes, {engine['batches']} batches{inertia}"
    if error := report["error"]:
        yield f"error: MSE {error['mse']:.3f}, RMSE {error['rmse']:.3f}"
    size = report["size"]
    parts = (f"{name} {n_bytes:,}" for name, n_bytes in size["parts"].items() if n_bytes is not None)
    yield "bytes: " + ", ".join(parts)
    packed, entropy = size["packed_label_bits_per_pixel"], size["label_entropy_bits_per_pixel"]
    yield f"labels: {packed:.2f} bits per pixel as packed, {entropy:.2f} by their entropy"
    yield "time: " + ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in (report["timing"] or {}).items())
