"""Whole-process time of a search for a number of colors, over the time with that number."""

import json
import tempfile
from pathlib import Path

from tests.bench.photos import find_photos, print_table
from tests.bench.processes import QUANTIZE, measure, race, spread

TARGETS = ("psnr=32", "delta-e=3", "ssim=0.9", "size=60KB")
MOST_PHOTOS = 6
ROUNDS = 3


def run(folder: Path) -> dict[str, object]:
    figures: dict[str, object] = {}
    rows: list[list[object]] = []
    for target in TARGETS:
        ratios = []
        for photo in find_photos(folder)[:MOST_PHOTOS]:
            with tempfile.TemporaryDirectory() as scratch:
                command = [QUANTIZE, str(photo), "-q", "-d", scratch]
                measure([*command, "--target", target])
                report = json.loads((Path(scratch) / f"{photo.stem}-auto-report.json").read_text())
                n_colors = str(len(report["palette"]))
                ratios += race([*command, "--target", target], [*command, "-k", n_colors], ROUNDS)
        figures[target] = spread(ratios)
        rows.append([target, *spread(ratios)])
    print_table(["target, over -k with what it found", "median", "least", "most"], rows)
    return figures
