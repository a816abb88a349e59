"""Signals at any moment, and limits of all kinds: ``python -m tests.faults [N [SEED [KIND...]]]``.

Each trial converts a folder with two workers. Either one process of it gets one signal or several after a random time,
or all of it has too few processes, files, bytes of memory or of a file, or no shared memory. Then the trial checks: the
exit code, that each picture was written whole or named as failed, that no process and no temporary file is left, and
that all of it took less than ten seconds. Where it was killed by a signal that nobody can catch, it checks that no
file is half, runs the same command again, and looks for what is left. Exits with 1 where any trial did not hold.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tests.conftest import make_photo

N_PICTURES, SIDE = 8, 48
TO_WORKERS = ("SIGTERM", "SIGKILL", "SIGSEGV", "SIGABRT", "SIGSTOP")
TO_PARENT = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
MOST_SECONDS = 12
"""Ten, and two that a machine may be busy with other things."""


class Trial(NamedTuple):
    """What is run before the command, what it may end with, and what happens to it meanwhile: named, once it has.

    Before our first line runs, Python itself answers a signal, by the signal's own effect or by a traceback: `early`.
    """

    codes: set[int]
    prefix: tuple[str, ...] = ()
    happen: Callable[[subprocess.Popen[str]], str] = lambda process: ""
    early: frozenset[int] = frozenset()


def hit_worker(source: random.Random) -> Trial:
    def hit(process: subprocess.Popen[str]) -> str:
        time.sleep(source.uniform(0.1, 0.9))
        name = source.choice(TO_WORKERS)
        if children := list_children(process.pid):
            send(source.choice(children), name)
        return name

    return Trial({0}, (), hit)


def hit_parent(source: random.Random, start: float, end: float) -> Trial:
    names = source.choices(list(TO_PARENT), k=source.choice((1, 1, 1, 2, 4)))

    def hit(process: subprocess.Popen[str]) -> str:
        time.sleep(source.uniform(start, end))
        for name in names:
            send(process.pid, name)
            time.sleep(source.choice((0, 0.001, 0.02, 0.2)) if len(names) > 1 else 0)
        return " ".join(names)

    early = frozenset({1, *(-getattr(signal, name) for name in names)})
    return Trial({0, *(TO_PARENT[name] for name in names)}, (), hit, early)


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


def try_once(draw: Callable[[random.Random], Trial], folder: Path, source: random.Random) -> list[str]:
    """Run one trial; give what did not hold."""
    names = list_names(folder)
    out = folder / "out"
    trial = draw(source)
    start = time.monotonic()
    process = start_command([*names, "-d", str(out)], trial.prefix)
    what = trial.happen(process)
    try:
        _, err = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return [f"{what}: hung"]
    faults = []
    if time.monotonic() - start > MOST_SECONDS:
        faults.append(f"took {time.monotonic() - start:.1f} s, at a load of {os.getloadavg()[0]:.1f}")
    early = not out.exists() and process.returncode in trial.early
    if process.returncode not in trial.codes and not early:
        faults.append(f"exit code {process.returncode}: {err[-200:]}")
    if "Traceback" in err and not early:
        faults.append(f"traceback: {err[-300:]}")
    written = list(out.glob("*-k8.png")) if out.exists() else []
    faults += find_broken(out)
    for picture in written:
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
    faults += end_session(process.pid)
    return [f"{what}: {fault}" for fault in faults]


def list_names(folder: Path) -> list[str]:
    return [str(folder / f"{number}.png") for number in range(N_PICTURES)]


def start_command(arguments: list[str], prefix: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    command = [*prefix, sys.executable, "-m", "quantize", *arguments, "-j", "2", "-k", "8", "--effort", "fast"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def find_broken(folder: Path) -> list[str]:
    """Name the files of a folder that are not whole."""
    faults = []
    for path in folder.glob("[!.]*"):
        try:
            if path.suffix == ".png":
                with Image.open(path) as image:
                    image.load()
            elif path.suffix == ".json":
                json.loads(path.read_bytes())
            elif path.suffix == ".html" and not path.read_text().rstrip().endswith("</html>"):
                faults.append(f"{path.name} is half")
        except (OSError, ValueError) as error:
            faults.append(f"{path.name} is broken: {error}")
    return faults


def end_session(session: int) -> list[str]:
    """Name the processes that are left of a command, and end them."""
    listed = subprocess.run(["ps", "-o", "pid=,stat=,args=", "-s", str(session)], capture_output=True, text=True)
    left = [line for line in listed.stdout.splitlines() if line.split()[1][0] != "Z"]  # dead, and not yet asked for
    if not left:
        return []
    os.killpg(session, signal.SIGKILL)
    return [f"processes are left: {left}"]


def wait_for_temporary(folder: Path, process: subprocess.Popen[str]) -> None:
    """Wait until a command writes something under a temporary name, or has ended."""
    while process.poll() is None and not any(folder.glob(".quantize-*")):
        time.sleep(0.0002)


def kill_and_repeat(folder: Path, source: random.Random) -> list[str]:
    """Kill the command, or all of its processes, at some moment of its run; then run it again."""
    names = list_names(folder)
    own = folder / "out"
    own.mkdir()
    options = source.choice(KILLED)
    if "--in-place" in options:
        names = [shutil.copy(name, own) for name in names]
    else:
        options = ("-d", str(own), *options)
    kill = source.choice((os.kill, os.killpg))
    arguments = [*names, *(option.format(out=own) for option in options)]
    what = f"{kill.__name__}, {' '.join(options[2:])}"
    process = start_command(arguments)
    if source.randrange(2):
        time.sleep(source.uniform(0.2, 2.0))
    else:  # while something is written
        wait_for_temporary(own, process)
        time.sleep(source.uniform(0, 0.003))
    with suppress(ProcessLookupError):
        kill(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(1)  # workers notice that they are alone
    faults = [*end_session(process.pid), *find_broken(own)]
    left = len(list(own.glob(".*")))
    N_LEFT[bool(left)] += 1
    again = start_command(arguments)
    _, err = again.communicate(timeout=60)
    if again.returncode:
        faults.append(f"the next run: exit code {again.returncode}: {err[-300:]}")
    if hidden := sorted(path.name for path in own.glob(".*")):
        faults.append(f"of {left} temporary files {hidden} are left")
    faults += find_broken(own)
    return [f"{what}: {fault}" for fault in faults]


KILLED: tuple[tuple[str, ...], ...] = (
    (),
    ("--export", "gpl", "--export", "hex", "--export", "json", "--export", "act"),
    ("--page", "--csv", "{out}/table.csv"),
    ("--plot",),
    ("--in-place",),
    ("--shared", "--export", "css"),
    ("--resume",),
)
"""What a run writes that is killed."""

N_LEFT: Counter[bool] = Counter()
"""How many killed runs left temporary files, which the next one has to remove."""


def _draw(draw: Callable[[random.Random], Trial]) -> Callable[[Path, random.Random], list[str]]:
    return partial(try_once, draw)


KINDS: dict[str, Callable[[Path, random.Random], list[str]]] = {
    "worker": _draw(hit_worker),
    "parent early": _draw(lambda source: hit_parent(source, 0, 0.05)),
    "parent": _draw(lambda source: hit_parent(source, 0.1, 0.9)),
    "shm": _draw(mount_shared_memory),
    "processes": _draw(limit_processes),
    "memory": _draw(limit("as", 100_000_000, 900_000_000)),
    "files": _draw(limit("nofile", 6, 40)),
    "file size": _draw(limit("fsize", 50, 6000)),
    "killed": kill_and_repeat,
}
SIGNALS = ("worker", "parent early", "parent")
"""Of which there are as many trials as are asked for; of the others, two for each five."""


def main() -> int:
    n_trials = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    source = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    kinds = sys.argv[3:] or list(KINDS)
    n_run, n_bad = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        for picture in range(N_PICTURES):
            make_photo(SIDE, SIDE, seed=picture).save(Path(name, f"{picture}.png"))
        for number in range(n_trials):
            for kind in kinds:
                if kind not in SIGNALS and number % 5 > 1:
                    continue
                faults = KINDS[kind](Path(name), source)
                n_run[kind] += 1
                n_bad[kind] += bool(faults)
                for fault in faults:
                    print(f"trial {number}: {kind}, {fault}", flush=True)
                shutil.rmtree(Path(name, "out"), ignore_errors=True)
    for kind in kinds:
        print(f"{kind}: {n_run[kind]} trials, {n_bad[kind]} did not hold")
    if N_LEFT:
        print(f"{N_LEFT[True]} of {N_LEFT.total()} killed runs left temporary files")
    return 1 if any(n_bad.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
