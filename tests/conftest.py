"""Pictures made in code, and the command run as people run it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does, and before numpy loads

import numpy as np
import pytest
from PIL import Image

# A shell ignores Ctrl-C for what it runs in the background, and so would all that is started here: some of it is
# interrupted on purpose.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def make_photo(width: int = 48, height: int = 32, seed: int = 0) -> Image.Image:
    """A smooth picture with noise on it: many colors, of unequal counts, as in a photograph."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / (height, width)[0]
    phases = rng.uniform(0, 6, (3, 2))
    channels = [127 + 90 * np.sin(3 * x + a) * np.cos(4 * y + b) for a, b in phases]
    noisy = np.stack(channels, axis=-1) + rng.normal(0, 6, (height, width, 3))
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def make_flat(colors: list[tuple[int, ...]], width: int = 8, height: int = 8) -> Image.Image:
    """Stripes of exactly these colors."""
    rows = np.resize(np.array(colors, np.uint8), (height, len(colors[0])))
    return Image.fromarray(np.repeat(rows[:, None], width, axis=1))


def make_glow() -> Image.Image:
    """Alpha that falls to nothing from left to right, over colors."""
    image = make_photo().convert("RGBA")
    image.putalpha(Image.fromarray(np.tile(np.linspace(255, 0, 48).astype(np.uint8), (32, 1))))
    return image


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    make_photo().save(path)
    return path


class Run(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def quantize(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Run the command line in the test's own folder."""
    from quantize.command.cli import run

    monkeypatch.chdir(tmp_path)

    def quantize(*arguments: str | os.PathLike[str]) -> Run:
        monkeypatch.setattr(sys, "argv", ["quantize", *map(os.fspath, arguments)])
        code = run()
        captured = capfd.readouterr()
        return Run(code, captured.out, captured.err)

    return quantize


@pytest.fixture
def listing(tmp_path: Path) -> Callable[[], list[str]]:
    """The names of all files in the test's folder: what a failure may not add to."""
    return lambda: sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
