"""What a palette should reach, and how people write it."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from quantize.errors import UsageError

TARGETS = ("psnr", "ssim", "delta-e", "size")

_UNITS = {"": 1, "b": 1, "k": 1e3, "kb": 1e3, "kib": 2**10, "m": 1e6, "mb": 1e6, "mib": 2**20}


class Target(NamedTuple):
    """What a palette should reach with the fewest colors; or for "size", the bytes to stay within with the most.

    `measure` is one of `TARGETS`. `value` is in dB for psnr, up to 1 for ssim, the mean CIEDE2000 for delta-e.
    """

    measure: str
    value: float

    def __str__(self) -> str:
        return f"{self.measure}={self.value:g}"


def parse_target(text: str) -> Target:
    """Read a measure and its value, parted by an equals sign; bytes with or without a unit.

    Raises
    ------
    UsageError
        There is no such measure, or its value is no number or out of range.
    """
    measure, _, value = text.strip().lower().partition("=")
    number = re.fullmatch(r"(\d+\.?\d*|\.\d+)\s*([a-z]*)", value.strip())
    unit = _UNITS.get(number[2]) if number and (measure == "size" or not number[2]) else None
    if measure not in TARGETS or number is None or unit is None:
        raise UsageError(f"--target {text!r}: should be like psnr=34, ssim=0.95, delta-e=2 or size=40KB")
    amount = float(number[1]) * unit
    if not 0 < amount < (1 if measure == "ssim" else math.inf):
        raise UsageError(f"--target {text!r}: should be above 0{', and below 1' if measure == 'ssim' else ''}")
    return Target(measure, amount)
