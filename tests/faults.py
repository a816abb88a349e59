"""Signals at any moment, to the command and to its workers: ``python -m tests.faults [N [SEED]]``.

Each trial converts a folder with two workers, ends one process of it by a signal after a random time, and then checks:
the exit code, that each picture was written whole or named as failed, that no process and no temporary file is left,
and that all of it took less than ten seconds. Exits with 1 where any trial did not hold.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from tests.conftest import make_photo

N_PICTURES = 12
TO_WORKERS = ("SIGTERM", "SIGKILL", "SIGSEGV", "SIGABRT", "SIGSTOP")
TO_PARENT = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}


def list_children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def try_once(folder: Path, source: random.Random, victim: str) -> list[str]:
    """Run one trial; give what did not hold."""
    names = [str(folder / f"{number}.png") for number in range(N_PICTURES)]
    out = folder / "out"
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "quantize", *names, "-d", str(out), "-j", "2", "-k", "8", "--effort", "fast"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    time.sleep(source.uniform(0, 0.05) if victim == "parent early" else source.uniform(0.1, 0.9))
    name = source.choice(list(TO_PARENT) if victim.startswith("parent") else TO_WORKERS)
    children = list_children(process.pid)
    target = process.pid if victim.startswith("parent") else source.choice(children or [0])
    if target:
        try:
            os.kill(target, getattr(signal, name))
            if name == "SIGSTOP":
                time.sleep(0.2)
                os.kill(target, signal.SIGCONT)
        except ProcessLookupError:
            pass
    try:
        _, err = process.communicate(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return [f"{victim} {name}: hung"]
    faults = []
    seconds = time.monotonic() - start
    # Before our first line runs, Python itself answers, by the signal's own effect or by a traceback.
    early = victim.startswith("parent") and not out.exists() and process.returncode in (-getattr(signal, name), 1)
    right = {0, TO_PARENT[name]} if victim.startswith("parent") else {0}
    if process.returncode not in right and not early:
        faults.append(f"exit code {process.returncode}")
    if "Traceback" in err and not early:
        faults.append(f"traceback: {err[-300:]}")
    for picture in out.glob("*-k8.png") if out.exists() else ():
        with Image.open(picture) as image:
            image.load()
        if not Path(f"{picture.with_suffix('')}-report.json").exists():
            faults.append(f"{picture.name} has no report")
    if process.returncode == 0 and len(list(out.glob("*-report.json"))) != N_PICTURES:
        faults.append("pictures are missing without a word")
    if list(folder.rglob(".quantize-*")):
        faults.append("a temporary file is left")
    time.sleep(0.1)
    if left := subprocess.run(["pgrep", "-s", str(process.pid)], capture_output=True, text=True).stdout.split():
        faults.append(f"processes are left: {left}")
        os.killpg(process.pid, signal.SIGKILL)
    if seconds > 12:
        faults.append(f"took {seconds:.1f} s")
    return [f"{victim} {name}: {fault}" for fault in faults]


def main() -> int:
    n_trials = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    source = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    n_bad = 0
    for number in range(n_trials):
        with tempfile.TemporaryDirectory() as name:
            for picture in range(N_PICTURES):
                make_photo(96, 96, seed=picture).save(Path(name, f"{picture}.png"))
            for victim in ("worker", "parent early", "parent"):
                faults = try_once(Path(name), source, victim)
                n_bad += bool(faults)
                for fault in faults:
                    print(f"trial {number}: {fault}", flush=True)
                subprocess.run(["rm", "-rf", str(Path(name, "out"))], check=True)
    print(f"{3 * n_trials} trials, {n_bad} did not hold")
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
