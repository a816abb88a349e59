"""Whole-process time, all three outputs, against pngquant in turn."""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from tests.bench.photos import find_photos, print_table

# effort, number of colors, pngquant's speed (3 is its default)
RACES = [
    ("balanced", 16, 3),
    ("balanced", 64, 3),
    ("balanced", 256, 3),
    ("balanced", 256, 1),
    ("fast", 256, 3),
    ("fast", 256, 10),
]
ROUNDS = 3
MOST_PHOTOS = 8


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def race(ours: list[str], theirs: list[str]) -> list[float]:
    """Ratios of our time over theirs, run in turn after a warm-up of each."""
    seconds(ours), seconds(theirs)
    return [seconds(ours) / seconds(theirs) for _ in range(ROUNDS)]


def run(folder: Path) -> dict[str, object]:
    if not shutil.which("pngquant"):
        print("\nSpeed: skipped, pngquant is not installed.")
        return {"skipped": "pngquant is not installed"}
    figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        for size, large in (("up to 1 megapixel", False), ("larger", True)):
            photos = [_as_png(photo, Path(scratch)) for photo in find_photos(folder, large=large)[:MOST_PHOTOS]]
            if not photos:
                continue
            rows = []
            for effort, k, speed in RACES:
                ratios = [ratio for photo in photos for ratio in _race_on(photo, Path(scratch), effort, k, speed)]
                middle = statistics.median(ratios)
                rows.append([effort, k, speed, middle, min(ratios), max(ratios)])
                figures[f"{size}, {effort}, k={k}, pngquant --speed {speed}"] = middle
            title = f"time over pngquant's, {len(photos)} photographs, {size}"
            print_table([title, "k", "pngquant --speed", "median", "least", "most"], rows)
    return figures


def _race_on(photo: Path, scratch: Path, effort: str, k: int, speed: int) -> list[float]:
    command = str(Path(sys.executable).with_name("quantize"))
    ours = [command, str(photo), "-k", str(k), "--effort", effort, "-d", str(scratch / "ours"), "-q"]
    theirs = [
        "pngquant",
        "--nofs",
        "--force",
        "--speed",
        str(speed),
        "-o",
        str(scratch / "theirs.png"),
        str(k),
        str(photo),
    ]
    return race(ours, theirs)


def _as_png(photo: Path, scratch: Path) -> Path:
    """The same PNG for both: pngquant reads nothing else."""
    path = scratch / f"{photo.stem}.png"
    Image.open(photo).convert("RGB").save(path)
    return path
