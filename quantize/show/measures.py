"""The measures of a picture as a person reads them: one name and one way of writing each, wherever it is told."""

from __future__ import annotations

from typing import NamedTuple

from quantize.records.report import Report, SearchFacts
from quantize.show.figures import format_bytes

PSNR, SSIM, CIEDE2000 = "PSNR", "SSIM", "color difference (CIEDE2000)"
BLURRED_PSNR, BLURRED_CIEDE2000 = "PSNR after the eye's blur", "color difference after the eye's blur"


class Measure(NamedTuple):
    """How a measure is written, and whether the larger value is the worse."""

    text: str
    larger_is_worse: bool = False

    def write(self, value: float) -> str:
        """Write a value with its unit."""
        return self.text.format(value)


MEASURES = {
    PSNR: Measure("{:.2f} dB"),
    BLURRED_PSNR: Measure("{:.2f} dB"),
    SSIM: Measure("{:.4f}"),
    CIEDE2000: Measure("{:.2f}", larger_is_worse=True),
    BLURRED_CIEDE2000: Measure("{:.2f}", larger_is_worse=True),
}
"""To so many digits that a target which was just missed does not read as reached."""

_TARGETS = {"psnr": PSNR, "ssim": SSIM, "delta-e": CIEDE2000}
"""The measures that a target may ask for, by the names in a report; "size" is no measure of the picture."""


def list_errors(report: Report) -> dict[str, float]:
    """List what is known of a picture's errors, by the names of `MEASURES`."""
    error, search = report["error"], report["search"]
    found: dict[str, float | None] = {}
    if error:
        found = {PSNR: error["psnr"], SSIM: error["ssim"], CIEDE2000: error["ciede2000"]["mean"]}
        if blurred := error["blurred"]:
            found[BLURRED_PSNR] = blurred["psnr"]
            found[BLURRED_CIEDE2000] = blurred["ciede2000"] and blurred["ciede2000"]["mean"]
    if search and search["measure"] in _TARGETS:
        found[_TARGETS[search["measure"]]] = search["value"]
    return {name: value for name in MEASURES if (value := found.get(name)) is not None}


def name_target(report: Report) -> str | None:
    """Name the measure that a target asked for, among `MEASURES`."""
    return _TARGETS.get(report["search"]["measure"]) if report["search"] else None


def judge_target(search: SearchFacts) -> str:
    """Tell what was reached, and what a target asked for."""
    name = _TARGETS.get(search["measure"], search["measure"])
    write = MEASURES[name].write if name in MEASURES else format_bytes
    value = "without error" if search["value"] is None else write(search["value"])
    wanted = write(search["target"])
    return f"{name} {value}, {wanted} wanted" if search["reached"] else f"{name} {value} is the nearest to {wanted}"
