"""Random sets of all options: never a traceback, and the plan of a dry run is what happens."""

import os
import random
import re
from pathlib import Path

import click
import numpy as np
import pytest
from PIL import Image

from quantize.command.cli import command
from tests.conftest import make_photo

TEXTS = {
    "palette": ["#000,#fff,tomato", "pico-8", "-", "missing.gpl", "nonsense"],
    "keep": ["tomato", "#123456", "#12345680", "none"],
    "target": ["psnr=25", "ssim=0.8", "delta-e=9", "size=1KB", "size=", "speed=2"],
    "background": ["white", "#fff8", "nonsense"],
    "output": ["x.png", "x.gif", "x.css", "x.tiff", "x", "-", "missing/x.png"],
    "output_dir": ["out", ".", "photo.png"],
    "name": ["{stem}-{k}", "{stem}", "{parent}-{stem}-{dither}", "{stem:d}", "same"],
    "csv": ["all.csv", "out/all.csv", "photo.png", "-"],
    "from_file": ["names.txt", "missing.txt"],
}
SKIPPED = {"help", "version", "palettes", "jobs", "plot", "page", "scheduler", "quiet", "verbose", "dry_run", "images"}
"""What ends a run at once, takes long, or changes nothing that is looked at here."""

PICTURES = ["photo.png", "soft.png", "moving.gif", "gray.png", "photo.jpg", "missing.png"]
N_SETS = int(os.environ.get("LAST_SET", 40))
"""LAST_SET=2000 tries more."""


def draw_value(source: random.Random, option: click.Option) -> str:
    if option.name in TEXTS:
        return source.choice(TEXTS[option.name])
    if isinstance(option.type, click.Choice):
        return str(source.choice(option.type.choices))
    if option.name in ("colors", "max_pixels"):
        return source.choice(["1", "2", "7", "300"] if option.name == "colors" else ["10", "1000000"])
    return source.choice(["0.5", "1", "nan"] if isinstance(option.type, click.FloatRange) else ["0", "1", "2", "3"])


def draw_command(source: random.Random) -> list[str]:
    options = [param for param in command.params if isinstance(param, click.Option) and param.name not in SKIPPED]
    words = source.sample(PICTURES, source.choice([1, 1, 1, 2, 3]))
    for option in source.sample(options, source.randint(0, 4)):
        words.append(source.choice([*option.opts, *option.secondary_opts]))
        if not option.is_flag:
            words.append(draw_value(source, option))
    return words


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    make_photo(24, 16).save(tmp_path / "photo.png")
    make_photo(24, 16, seed=1).save(tmp_path / "photo.jpg")
    make_photo(24, 16).convert("L").save(tmp_path / "gray.png")
    soft = np.dstack([np.asarray(make_photo(24, 16)), np.linspace(0, 255, 384).reshape(16, 24).astype(np.uint8)])
    Image.fromarray(soft).save(tmp_path / "soft.png")
    frames = [make_photo(12, 8, seed=seed) for seed in range(3)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:], duration=50)
    (tmp_path / "names.txt").write_text("gray.png\n")
    return tmp_path


def list_files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("seed", range(int(os.environ.get("FIRST_SET", 0)), N_SETS))
def test_no_set_of_options_gives_a_traceback_and_the_plan_is_what_happens(quantize, pictures, seed):
    words = draw_command(random.Random(seed))
    before = list_files(pictures)
    plan = quantize(*words, "-n", "-q")
    assert list_files(pictures) == before, f"a dry run of {words} wrote something"
    real = quantize(*words, "-q")
    for run in (plan, real):
        assert run.code in (0, 1, 2), words
        assert "Traceback" not in run.err, words
        assert "fault in quantize" not in run.err, (words, run.err)
    assert (plan.code == 2) == (real.code == 2), (words, plan.err, real.err)
    if real.code == 2:
        assert list_files(pictures) == before, words
        assert len(real.err) < 600, words
        return
    planned = set(re.split(r", | -> |\n", plan.out))
    changed = {name for name, data in list_files(pictures).items() if before.get(name) != data}
    assert changed <= planned, (words, plan.out)
    assert not list(pictures.rglob(".quantize-*")), words
