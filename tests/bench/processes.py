"""Whole processes, timed in turn: what a person waits for."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

QUANTIZE = str(Path(sys.executable).with_name("quantize"))


class Cost(NamedTuple):
    """Wall seconds, and the largest resident set in bytes (of one process, not of its children)."""

    seconds: float
    peak: float


def measure(command: list[str]) -> Cost:
    """Run a command once.

    Raises
    ------
    RuntimeError
        It failed.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Cost(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def race(ours: list[str], theirs: list[str], rounds: int = 3) -> list[float]:
    """Ratios of our time over theirs, run in turn after a warm-up of each."""
    measure(ours), measure(theirs)
    return [measure(ours).seconds / measure(theirs).seconds for _ in range(rounds)]


def spread(ratios: list[float]) -> tuple[float, float, float]:
    """Give the median, the least and the most."""
    return statistics.median(ratios), min(ratios), max(ratios)
