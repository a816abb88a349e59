"""Many pictures: in order, within bounds, past bad ones, until told to stop."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quantize.files.writing.atomic import _name_temporary as name_temporary
from quantize.pipeline import batch
from tests.conftest import make_photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed in range(5):
        make_photo(seed=seed).save(tmp_path / f"{seed}.png")
    return tmp_path


def test_bytes_do_not_depend_on_the_number_of_jobs(quantize, folder):
    names = [f"{seed}.png" for seed in range(5)]
    assert quantize(*names, "-j", "1", "-d", "one", "-q").code == 0
    assert quantize(*names, "-j", "3", "-d", "three", "-q").code == 0
    for name in names:
        result = Path(name).stem + "-k16.png"
        assert Path("one", result).read_bytes() == Path("three", result).read_bytes()


def test_bad_file_costs_one_line_and_the_table_tells_why(quantize, folder):
    Path("2.png").write_text("no picture")
    run = quantize(*(f"{seed}.png" for seed in range(5)), "-j", "2")
    assert run.code == 1
    lines = run.err.splitlines()
    assert lines[0] == "2.png: not an image that Pillow can read"
    assert sum(line.startswith("2.png") and "failed: not an image" in line for line in lines) == 1
    assert lines[-1].startswith("4 of 5 pictures, 1 failed, ")


def test_result_that_is_left_out_is_a_failure_only_under_strict(quantize, folder):
    quantize("0.png")
    assert quantize("0.png", "0-k16.png").code == 0
    assert quantize("0.png", "0-k16.png", "--strict").code == 1
    assert quantize("0-k16.png", "-k", "8").code == 0, "given alone it is a picture like any other"


def test_dry_run_tells_the_plan_and_touches_nothing(quantize, folder, listing):
    Path("1-k16.png").write_text("mine")
    before = listing()
    run = quantize("0.png", "1.png", "missing.png", "--dry-run", "-d", "")
    assert run.code == 0
    assert run.out.splitlines() == [
        "0.png -> 0-k16.png, 0-k16-swatch.png, 0-k16-report.json",
        "1.png: would fail: 1-k16.png: exists and was not written by quantize; use --force to replace it",
        "missing.png: would fail: missing.png: no such file",
    ]
    assert quantize("0.png", "-n", "-d", "new").code == 0
    assert listing() == before


def test_interrupt_ends_within_a_second_keeps_what_is_done_and_says_how_many(folder):
    for seed in range(5, 40):
        make_photo(64, 64, seed).save(folder / f"{seed}.png")
    names = [f"{seed}.png" for seed in range(40)]
    process = subprocess.Popen(
        [sys.executable, "-m", "quantize", *names, "-d", "out", "-j", "2", "-k", "64", "--effort", "best"],
        stderr=subprocess.PIPE, text=True, cwd=folder, start_new_session=True,
    )  # fmt: skip
    out = folder / "out"
    while process.poll() is None and not list(out.glob("*-report.json")):
        time.sleep(0.01)
    start = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - start < 5, "a second on a machine that is not busy"
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "of 40 pictures are done" in err
    pictures = {path.name.removesuffix("-k64.png") for path in out.glob("*-k64.png")}
    reports = {path.name.removesuffix("-k64-report.json") for path in out.glob("*-report.json")}
    assert pictures == reports
    assert not list(out.glob(".*"))


def test_what_a_worker_that_dies_has_left_is_gone_at_the_end(quantize, folder, monkeypatch):
    """The folder was looked through before, when nothing was left in it."""
    convert, first = batch._run_job, os.getpid()

    def die_once(job, *arguments, **named):
        if job.source.endswith("3.png") and os.getpid() != first and not Path("died").exists():
            Path("died").touch()
            name_temporary(Path("3-k16.png").absolute()).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return convert(job, *arguments, **named)

    monkeypatch.setattr(batch, "_run_job", die_once)
    assert quantize(*(f"{seed}.png" for seed in range(5)), "-j", "2").code == 0
    assert Path("died").exists()
    assert not list(folder.glob(".quantize-*"))
