"""Mutated real files of all formats: ``python -m tests.fuzz [MUTATIONS]``, by `make fuzz`.

Every file goes through the command's own path in a worker process whose memory and time are watched. Prints counts, and
ends with 1 if there was a fault, a hang, too much memory, a word on standard error, or a file left behind.
"""

import os
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from quantize import Settings
from quantize.files.planning import plan_jobs
from quantize.pipeline.batch import Outcome, run_jobs
from quantize.records.settings import DITHERS
from tests.hostile import KINDS, MUTATIONS, make_file

DEFAULT = 10_000
BLOCK = 50
SECONDS = 10.0
MAX_PIXELS = 4_000_000
MEGABYTES = 130 + 14 * MAX_PIXELS / 1e6
"""The engine's bound on memory, at the most pixels that a file may have here."""


def run_block(seed: int) -> tuple[Counter, list[str], float, float]:
    """Convert a block of mutations; return counts, complaints, the longest seconds and the megabytes."""
    counts: Counter = Counter()
    complaints: list[str] = []
    longest = 0.0
    kinds = list(KINDS)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        os.chdir(folder)
        os.dup2(said.fileno(), 2)
        for number in range(seed * BLOCK, (seed + 1) * BLOCK):
            rng = random.Random(number)
            kind, mutate, form = kinds[number % len(kinds)], rng.choice(MUTATIONS), rng.choice((None, "gif", "webp"))
            path = Path(f"{number}.{kind.lower()}")
            path.write_bytes(mutate(make_file(kind), rng))
            settings = Settings(
                max_pixels=MAX_PIXELS,
                effort="fast",
                dither=rng.choice(DITHERS),
                keep_metadata=bool(number % 3),
                optimize=not number % 7,
            )
            start = time.monotonic()
            (job,) = plan_jobs([path.name], fields={"k": "16"}, format=form)
            (outcome,) = run_jobs([job._replace(report="basic" if rng.randrange(5) else "full")], settings)
            taken = time.monotonic() - start
            longest = max(longest, taken)
            what = "skipped" if outcome.skipped else "written" if outcome.report else "refused"
            counts[what] += 1
            complaints += complain(number, kind, mutate.__name__, outcome, taken, folder)
            for left in Path(folder).iterdir():
                left.unlink()
        os.chdir("/")
        said.seek(0)
        if words := said.read(300):
            complaints.append(f"block {seed}: words on standard error: {words!r}")
    return counts, complaints, longest, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def complain(number: int, kind: str, mutation: str, outcome: Outcome, taken: float, folder: str) -> list[str]:
    what = f"{number} ({kind}, {mutation})"
    complaints = []
    if outcome.failure and ("fault in quantize" in outcome.failure or "\n" in outcome.failure):
        complaints.append(f"{what}: {outcome.failure}")
    if taken > SECONDS:
        complaints.append(f"{what}: took {taken:.0f} s")
    expected = {outcome.job.source} | ({path.name for path in outcome.job.outputs.paths} if outcome.report else set())
    if (left := {path.name for path in Path(folder).iterdir()}) != expected:
        complaints.append(f"{what}: left {sorted(left ^ expected)}")
    return complaints


def main() -> int:
    n_blocks = -(-int(sys.argv[1] if len(sys.argv) > 1 else DEFAULT) // BLOCK)
    counts: Counter = Counter()
    complaints: list[str] = []
    longest = most = 0.0
    start = time.monotonic()
    with ProcessPoolExecutor() as pool:
        blocks = [pool.submit(run_block, seed) for seed in range(n_blocks)]
        for seed, block in enumerate(blocks):
            try:
                block_counts, block_complaints, seconds, megabytes = block.result()
            except BrokenProcessPool:  # a decoder that crashes, or eats all memory, takes its process along
                complaints.append(f"a process died in block {seed} or near it")
                break
            counts += block_counts
            complaints += block_complaints
            longest, most = max(longest, seconds), max(most, megabytes)
    if most > MEGABYTES:
        complaints.append(f"memory: {most:.0f} MB, more than {MEGABYTES:.0f}")
    total = sum(counts.values())
    print(
        f"{total:,} mutations of {len(KINDS)} kinds of files in {time.monotonic() - start:.0f} s: "
        + ", ".join(f"{n:,} {what}" for what, n in counts.most_common())
    )
    print(f"longest {longest:.1f} s (limit {SECONDS:.0f}), most memory {most:.0f} MB (limit {MEGABYTES:.0f})")
    print(f"{len(complaints)} complaints")
    print("\n".join(complaints[:40]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
