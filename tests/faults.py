"""Signals at any moment, and limits of all kinds: ``python -m tests.faults [N [SEED [KIND...]]]``.

Each trial converts a folder with two workers. Either one process of it gets a signal after a random time, or all of it
has too few processes, files, bytes of memory or of a file, or no shared memory. Then the trial checks: the exit code,
that each picture was written whole or named as failed, that no process and no temporary file is left, and that all of
it took less than ten seconds. Exits with 1 where any trial did not hold.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tests.conftest import make_photo

N_PICTURES = 12
TO_WORKERS = ("SIGTERM", "SIGKILL", "SIGSEGV", "SIGABRT", "SIGSTOP")
TO_PARENT = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
MOST_SECONDS = 12
"""Ten, and two that a machine may be busy with other things."""


class Trial(NamedTuple):
    """What is run before the command, what it may end with, and what happens to it meanwhile: named, once it has."""

    codes: set[int]
    prefix: tuple[str, ...] = ()
    happen: Callable[[subprocess.Popen[str]], str] = lambda process: ""


def hit_worker(source: random.Random) -> Trial:
    def hit(process: subprocess.Popen[str]) -> str:
        time.sleep(source.uniform(0.1, 0.9))
        name = source.choice(TO_WORKERS)
        if children := list_children(process.pid):
            send(source.choice(children), name)
        return name

    return Trial({0}, (), hit)


def hit_parent(source: random.Random, start: float, end: float) -> Trial:
    name = source.choice(list(TO_PARENT))

    def hit(process: subprocess.Popen[str]) -> str:
        time.sleep(source.uniform(start, end))
        send(process.pid, name)
        return name

    return Trial({0, TO_PARENT[name]}, (), hit)


def limit(option: str, least: int, most: int) -> Callable[[random.Random], Trial]:
    """Run the command under a limit of util-linux's prlimit."""

    def draw(source: random.Random) -> Trial:
        number = source.randint(least, most)
        return Trial({0, 1, 2}, ("prlimit", f"--{option}={number}:{number}"), lambda process: f"{option} {number}")

    return draw


def limit_processes(source: random.Random) -> Trial:
    """Count processes and threads of somebody who is not root, and may still read what root may."""
    number = source.randint(1, 8)
    drop = ("setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-sys_admin,-sys_resource")
    keep = ("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override")
    prefix = (*drop, *keep, "prlimit", f"--nproc={number}:{number}")
    return Trial({0, 1, 2}, prefix, lambda process: f"nproc {number}")


def mount_shared_memory(source: random.Random) -> Trial:
    """Let /dev/shm be read-only, or full."""
    options = source.choice(("ro", "size=4k"))
    fill = "" if options == "ro" else "head -c 8192 /dev/zero > /dev/shm/full 2>/dev/null; "
    script = f'mount -t tmpfs -o {options} none /dev/shm && {fill} exec "$@"'
    return Trial({0}, ("unshare", "-m", "sh", "-c", script, "sh"), lambda process: f"shm {options}")


KINDS: dict[str, Callable[[random.Random], Trial]] = {
    "worker": hit_worker,
    "parent early": lambda source: hit_parent(source, 0, 0.05),
    "parent": lambda source: hit_parent(source, 0.1, 0.9),
    "shm": mount_shared_memory,
    "processes": limit_processes,
    "memory": limit("as", 100_000_000, 900_000_000),
    "files": limit("nofile", 6, 40),
    "file size": limit("fsize", 50, 6000),
}
SIGNALS = ("worker", "parent early", "parent")
"""Of which there are as many trials as are asked for; of the limits, two for each five."""


def send(process: int, name: str) -> None:
    try:
        os.kill(process, getattr(signal, name))
        if name == "SIGSTOP":
            time.sleep(0.2)
            os.kill(process, signal.SIGCONT)
    except ProcessLookupError:
        pass


def list_children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def try_once(folder: Path, kind: str, source: random.Random) -> list[str]:
    """Run one trial; give what did not hold."""
    names = [str(folder / f"{number}.png") for number in range(N_PICTURES)]
    out = folder / "out"
    trial = KINDS[kind](source)
    command = [sys.executable, "-m", "quantize", *names, "-d", str(out), "-j", "2", "-k", "8", "--effort", "fast"]
    start = time.monotonic()
    process = subprocess.Popen(
        [*trial.prefix, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    what = trial.happen(process)
    try:
        _, err = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return [f"{kind}, {what}: hung"]
    faults = []
    if time.monotonic() - start > MOST_SECONDS:
        faults.append(f"took {time.monotonic() - start:.1f} s")
    # Before our first line runs, Python itself answers, by the signal's own effect or by a traceback.
    number = getattr(signal, what, None)
    early = kind.startswith("parent") and not out.exists() and process.returncode in (-(number or 0), 1)
    if process.returncode not in trial.codes and not early:
        faults.append(f"exit code {process.returncode}: {err[-200:]}")
    if "Traceback" in err and not early:
        faults.append(f"traceback: {err[-300:]}")
    written = list(out.glob("*-k8.png")) if out.exists() else []
    for picture in written:
        with Image.open(picture) as image:
            image.load()
        if not Path(f"{picture.with_suffix('')}-report.json").exists():
            faults.append(f"{picture.name} has no report")
    if process.returncode == 0 and len(written) != N_PICTURES:
        faults.append("pictures are missing without a word")
    if process.returncode == 1 and not early:
        done = {picture.name.removesuffix("-k8.png") for picture in written}
        silent = [name for name in names if Path(name).stem not in done and Path(name).name not in err]
        if silent and len(err.strip().splitlines()) != 1:  # one sentence may be for all
            faults.append(f"{len(silent)} are neither written nor named: {err[-300:]}")
    if process.returncode == 2 and written:
        faults.append("some are written, and the code says none is")
    if list(folder.rglob(".quantize-*")):
        faults.append("a temporary file is left")
    time.sleep(0.1)
    if left := subprocess.run(["pgrep", "-s", str(process.pid)], capture_output=True, text=True).stdout.split():
        faults.append(f"processes are left: {left}")
        os.killpg(process.pid, signal.SIGKILL)
    return [f"{kind}, {what}: {fault}" for fault in faults]


def main() -> int:
    n_trials = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    source = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    kinds = sys.argv[3:] or list(KINDS)
    n_run, n_bad = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        for picture in range(N_PICTURES):
            make_photo(96, 96, seed=picture).save(Path(name, f"{picture}.png"))
        for number in range(n_trials):
            for kind in kinds:
                if kind not in SIGNALS and number % 5 > 1:
                    continue
                faults = try_once(Path(name), kind, source)
                n_run[kind] += 1
                n_bad[kind] += bool(faults)
                for fault in faults:
                    print(f"trial {number}: {fault}", flush=True)
                shutil.rmtree(Path(name, "out"), ignore_errors=True)
    for kind in kinds:
        print(f"{kind}: {n_run[kind]} trials, {n_bad[kind]} did not hold")
    return 1 if any(n_bad.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
