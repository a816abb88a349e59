"""What the report costs: whole-process time of each level over that of --report none."""

import tempfile
from pathlib import Path

from tests.bench.photos import find_photos, print_table
from tests.bench.processes import QUANTIZE, race, spread

LEVELS = (("basic",), ("full",), ("full", "--plot"))
MOST_PHOTOS = 8
ROUNDS = 5


def run(folder: Path) -> dict[str, float]:
    rows, figures = [], {}
    with tempfile.TemporaryDirectory() as scratch:
        for large in (False, True):
            photos = find_photos(folder, large=large)[:MOST_PHOTOS]
            for k in (16, 256) if photos else ():
                for level in LEVELS[: 1 if large else None]:
                    ratios = [ratio for photo in photos for ratio in _race(photo, k, level, scratch)]
                    size = "larger" if large else "up to 1 megapixel"
                    rows.append([size, k, " ".join(level), *spread(ratios)])
                    figures[f"{size}, k={k}, {' '.join(level)}"] = rows[-1][3]
    print_table(["time over --report none, pictures", "k", "--report", "median", "least", "most"], rows)
    return figures


def _race(photo: Path, k: int, level: tuple[str, ...], scratch: str) -> list[float]:
    plain = [QUANTIZE, str(photo), "-k", str(k), "-q", "-f", "-d", scratch, "--report"]
    return race([*plain, *level], [*plain, "none"], ROUNDS)
