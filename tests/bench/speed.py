"""Whole-process time with all three outputs, against pngquant in turn; alone, over a folder, and the start."""

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.bench.photos import find_photos, print_table
from tests.bench.processes import QUANTIZE, race, spread

# effort, number of colors, pngquant's speed (4 is its default)
RACES = [
    ("balanced", 16, 4),
    ("balanced", 64, 4),
    ("balanced", 256, 4),
    ("balanced", 256, 1),
    ("fast", 256, 4),
    ("fast", 256, 10),
]
MOST_PHOTOS = 4
ROUNDS = 3

_DECODE_AND_ENCODE = """
import io, sys
from PIL import Image
labels = Image.open(sys.argv[2])
labels.load()
Image.open(sys.argv[1]).convert("RGB")
labels.save(io.BytesIO(), "PNG")
"""


def run(folder: Path) -> dict[str, object]:
    figures: dict[str, object] = {"quantize --help over import click": _race_help()}
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        sizes = {
            size: [_as_png(photo, scratch) for photo in find_photos(folder, large=large)[:MOST_PHOTOS]]
            for size, large in (("up to 1 megapixel", False), ("larger", True))
        }
        if shutil.which("pngquant"):
            for size, photos in sizes.items():
                figures[f"over pngquant, {size}"] = _race_pngquant(photos, scratch, size) if photos else {}
            figures["folder"] = _race_folder(sizes["up to 1 megapixel"], scratch)
        else:
            print("\nAgainst pngquant: skipped, it is not installed.")
        figures["over decoding and encoding"] = _race_files(sizes["larger"], scratch)
    return figures


def _race_help() -> float:
    ratio = spread(race([QUANTIZE, "--help"], [sys.executable, "-c", "import click"], 9))
    print_table(["start", "median", "least", "most"], [["quantize --help over python -c 'import click'", *ratio]])
    return ratio[0]


def _race_pngquant(photos: list[Path], scratch: Path, size: str) -> dict[str, float]:
    rows, figures = [], {}
    for effort, k, speed in RACES:
        ratios = [
            ratio
            for photo in photos
            for ratio in race(_ours([photo], scratch, k, effort), _theirs(photo, scratch, k, speed), ROUNDS)
        ]
        rows.append([effort, k, f"--speed {speed}", *spread(ratios)])
        figures[f"{effort}, k={k}, --speed {speed}"] = rows[-1][3]
    print_table(
        [f"time over pngquant's, {len(photos)} photographs, {size}", "k", "pngquant", "median", "least", "most"], rows
    )
    return figures


def _race_folder(photos: list[Path], scratch: Path) -> dict[str, float]:
    """24 pictures on all cores, over the same one after the other, and over pngquant's."""
    copies = [Path(shutil.copy(photos[i % len(photos)], scratch / f"copy{i}.png")) for i in range(24)]
    rows, figures = [], {}
    for k in (16, 256):
        ours = _ours(copies, scratch, k, "balanced")
        theirs = ["pngquant", "--nofs", "--force", "--ext", "-pq.png", str(k), *map(str, copies)]
        for name, other in (("one after the other", [*ours, "-j", "1"]), ("pngquant --nofs", theirs)):
            rows.append([k, name, *spread(race(ours, other, ROUNDS))])
            figures[f"k={k} over {name}"] = rows[-1][2]
    print_table(["24 pictures in one command, k", "over", "median", "least", "most"], rows)
    return figures


def _race_files(photos: list[Path], scratch: Path) -> dict[str, float]:
    """Large pictures, over Python's start, decoding and encoding by themselves."""
    rows, figures = [], {}
    for k in (16, 256) if photos else ():
        ratios = []
        for photo in photos:
            ours = _ours([photo], scratch, k, "balanced")
            race(ours, ours, 1)  # so that the labels are there to encode
            result = str(scratch / "ours" / f"{photo.stem}-k{k}.png")
            ratios += race(ours, [sys.executable, "-c", _DECODE_AND_ENCODE, str(photo), result], ROUNDS)
        rows.append([k, *spread(ratios)])
        figures[f"k={k}"] = rows[-1][1]
    if rows:
        print_table(["time over decoding and encoding alone, larger pictures, k", "median", "least", "most"], rows)
    return figures


def _ours(photos: list[Path], scratch: Path, k: int, effort: str) -> list[str]:
    return [QUANTIZE, *map(str, photos), "-k", str(k), "--effort", effort, "-d", str(scratch / "ours"), "-q"]


def _theirs(photo: Path, scratch: Path, k: int, speed: int) -> list[str]:
    target = str(scratch / "theirs.png")
    return ["pngquant", "--nofs", "--force", "--speed", str(speed), "-o", target, str(k), str(photo)]


def _as_png(photo: Path, scratch: Path) -> Path:
    """Make the same PNG for both: pngquant reads nothing else."""
    path = scratch / f"{photo.stem}.png"
    Image.open(photo).convert("RGB").save(path)
    return path
