"""The measures of a picture as a person reads them: one name and one way of writing each, wherever it is told."""

from __future__ import annotations

from typing import NamedTuple

from quantize.records.report import Report, SearchFacts
from quantize.show.figures import format_bytes

PSNR, BLURRED, SSIM = "PSNR", "PSNR after the eye's blur", "SSIM"
CIEDE2000, OKLAB = "color difference (CIEDE2000)", "color difference (Oklab)"


class Measure(NamedTuple):
    """How a measure is written, and whether the larger value is the worse."""

    text: str
    larger_is_worse: bool = False

    def write(self, value: float) -> str:
        """Write a value with its unit."""
        return self.text.format(value)


MEASURES = {
    PSNR: Measure("{:.1f} dB"),
    BLURRED: Measure("{:.1f} dB"),
    SSIM: Measure("{:.3f}"),
    CIEDE2000: Measure("{:.1f}", larger_is_worse=True),
    OKLAB: Measure("{:.1f}", larger_is_worse=True),
}

_TARGETS = {"psnr": PSNR, "ssim": SSIM, "delta-e": CIEDE2000}
"""The measures that a target may ask for, by the names in a report; "size" is no measure of the picture."""


def list_errors(report: Report) -> dict[str, float]:
    """List what is known of a picture's errors, by the names of `MEASURES`: of the color differences, one.

    CIEDE2000 is the standard, and what targets mean; the difference in Oklab stands in where that was not measured.
    """
    error, search = report["error"], report["search"]
    found: dict[str, float | None] = {}
    if error:
        found = {PSNR: error["psnr"], SSIM: error["ssim"]}
        found[BLURRED] = error["blurred_psnr"]
        found[CIEDE2000] = error["ciede2000"]["mean"] if error["ciede2000"] else None
    if search and search["measure"] in _TARGETS:
        found[_TARGETS[search["measure"]]] = search["value"]
    if error and found[CIEDE2000] is None:
        found[OKLAB] = error["oklab"]["mean"]
    return {name: value for name in MEASURES if (value := found.get(name)) is not None}


def name_target(report: Report) -> str | None:
    """Name the measure that a target asked for, among `MEASURES`."""
    return _TARGETS.get(report["search"]["measure"]) if report["search"] else None


def judge_target(search: SearchFacts) -> str:
    """Tell what a target asked for, and what was reached."""
    name = _TARGETS.get(search["measure"], search["measure"])
    write = MEASURES[name].write if name in MEASURES else format_bytes
    value = "no error at all" if search["value"] is None else write(search["value"])
    return f"{name}: {write(search['target'])} wanted, {value} {'reached' if search['reached'] else 'is the nearest'}"
