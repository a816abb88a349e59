"""What a run writes where: in place, a palette alone, and only what it was asked for."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from quantize import load_palette
from quantize.command.terminal import write_out
from quantize.files.marks import is_marked
from tests.conftest import make_photo


def test_picture_is_replaced_in_place_and_nothing_is_written_beside_it(quantize, photo, listing):
    before = photo.stat().st_size
    assert quantize("photo.png", "--in-place", "-k", "4").code == 0
    assert listing() == ["photo.png"]
    assert photo.stat().st_size < before
    assert Image.open(photo).mode == "P"


def test_in_place_keeps_a_picture_that_would_grow_or_change_its_format(quantize, photo):
    make_photo().save("photo.jpg")
    make_photo().save("lie.png", "JPEG")
    Image.new("P", (1, 1)).save("tiny.png", optimize=True)
    contents = {name: Path(name).read_bytes() for name in ("photo.jpg", "lie.png", "tiny.png")}
    run = quantize(*contents, "--in-place")
    assert run.code == 0
    assert {name: Path(name).read_bytes() for name in contents} == contents
    assert "photo.jpg: skipped, it is no png, gif or webp by content and by ending, which --in-place keeps" in run.err
    assert "tiny.png: skipped, its result has" in run.err


def test_in_place_writes_a_report_where_that_is_asked_for(quantize, photo, listing):
    assert quantize("photo.png", "--in-place", "--report", "basic", "-k", "4").code == 0
    assert listing() == ["photo-report.json", "photo.png"]


@pytest.mark.parametrize("form", ["css", "gpl", "hex", "pal", "act", "ase", "scss", "json"])
def test_name_that_ends_like_a_palette_gets_the_palette_alone(quantize, photo, listing, form):
    run = quantize("photo.png", "-k", "5", "-o", f"x.{form}")
    assert run.code == 0
    assert listing() == ["photo.png", f"x.{form}"]
    assert f"photo.png -> x.{form}" in run.err
    if form != "scss":
        assert len(load_palette(f"x.{form}")) == 5


def test_palette_goes_to_standard_output_by_its_format(quantize, photo, listing):
    run = quantize("photo.png", "-k", "3", "-o", "-", "--format", "hex")
    assert [len(line) for line in run.out.splitlines()] == [6, 6, 6]
    assert listing() == ["photo.png"]


def test_pictures_that_share_a_palette_have_it_written_once(quantize, photo, listing):
    make_photo(seed=1).save("other.png")
    assert quantize("photo.png", "other.png", "--shared", "-k", "6", "-o", "both.gpl").code == 0
    assert listing() == ["both.gpl", "other.png", "photo.png"]
    assert len(load_palette("both.gpl")) == 6


def test_report_without_times_is_the_same_bytes_each_run(quantize, photo):
    reports = []
    for _ in range(2):
        assert quantize("photo.png", "--no-timing").code == 0
        reports.append(Path("photo-k16-report.json").read_bytes())
    assert reports[0] == reports[1]
    assert json.loads(reports[0])["timing"] is None


@pytest.mark.parametrize(
    "environment",
    [
        {"OPENBLAS_NUM_THREADS": "2"},
        {"OPENBLAS_CORETYPE": "Prescott", "PYTHONHASHSEED": "7"},
        {"LC_ALL": "C", "TZ": "Asia/Tokyo", "COLUMNS": "40"},
    ],
    ids=lambda environment: "-".join(environment),
)
def test_environment_changes_no_byte(photo, environment):
    written = []
    for changed in ({}, environment):
        command = [sys.executable, "-m", "quantize", "photo.png", "-k", "200", "--effort", "best", "--no-timing"]
        subprocess.run([*command, "-q", "-f"], env={**os.environ, **changed}, cwd=photo.parent, check=True)
        written.append({path.name: path.read_bytes() for path in photo.parent.iterdir()})
    assert len(written[0]) == 4
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        ("photo.png -q -o - > /dev/full", 1, "standard output: cannot be written (No space left on device)"),
        ("--help > /dev/full", 1, "No space left on device"),
        ("photo.png -q -o - >&-", 1, "standard output: cannot be written (Bad file descriptor)"),
        ("--help >&-", 1, "standard output: Bad file descriptor"),
        ("--palettes >&-", 1, "standard output: cannot be written (Bad file descriptor)"),
        ("--nope 2> /dev/full", 2, ""),
        ("- -d out <&-", 1, "-: standard input is closed"),
        ("photo.png 2>&-", 0, ""),
        ("photo.png -n 2> /dev/full", 0, ""),
        ("photo.png other.png 2> /dev/full", 0, ""),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_stream_that_is_full_or_closed_gets_a_sentence(photo, line, code, sentence, unbuffered):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    make_photo(seed=1).save(photo.parent / "other.png")
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m quantize {line}"],
        cwd=photo.parent, capture_output=True, text=True, env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert sentence in done.stderr


def test_batch_whose_reports_cannot_be_printed_is_done_all_the_same(photo):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    make_photo(seed=1).save(photo.parent / "other.png")
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "quantize", "photo.png", "other.png", "-q", "--json", "-j", "1"]
        done = subprocess.run(command, cwd=photo.parent, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "quantize: standard output: cannot be written (No space left on device)\n"
    assert (photo.parent / "other-k16-report.json").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("line", ["pipe.png", "pipe.png photo.png"])
def test_pipe_as_input_is_read_once(photo, line):
    os.mkfifo(photo.parent / "pipe.png")
    command = f"cat photo.png > pipe.png & exec '{sys.executable}' -m quantize {line} -q -d out"
    subprocess.run(["sh", "-c", command], cwd=photo.parent, check=True, timeout=20)
    assert (photo.parent / "out" / "pipe-k16.png").exists()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not name what is open")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_nothing_is_put_beside_an_open_file(photo, name):
    with (photo.parent / "result.png").open("wb") as result:
        command = [sys.executable, "-m", "quantize", "photo.png", "-q", "-o", name]
        subprocess.run(command, cwd=photo.parent, stdout=result, check=True)
    assert is_marked(photo.parent / "result.png")
    assert not Path("/dev/stdout-swatch.png").exists()
    assert sorted(path.name for path in photo.parent.iterdir()) == ["photo.png", "result.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipe_in_the_place_of_a_result_is_written_into(photo):
    os.mkfifo(photo.parent / "photo-k16.png")
    command = f"cat photo-k16.png > read.png & '{sys.executable}' -m quantize photo.png -q && wait"
    subprocess.run(["sh", "-c", command], cwd=photo.parent, check=True, timeout=20)
    assert is_marked(photo.parent / "read.png")


@pytest.mark.parametrize("line", ["--help", "photo.png -q -o -", "photo.png -q --json", "photo.png -n"])
def test_reader_that_went_away_is_141_without_a_word(photo, line):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "quantize", *line.split()]
    done = subprocess.run(command, cwd=photo.parent, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_working_folder_that_is_gone_is_one_sentence(photo, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd {gone} && rmdir {gone} && '{sys.executable}' -P -m quantize photo.png"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, env=environment)
    assert done.returncode == 2
    assert done.stderr == "quantize: the working folder is gone; change into another\n"


def test_numpy_is_loaded_with_one_thread_while_the_picture_is_decoded_and_signals_wait(photo):
    probe = (
        "import os, signal, sys\n"
        "class Watch:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'numpy':\n"
        "            ahead = sys.modules.get('quantize.files.reading.ahead')\n"
        "            waits = signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, ())\n"
        "            print(os.environ.get('OPENBLAS_NUM_THREADS'), ahead and len(ahead._ahead), waits)\n"
        "sys.meta_path.insert(0, Watch())\n"
        "sys.argv = ['quantize', 'photo.png', '-q', '-k', '4']\n"
        "from quantize.command.cli import run; run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=photo.parent,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "2"},
    )  # fmt: skip
    assert done.stdout == "1 1 True\n"


def test_second_signal_does_not_end_the_cleaning_up_after_the_first():
    probe = (
        "import time\n"
        "from quantize.command import cli\n"
        "cli.end_on_signals()\n"
        "try:\n    print('ready', flush=True); time.sleep(20)\n"
        "finally:\n    time.sleep(0.4); print('clean', flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", probe], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.terminate()
    time.sleep(0.1)
    process.terminate()
    assert process.communicate(timeout=10)[0] == "clean\n"
    assert process.returncode == 143


class Dripping(io.RawIOBase):
    """A stream that takes one byte at a time, as a pipe may without a buffer."""

    def __init__(self):
        self.taken = b""

    def write(self, data):
        self.taken += bytes(data[:1])
        return 1


def test_all_is_written_to_a_stream_that_takes_a_part_at_a_time(monkeypatch):
    class Stream:
        buffer = Dripping()

    monkeypatch.setattr(sys, "stdout", Stream())
    write_out(b"whole")
    assert Stream.buffer.taken == b"whole"
