"""Time and memory against pixels and against pictures, with slopes; several workers; bytes that a cluster sends.

``python -m tests.bench FOLDER scale``. MEGAPIXELS=1,10,100 and PICTURES=10,1000 choose other sizes. CPU seconds are of
all processes; on a busy machine they say more than wall time does.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.bench.mosaics import Mosaic
from tests.bench.photos import find_photos, print_table
from tests.bench.processes import QUANTIZE, Cost, measure

SIZES = "1,10,25,100,400"
NUMBERS = "10,100,1000,10000"
LINEAR_FROM = 10
"""Megapixels from which on the slope is fitted."""

SMALL = (96, 64)
"""Pixels of each of many pictures: what is done once for each of them is most of the work."""


def run(folder: Path) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        return {
            "pixels": _grow_pixels(folder, scratch),
            "pictures": _grow_pictures(folder, scratch),
            "workers": _add_workers(folder, scratch),
            "bytes": _count_bytes(folder, scratch),
        }


def _read_sizes(variable: str, default: str) -> list[int]:
    return [int(size) for size in os.environ.get(variable, default).split(",")]


def _grow_pixels(folder: Path, scratch: Path) -> dict[str, object]:
    sizes, costs = _read_sizes("MEGAPIXELS", SIZES), []
    for size in sizes:
        path = scratch / f"{size}.jpg"
        height = round((size * 1e6 / 1.5) ** 0.5)
        Mosaic(folder, (round(size * 1e6 / height), height)).save(path)
        costs.append(measure([QUANTIZE, str(path), "-q", "-f", "-d", str(scratch), "--max-pixels", "1000000000"]))
        path.unlink()
    rows = [[size, cost.seconds, cost.cpu, cost.peak / 1e6] for size, cost in zip(sizes, costs, strict=True)]
    print_table(["megapixels (JPEG, 16 colors)", "seconds", "CPU seconds", "peak MB"], rows)
    return _fit("a megapixel", sizes, costs, LINEAR_FROM)


def _grow_pictures(folder: Path, scratch: Path) -> dict[str, object]:
    numbers, costs, rows = _read_sizes("PICTURES", NUMBERS), [], []
    names = _cut_pictures(folder, scratch / "many", max(numbers))
    for number in numbers:
        (scratch / "names.txt").write_text("\n".join(names[:number]))
        out = scratch / f"out{number}"
        command = [QUANTIZE, "--from-file", str(scratch / "names.txt"), "-j", "2", "-d", str(out), "-q"]
        first = _wait_for_first(command, out)
        costs.append(measure([*command, "-f"]))
        rows.append([number, first, costs[-1].seconds, costs[-1].cpu, costs[-1].peak / 1e6])
    head = f"pictures of {SMALL[0]}x{SMALL[1]}, -j 2"
    print_table([head, "first file after s", "seconds", "CPU seconds", "peak MB of the first process"], rows)
    return _fit("a picture", numbers, costs)


def _wait_for_first(command: list[str], out: Path) -> float:
    begin = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not (out.exists() and any(out.glob("*.json"))):
            time.sleep(0.005)
        seconds = time.perf_counter() - begin
        process.terminate()
    return seconds


def _add_workers(folder: Path, scratch: Path) -> dict[int, float]:
    photos = find_photos(folder)[:12]
    names = [str(path) for path in photos]
    rows, figures = [], {}
    for number in (1, 2, 3):
        cost = measure([QUANTIZE, *names, "-j", str(number), "-d", str(scratch / "workers"), "-q", "-f"])
        figures[number] = cost.seconds
        rows.append([number, cost.seconds, figures[1] / cost.seconds, cost.cpu / len(photos)])
    head = f"workers, {len(photos)} photographs, {os.cpu_count()} cores"
    print_table([head, "seconds", "speed-up", "CPU seconds a picture"], rows)
    return figures


def _count_bytes(folder: Path, scratch: Path) -> dict[str, float]:
    """Bytes a picture that client, scheduler and workers send on a cluster, with and without --shared."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        print("\nBytes on a cluster: skipped, Dask is not installed.")
        return {}
    from quantize import Settings
    from quantize.files.planning import plan_jobs
    from quantize.pipeline.batch import run_jobs

    photos = [str(path) for path in find_photos(folder)[:12]]
    rows, figures = [], {}
    workers = {"n_workers": 2, "threads_per_worker": 1, "silence_logs": 50}
    _count_writes()
    for sharing in (None, "equal"):
        with (
            LocalCluster(**workers, dashboard_address=None) as cluster,
            Client(cluster.scheduler_address, set_as_default=False) as client,
        ):
            client.run(_count_writes)
            jobs = plan_jobs(photos, fields={"k": "16"}, output_dir=str(scratch), force=True)
            jobs = [job._replace(sharing=sharing) for job in jobs]
            WRITTEN.clear()
            list(run_jobs(jobs, Settings(), scheduler=cluster.scheduler_address))
            here, there = sum(WRITTEN), sum(client.run(_sum_up).values())
            largest = max(WRITTEN) if sharing else 0
        name = "--shared" if sharing else "each its own"
        figures[name] = (here - largest + there) / len(jobs)
        rows.append([name, *(round(number / len(jobs) / 1000) for number in (here - largest, there)), largest // 1000])
    print_table(["palette", "kB a picture from client and scheduler", "from workers", "kB of one sum"], rows)
    return figures


WRITTEN: list[int] = []
"""Bytes of each message that this process sent."""


def _count_writes() -> None:
    """Note from now on what this process sends: that of client and scheduler, or a worker's."""
    from distributed.comm.tcp import TCP

    write = TCP.write

    async def count(self: Any, *arguments: Any, **options: Any) -> Any:
        WRITTEN.append(await write(self, *arguments, **options))
        return WRITTEN[-1]

    TCP.write = count


def _sum_up() -> int:
    return sum(WRITTEN)


def _cut_pictures(folder: Path, target: Path, number: int) -> list[str]:
    """Cut small pictures out of photographs, each at another place."""
    target.mkdir()
    rng = np.random.default_rng(0)
    photos = [Image.open(path).convert("RGB") for path in find_photos(folder)[:12]]
    names = []
    for index in range(number):
        photo = photos[index % len(photos)]
        left, top = rng.integers(0, (photo.width - SMALL[0], photo.height - SMALL[1]))
        path = target / f"{index:05}.png"
        photo.crop((left, top, left + SMALL[0], top + SMALL[1])).save(path, compress_level=1)
        names.append(str(path))
    return names


def _fit(what: str, sizes: list[int], costs: list[Cost], least: int = 0) -> dict[str, object]:
    """Fit straight lines to what was measured from `least` on, and print what one more of it costs."""
    kept = [(size, cost) for size, cost in zip(sizes, costs, strict=True) if size >= least]
    figures: dict[str, object] = {"sizes": sizes, "costs": [cost._asdict() for cost in costs]}
    if len(kept) > 1:
        xs = [size for size, _ in kept]
        cpu, peak = (np.polyfit(xs, [getattr(cost, name) for _, cost in kept], 1)[0] for name in ("cpu", "peak"))
        print(f"\n{what.capitalize()} more: {cpu:.4f} CPU seconds, {peak:.0f} bytes of memory.")
        figures |= {"cpu_slope": cpu, "peak_slope": peak}
    return figures
