"""A Dask cluster as people start it, and what may happen to it: ``make cluster``, or python -m tests.cluster 300.

Four workers convert pictures, two are killed and one joins late; the scheduler is killed; Ctrl-C is
pressed. Each time: the same bytes as without a cluster, or one sentence, and nothing is left behind.
"""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import make_photo

Process = subprocess.Popen[str]

_PATIENCE = 60
"""Seconds in which a scheduler or worker has to say where it is: a busy machine loads Dask in ten."""

_ADDRESS = re.compile(r"(?:Scheduler at:|Start worker at:)\s+(\w+://\S+)")


def start(what: str, folder: Path, *options: str, settings: Mapping[str, str] | None = None) -> tuple[Process, str]:
    """Start ``dask scheduler`` or ``dask worker``, and give its address."""
    command = [sys.executable, "-m", "dask", what, "--no-dashboard"]
    if what == "scheduler":
        scheme = "tls" if settings else "tcp"
        command += ["--host", f"{scheme}://127.0.0.1", "--port", "0"]
    else:
        command += ["--nthreads", "1", "--nworkers", "1", "--no-nanny", "--local-directory", str(folder)]
    process = subprocess.Popen(
        [*command, *options], cwd=folder, stderr=subprocess.PIPE, text=True, env={**os.environ, **(settings or {})}
    )
    addresses: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_follow, args=(process, addresses), daemon=True).start()
    return process, addresses.get(timeout=_PATIENCE)


def _follow(process: Process, addresses: queue.Queue[str]) -> None:
    """Read all that a process says, or it would wait for a reader."""
    assert process.stderr
    for line in process.stderr:
        if match := _ADDRESS.search(line):
            addresses.put(match[1])


def make_certificate(folder: Path) -> dict[str, str]:
    """Make a certificate that signs itself, and the settings with which all of a cluster use it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "1")
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject)
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    prefix = "DASK_DISTRIBUTED__COMM__"
    settings = {f"{prefix}REQUIRE_ENCRYPTION": "true", f"{prefix}TLS__CA_FILE": str(certificate)}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        settings |= {f"{prefix}TLS__{role}__KEY": str(key), f"{prefix}TLS__{role}__CERT": str(certificate)}
    return settings


@contextmanager
def running(folder: Path, n_workers: int) -> Iterator[tuple[str, list[Process]]]:
    """Run a scheduler and some workers, and end those that are still there."""
    scheduler, address = start("scheduler", folder)
    processes = [scheduler]
    try:
        for _ in range(n_workers):
            processes.append(start("worker", folder, address)[0])
        yield address, processes
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def quantize(folder: Path, names: list[str], *options: str) -> Process:
    (folder / "names.txt").write_text("\n".join(names))
    command = [sys.executable, "-m", "quantize", "--from-file", "names.txt", "-k", "8", "--no-timing", *options]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def wait_for(folder: Path, n_files: int) -> None:
    end = time.monotonic() + 10 * _PATIENCE
    while not folder.exists() or len(os.listdir(folder)) < n_files:  # noqa: PTH208 - files may go meanwhile
        if time.monotonic() > end:
            raise TimeoutError(f"{folder}: {n_files} files did not come")
        time.sleep(0.1)


def main() -> None:
    n_pictures = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = [f"{seed}.png" for seed in range(n_pictures)]
        for seed, picture in enumerate(names):
            make_photo(96, 64, seed).save(folder / picture)
        _expect("without a cluster", quantize(folder, names, "-d", "shared", "--shared"), 0)
        _expect("without a cluster", quantize(folder, names, "-d", "here"), 0)
        _try_death(folder, names)
        _try_interrupt(folder, names)
        _try_end_of_scheduler(folder, names)


def _try_death(folder: Path, names: list[str]) -> None:
    with running(folder, 4) as (address, processes):
        run = quantize(folder, names, "-d", "there", "--shared", "--scheduler", address)
        time.sleep(3)  # the pictures are counted, or about to be
        processes[2].send_signal(signal.SIGKILL)
        wait_for(folder / "there", len(names))  # half of their files
        processes[1].send_signal(signal.SIGKILL)
        processes.append(start("worker", folder, address)[0])
        _expect("workers killed and one late", run, 0)
    here, there = read_all(folder / "shared"), read_all(folder / "there")
    assert here == there, "other bytes on a cluster"
    print(f"{len(names)} pictures, two of four workers killed and one late: {len(there)} files, the same bytes")


def _try_interrupt(folder: Path, names: list[str]) -> None:
    with running(folder, 2) as (address, _):
        run = quantize(folder, names, "-d", "interrupted", "--scheduler", address)
        wait_for(folder / "interrupted", 9)
        run.send_signal(signal.SIGINT)
        _expect("Ctrl-C", run, 130)
        time.sleep(3)  # the pictures that were begun are finished
        before = read_all(folder / "interrupted")
        time.sleep(3)
        assert read_all(folder / "interrupted").keys() == before.keys(), "the cluster goes on after Ctrl-C"
        _expect_whole(before, read_all(folder / "here"))
        again = quantize(folder, names, "-d", "interrupted", "--resume", "--scheduler", address)
        _expect("--resume", again, 0)
    print(f"Ctrl-C after {len(before)} files: nothing half-written, nothing goes on, and --resume does the rest")


def _try_end_of_scheduler(folder: Path, names: list[str]) -> None:
    with running(folder, 2) as (address, processes):
        run = quantize(folder, names, "-d", "gone", "--scheduler", address)
        wait_for(folder / "gone", 9)
        processes[0].kill()
        said = _expect("scheduler killed", run, 1)
    assert said.splitlines()[-1].endswith("went away; what is written stays"), said
    _expect_whole(read_all(folder / "gone"), read_all(folder / "here"))
    print(f"scheduler killed: {said.splitlines()[-1]}")


def _expect(what: str, run: Process, code: int) -> str:
    said = run.communicate(timeout=20 * _PATIENCE)[1]
    assert run.returncode == code, f"{what}: exit {run.returncode}\n{said}"
    return said


def _expect_whole(some: dict[str, bytes], all_of_them: dict[str, bytes]) -> None:
    """Each picture has its three files, and no other file is there."""
    assert some.keys() <= all_of_them.keys(), f"left behind: {some.keys() - all_of_them.keys()}"
    assert len(some) % 3 == 0, f"a picture without its report among {sorted(some)}"


if __name__ == "__main__":
    main()
