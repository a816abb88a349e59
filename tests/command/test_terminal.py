"""What a person sees on a real terminal, as wide as it is and in the colors that it has."""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.conftest import make_photo


def run_on_terminal(columns, code, cwd, **environment):
    """Run Python with a terminal of so many columns as its standard error, and give what it was sent."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.chdir(cwd)
        os.environ.pop("COLUMNS", None)
        os.environ.pop("COLORTERM", None)
        os.environ.update({"TERM": "xterm-256color", **environment})
        # Readline, which pytest loads, sets COLUMNS past os.environ.
        os.execve(sys.executable, [sys.executable, "-c", code], dict(os.environ))
    sent = b""
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:
            break
        if not part:
            break
        sent += part
    os.waitpid(pid, 0)
    os.close(terminal)
    return sent.decode()


def command(*arguments):
    return f"import sys; sys.argv = {['quantize', *arguments]!r}\nfrom quantize.command.cli import run; sys.exit(run())"


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


@pytest.mark.parametrize("columns", [20, 40, 200])
def test_progress_bar_of_a_batch_stays_on_its_line(columns, tmp_path):
    code = (
        "import time\nfrom quantize.command.views import BatchView\n"
        "view = BatchView(9, False)\n"
        "view._draw_bar()\n"
        "for number in range(9):\n"
        "    time.sleep(0.11); view._bar.update(1, 'a folder/photograph of many.jpg')"
    )
    sent = run_on_terminal(columns, code, tmp_path)
    drawings = [part for part in re.split(r"\r|\n", plain(sent)) if part.strip()]
    assert len(drawings) >= 6
    assert max(map(len, drawings)) < columns
    assert "9/9" in drawings[-1]


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_progress_bar_of_one_picture_stays_on_its_line(columns, tmp_path):
    code = (
        "from quantize.command.views import SingleView\n"
        "view = SingleView('a folder/photograph of something.jpg', ['load', 'find', 'measure'], False)\n"
        "view.show_bar()\n"
        "for stage in ('load', 'find', 'measure'):\n"
        "    for frame in range(3): view._drawn = 0; view.hear(stage, 1000 * frame, 2000)\n"
    )
    drawings = [part for part in plain(run_on_terminal(columns, code, tmp_path)).split("\r") if part.strip()]
    assert len(drawings) >= 6
    assert max(map(len, drawings)) < columns
    assert all("%" in drawing for drawing in drawings)


@pytest.mark.parametrize(("environment", "code"), [
    ({"COLORTERM": "truecolor"}, "48;2;"), ({}, "48;5;"), ({"TERM": "xterm"}, "\x1b[100m"), ({"NO_COLOR": "1"}, None),
    ({"TERM": "dumb"}, None),
])  # fmt: skip
def test_palette_is_shown_in_the_colors_that_the_terminal_has(environment, code, photo):
    sent = run_on_terminal(80, command("photo.png", "-k", "4"), photo.parent, **environment)
    assert "4 of " in sent
    if code is None:
        assert "\x1b" not in sent
    else:
        assert code in sent


def test_dumb_terminal_gets_no_bar_and_no_codes(photo):
    make_photo(seed=1).save(photo.with_name("other.png"))
    sent = run_on_terminal(80, command("photo.png", "other.png", "-k", "4"), photo.parent, TERM="dumb")
    assert "\x1b" not in sent
    assert "\r" not in sent.replace("\r\n", "")
    assert "2 of 2 pictures" in sent


def test_time_in_the_table_is_that_on_the_clock(quantize, photo):
    make_photo(seed=1).save("other.png")
    begin = time.perf_counter()
    run = quantize("photo.png", "other.png", "-k", "4", "-j", "1")
    spent = time.perf_counter() - begin
    shown = [float(number) for number in re.findall(r"(\d+\.\d) s$", run.err, re.MULTILINE)]
    assert len(shown) == 2
    assert sum(shown) <= spent + 0.1


def test_table_names_the_shared_folder_once(quantize, photo):
    for folder in ("in/a", "in/b"):
        Path(folder).mkdir(parents=True)
        make_photo().save(f"{folder}/x.png")
    run = quantize("in/a/x.png", "in/b/x.png", "-k", "4")
    assert "picture in in/" in run.err
    assert "\na/x.png" in run.err
    assert "\nb/x.png" in run.err


def test_sort_is_obeyed_and_refused_without_a_swatch(quantize, photo):
    swatches = set()
    for order in ("hue", "lightness", "share"):
        assert quantize("photo.png", "-k", "9", "--sort", order).code == 0
        swatches.add(photo.with_name("photo-k9-swatch.png").read_bytes())
    assert len(swatches) == 3
    run = quantize("photo.png", "--sort", "hue", "--no-swatch")
    assert (run.code, run.err) == (2, "quantize: --sort orders the swatch, and none will be written; leave it out\n")
