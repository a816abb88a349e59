"""What a person can follow: the stages of a conversion, and the frames of an animation in each."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from quantize import Settings, quantize_picture
from quantize.command import terminal
from quantize.errors import OutputError
from quantize.files.planning import plan_jobs
from quantize.parallel.progress import counted, heard_by
from quantize.pipeline.batch import run_jobs

N_FRAMES = 7


@pytest.fixture
def animation(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (N_FRAMES, 16, 24, 3), np.uint8)
    first, *others = (Image.fromarray(frame) for frame in pixels)
    first.save(tmp_path / "moving.png", save_all=True, append_images=others, duration=40)
    return tmp_path / "moving.png"


@pytest.mark.parametrize("form", ["png", "gif", "webp"])
def test_each_frame_is_heard_as_it_is_read_and_written(animation: Path, form: str) -> None:
    heard: list[tuple[str, int, int]] = []
    jobs = plan_jobs([str(animation)], fields={"k": "4"}, format=form)
    list(run_jobs(jobs, Settings(n_colors=4), on_stage=lambda *what: heard.append(what)))
    for stage in ("load", "encode"):
        numbers = [(n_done, n_frames) for name, n_done, n_frames in heard if name == stage]
        assert numbers == [(0, 1), *((number, N_FRAMES) for number in range(1, N_FRAMES))]


def test_frames_are_counted_where_many_are_dithered_at_once(animation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quantize.color.dither.diffusion._ROWS_AT_ONCE", 3 * 16)
    heard: list[tuple[str, int, int]] = []
    quantize_picture(
        animation, Settings(n_colors=4, dither="floyd-steinberg"), on_stage=lambda *what: heard.append(what)
    )
    assert [what for what in heard if what[0] == "apply"] == [
        ("apply", 0, 1),
        ("apply", 2, N_FRAMES),
        ("apply", 4, N_FRAMES),
    ]


def test_picture_that_stands_still_is_not_counted(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    quantize_picture(np.zeros((4, 4, 3), np.uint8), on_stage=lambda *what: heard.append(what))
    assert [what[1:] for what in heard] == [(0, 1)] * 4


def test_picture_too_large_for_its_format_is_refused_before_any_work() -> None:
    stages: list[str] = []
    with pytest.raises(OutputError, match="16,383 pixels a side"):
        quantize_picture(
            np.zeros((1, 16_384, 3), np.uint8), Settings(format="webp"), lambda name, *_: stages.append(name)
        )
    assert stages == ["load"]


def test_nobody_needs_to_listen() -> None:
    heard: list[tuple[int, int]] = []
    with heard_by(lambda *what: heard.append(what)):
        assert list(counted("abc")) == list("abc")
    assert list(counted("abc")) == list("abc")
    assert heard == [(1, 3), (2, 3)]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bar_of_an_animation_names_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(terminal, "_PATIENCE", 0)
    monkeypatch.setattr(terminal, "_BLINK", 0)
    with terminal.SingleView("moving.gif", list("12345678"), verbose=False) as view:
        view._timer.join()
        view.hear("load", 0, 1)
        view.hear("load", 37, 200)
        half_way = screen.getvalue().splitlines()[-1]
        view.hear("count", 0, 1)
    assert "moving.gif" in half_way
    assert "load 37/200" in half_way
    assert "2%" in half_way
    assert "12%" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K\x1b[?25h"), "the bar is left on the screen"
