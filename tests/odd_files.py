"""A heap of odd files crossed with numbers of colors, dithers and formats: ``python -m tests.odd_files [RUNS]``.

By `make odd-files`. Every result is read by Pillow and held against what its file shows: size, frames and durations;
clear stays clear and opaque opaque; at most k colors; undithered, an error no larger than that of Pillow's own
quantizers. Prints what is wrong, and ends with 1 if anything is.
"""

import io
import os
import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image, ImageSequence

from quantize import Settings
from quantize.files.planning import plan_jobs
from quantize.pipeline.batch import run_jobs
from quantize.records.settings import DITHERS, FORMATS
from tests.odd_depths import make_depths, make_icons
from tests.odd_pictures import Odd, Pixels, list_made

DEFAULT = 5_000
BLOCK = 250
COLORS = (2, 16, 256)

MOST_OVER = 1.02
"""Error over Pillow's: its own rounding, and that one color may be kept exactly."""

_PAPER = 1.25
"""The same for drawings, two fifths of which are exact colors: those are kept, and that may cost as much."""


@cache
def list_odd() -> tuple[list[Odd], list[Odd], list[Odd]]:
    """List what moves, what is not in bytes of sRGB, and all else."""
    moving = [odd for odd in list_made() if odd.durations]
    return moving, [*make_depths(), *make_icons()], [odd for odd in list_made() if not odd.durations]


def run_block(seed: int, n_runs: int) -> tuple[Counter[str], list[str]]:
    """Draw runs from the cross of everything, and check each."""
    rng, (moving, rare, others) = random.Random(seed), list_odd()
    cross = list(product(COLORS, DITHERS, (*FORMATS, None)))
    counts: Counter[str] = Counter()
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for number in range(n_runs):
            odd = rng.choice((moving, others, rare, others)[number % 4])
            k, dither, form = rng.choice(cross)
            Path("odd").write_bytes(odd.data)
            fields = {"k": str(k)}
            (job,) = plan_jobs(["odd"], fields=fields, format=form, swatch=False, report=False, force=True)
            settings = Settings(n_colors=k, dither=dither, optimize=number % 5 == 0)
            (outcome,) = run_jobs([job], settings)
            what = f"{odd.name}, -k {k} --dither {dither} --format {form}"
            if outcome.failure:
                counts["refused"] += 1
                complaints.append(f"{what}: {outcome.failure}")
            elif job.outputs.picture:
                counts["written"] += 1
                # A name that promises PNG may hold an animation's own format, where none is asked for.
                (written,) = [path for path in Path().iterdir() if path.name != "odd"]
                complaints += [f"{what}: {wrong}" for wrong in check(odd, written.read_bytes(), k, dither)]
                written.unlink()
        os.chdir("/")
    return counts, complaints


def check(odd: Odd, data: bytes, k: int, dither: str) -> list[str]:
    """Say what is wrong with a result."""
    with Image.open(io.BytesIO(data)) as image:
        is_gif = image.format == "GIF"
        frames, durations = [], []
        for frame in ImageSequence.Iterator(image):
            frame.load()
            durations.append(frame.info.get("duration", 0))
            frames.append(np.asarray(frame.convert("RGBA")))
    wrong = [] if frames[0].shape[1::-1] == odd.size else [f"{frames[0].shape[1::-1]} instead of {odd.size}"]
    n_colors = len(np.unique(np.vstack([_see(frame).reshape(-1, 4) for frame in frames]), axis=0))
    if n_colors > k:
        wrong.append(f"{n_colors} colors")
    if odd.durations and sum(durations) != sum(odd.durations):
        wrong.append(f"shown for {sum(durations)} ms instead of {sum(odd.durations)}")
    if odd.frames is None or wrong:
        return wrong
    if len(frames) != len(odd.frames):
        return [f"{len(frames)} frames instead of {len(odd.frames)}"]
    before, after = np.vstack([_harden(f) if is_gif else f for f in odd.frames]), np.vstack(frames)
    # Of a logo in two colors, of which what is clear takes one, the white or the black is cut out.
    is_stencil = k == 2 and bool(((before[..., 3] == 255) & (after[..., 3] == 0)).any())
    for name, alpha in (("clear", 0), ("opaque", 255))[: 1 if is_stencil else 2]:
        if n_lost := np.count_nonzero((before[..., 3] == alpha) & (after[..., 3] != alpha)):
            wrong.append(f"{n_lost} {name} pixels are no longer {name}")
    if dither == "none" and not is_stencil:
        error, other = measure(before, after), measure(before, _quantize_by_pillow(before, k))
        _, counts = np.unique(_see(before).reshape(-1, 4), axis=0, return_counts=True)
        exact = counts[counts >= 0.01 * counts.sum()]
        over = _PAPER if exact.sum() >= 0.4 * counts.sum() else MOST_OVER
        if error > over * other + 0.5:
            wrong.append(f"error {error:.1f} where Pillow's is {other:.1f}")
    return wrong


def measure(before: Pixels, after: Pixels) -> float:
    """Squared error, summed over the channels, in the mean of those on black and on white."""
    total = 0.0
    for ground in (0, 255):
        laid = [p[..., :3] * (p[..., 3:] / 255) + ground * (1 - p[..., 3:] / 255) for p in (before, after)]
        total += float(np.square(laid[0] - laid[1]).sum(axis=-1).mean())
    return total / 2


def _quantize_by_pillow(pixels: Pixels, k: int) -> Pixels:
    """Quantize what is not clear by Pillow, and keep this program's promises: clear is clear, and opaque opaque."""
    clear = pixels[..., 3] == 0
    row = np.ascontiguousarray(pixels[~clear])[np.newaxis]
    result = np.zeros_like(pixels)
    if not row.size:
        return result
    opaque = row[0, :, 3] == 255
    mode, method = ("RGB", Image.Quantize.MEDIANCUT) if opaque.all() else ("RGBA", Image.Quantize.FASTOCTREE)
    image = Image.fromarray(np.ascontiguousarray(row[..., : len(mode)]))
    found = image.quantize(max(1, k - int(clear.any())), method, dither=Image.Dither.NONE)
    labels, colors = np.asarray(found)[0], np.array(found.getpalette("RGBA"), np.uint8).reshape(-1, 4)
    colors[np.unique(labels[opaque]), 3] = 255
    result[~clear] = colors[labels]
    return result


def _harden(pixels: Pixels) -> Pixels:
    hard = pixels.copy()
    hard[..., 3] = np.where(pixels[..., 3] >= 128, 255, 0)
    return hard


def _see(pixels: Pixels) -> Pixels:
    """All that is clear is one color."""
    return np.where(pixels[..., 3:] > 0, pixels, np.uint8(0))


def main() -> int:
    n_runs = int(sys.argv[1] if len(sys.argv) > 1 else DEFAULT)
    start = time.monotonic()
    counts: Counter[str] = Counter()
    complaints: list[str] = []
    with ProcessPoolExecutor() as pool:
        sizes = [min(BLOCK, n_runs - done) for done in range(0, n_runs, BLOCK)]
        for block_counts, block_complaints in pool.map(run_block, range(len(sizes)), sizes):
            counts += block_counts
            complaints += block_complaints
    print(
        f"{sum(map(len, list_odd())):,} odd files, {n_runs:,} runs in {time.monotonic() - start:.0f} s: {dict(counts)}"
    )
    print(f"{len(complaints)} complaints")
    print("\n".join(complaints[:60]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
