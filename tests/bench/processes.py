"""Whole processes, timed in turn: what a person waits for."""

import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

QUANTIZE = str(Path(sys.executable).with_name("quantize"))


# From a small process: what is launched from a large one begins with its memory, and that counts.
_LAUNCH = """
import os, sys, time
null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=null)
_, status, usage = os.wait4(child, 0)
cpu = usage.ru_utime + usage.ru_stime
print(time.perf_counter() - start, usage.ru_maxrss, os.waitstatus_to_exitcode(status), cpu)
"""


class Cost(NamedTuple):
    """Wall seconds, the largest resident set in bytes (of one process, not of its children), and CPU seconds of all."""

    seconds: float
    peak: float
    cpu: float


def measure(command: list[str]) -> Cost:
    """Run a command once.

    Raises
    ------
    RuntimeError
        It failed.
    """
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCH, *command]
    seconds, peak, code, cpu = subprocess.run(launcher, capture_output=True, text=True, check=True).stdout.split()
    if code != "0":
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    return Cost(float(seconds), int(peak) * (1 if sys.platform == "darwin" else 1024), float(cpu))


def race(ours: list[str], theirs: list[str], rounds: int = 3) -> list[float]:
    """Ratios of our time over theirs, run in turn after a warm-up of each."""
    measure(ours), measure(theirs)
    return [measure(ours).seconds / measure(theirs).seconds for _ in range(rounds)]


def spread(ratios: list[float]) -> tuple[float, float, float]:
    """Give the median, the least and the most."""
    return statistics.median(ratios), min(ratios), max(ratios)
