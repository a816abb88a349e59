"""What a person can follow: the stages of a conversion, and the frames of an animation in each."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from quantize import Settings, quantize_picture
from quantize.command import views
from quantize.errors import OutputError
from quantize.files.planning import plan_jobs
from quantize.parallel.progress import counted, heard_by, tell
from quantize.pipeline.batch import run_jobs
from tests.conftest import make_photo

N_FRAMES = 7


@pytest.fixture
def animation(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (N_FRAMES, 16, 24, 3), np.uint8)
    first, *others = (Image.fromarray(frame) for frame in pixels)
    first.save(tmp_path / "moving.png", save_all=True, append_images=others, duration=40)
    return tmp_path / "moving.png"


@pytest.mark.parametrize("form", ["png", "gif", "webp"])
def test_each_frame_is_heard_as_it_is_read_and_written(animation: Path, form: str) -> None:
    heard: list[tuple[str, float, int]] = []
    jobs = plan_jobs([str(animation)], fields={"k": "4"}, format=form)
    list(run_jobs(jobs, Settings(n_colors=4), on_stage=lambda *what: heard.append(what)))
    for stage in ("load", "encode"):
        (first, *between, last) = [what[1:] for what in heard if what[0] == stage]
        assert (first, last) == ((0, 1), (1, 1))
        assert between == sorted(between)
        assert {(number, N_FRAMES) for number in range(1, N_FRAMES)} <= {(int(n), of) for n, of in between}


def test_frames_are_counted_where_many_are_dithered_at_once(animation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quantize.color.dither.diffusion._ROWS_AT_ONCE", 3 * 16)
    heard: list[tuple[str, float, int]] = []
    quantize_picture(
        animation, Settings(n_colors=4, dither="floyd-steinberg"), on_stage=lambda *what: heard.append(what)
    )
    frames = {int(n_done) for stage, n_done, n_frames in heard if stage == "apply" and n_frames == N_FRAMES}
    assert frames == set(range(N_FRAMES))


def test_stage_is_heard_as_it_begins_and_as_it_ends() -> None:
    heard: list[tuple[str, float, int]] = []
    quantize_picture(np.zeros((4, 4, 3), np.uint8), on_stage=lambda *what: heard.append(what))
    assert heard == [(stage, n_done, 1) for stage in ("load", "count", "find", "apply") for n_done in (0, 1)]


@pytest.mark.parametrize("n_threads", [1, 2])
def test_still_picture_moves_within_each_stage_and_never_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_threads: int
) -> None:
    for room in ("files.reading.modes", "color.histogram", "color.remap"):
        monkeypatch.setattr(f"quantize.{room}._STRIP", 1 << 9)
    monkeypatch.setattr("quantize.color.remap.TABLE_PIXELS", 0)
    monkeypatch.setattr("quantize.color.measure.difference._CHUNK", 1 << 9)
    monkeypatch.setattr("quantize.files.writing.deflate._PIECE", 1 << 9)
    make_photo(64, 64).save(tmp_path / "still.png")
    heard: list[tuple[str, float, int]] = []
    jobs = plan_jobs([str(tmp_path / "still.png")], fields={"k": "64"})
    list(run_jobs(jobs, Settings(n_colors=64, n_threads=n_threads), on_stage=lambda *what: heard.append(what)))
    for stage in ("load", "count", "apply", "measure", "encode"):
        parts = [n_done / n_frames for name, n_done, n_frames in heard if name == stage]
        assert parts == sorted(parts), stage
        assert len(set(parts)) > 4, stage
        assert (parts[0], parts[-1]) == (0, 1), stage


def test_picture_too_large_for_its_format_is_refused_before_any_work() -> None:
    stages: list[str] = []
    with pytest.raises(OutputError, match="16,383 pixels a side"):
        quantize_picture(
            np.zeros((1, 16_384, 3), np.uint8), Settings(format="webp"), lambda name, *_: stages.append(name)
        )
    assert set(stages) == {"load"}


def test_nobody_needs_to_listen() -> None:
    heard: list[tuple[int, int]] = []
    with heard_by(lambda *what: heard.append(what)):
        assert list(counted("abc")) == list("abc")
    assert list(counted("abc")) == list("abc")
    assert heard == [(1, 3), (2, 3)]


def test_work_on_an_item_is_heard_as_a_part_of_it() -> None:
    heard: list[tuple[float, int]] = []
    with heard_by(lambda *what: heard.append(what)):
        for _ in counted("ab", 10):
            for _ in counted("cd"):
                tell(1, 2)
    assert heard == [(1.25, 10), (2.5, 10), (3.75, 10), (5, 10), (6.25, 10), (7.5, 10), (8.75, 10)]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bar_of_an_animation_names_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(views, "_PATIENCE", 0)
    monkeypatch.setattr(views, "_BLINK", 0)
    with views.SingleView("moving.gif", list("12345678"), verbose=False) as view:
        view._timer.join()
        view.hear("load", 0, 1)
        view.hear("load", 37, 200)
        half_way = screen.getvalue().splitlines()[-1]
        view.hear("load", 1, 1)
    assert "moving.gif" in half_way
    assert "load 37/200" in half_way
    assert "2%" in half_way
    assert "12%" in screen.getvalue()
    assert screen.getvalue().endswith("\r\x1b[K\x1b[?25h"), "the bar is left on the screen"
