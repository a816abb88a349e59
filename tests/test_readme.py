"""The README is held to the live command."""

import re
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

from quantize import MiniBatchKMeans
from quantize.command.cli import command
from tests.conftest import make_photo
from tests.write_readme import read_help

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def block(language: str, after: str) -> str:
    return README.split(after, 1)[1].split(f"```{language}\n", 1)[1].split("```", 1)[0]


def test_option_list_is_the_live_help():
    assert block("text", "## Options").strip() == read_help()


def test_every_option_is_in_the_readme():
    for parameter in command.params:
        for name in parameter.opts:
            if name.startswith("-"):
                assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", README), name


def test_library_example_runs(photo, monkeypatch):
    monkeypatch.chdir(photo.parent)
    example = block("python", "## Library")
    assert len([line for line in example.splitlines() if line]) == 6
    exec(compile(example.replace("photo.jpg", "photo.png"), "README.md", "exec"), {})
    assert Path("small.png").exists()


def test_every_example_of_the_library_runs_after_the_first(photo, monkeypatch):
    monkeypatch.chdir(photo.parent)
    Path("photos").mkdir()
    make_photo().save("photos/a.jpg")
    examples = README.split("## Library", 1)[1].split("### Beyond memory", 1)[0].split("```python\n")[1:]
    names = {}
    for example in examples:
        exec(compile(example.split("```", 1)[0].replace("photo.jpg", "photo.png"), "README.md", "exec"), names)
    assert len(examples) == 3
    assert names["image"].mode == "P"
    assert Path("photos/a.png").exists()


def test_both_set_up_commands_are_named():
    assert "make demo" in README
    assert "make test" in README


def test_video_example_runs_on_frames_that_are_read_one_by_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frames = [make_photo(seed=seed) for seed in range(3)]
    frames[0].save("walk.gif", save_all=True, append_images=frames[1:])
    exec(compile(block("python", "### Beyond memory").replace("walk.mp4", "walk.gif"), "README.md", "exec"), {})
    palettes = {bytes(Image.open(f"walk-{number:05}.png").getpalette()) for number in range(3)}
    assert len(palettes) == 1


def test_blocks_example_comes_within_a_percent_of_a_fit_on_the_whole(monkeypatch):
    rng = np.random.default_rng(0)
    corners = rng.normal(size=(200, 3))
    whole = corners[rng.integers(0, 200, 160_000)] + rng.normal(0, 0.2, (160_000, 3))
    blocks = [SimpleNamespace(compute=partial(np.asarray, part)) for part in np.split(whole, 16)]
    array = SimpleNamespace(from_zarr=lambda name: SimpleNamespace(blocks=blocks))
    monkeypatch.setitem(sys.modules, "dask", SimpleNamespace(array=array))
    monkeypatch.setitem(sys.modules, "dask.array", array)
    example = {}
    exec(compile(block("python", "go to the engine block by block"), "README.md", "exec"), example)
    best = MiniBatchKMeans(64, random_state=0).fit(whole).score(whole)
    assert example["model"].score(whole) > 1.01 * best


def test_rows_in_an_order_come_within_a_percent_by_strides():
    rng = np.random.default_rng(0)
    whole = np.sort(rng.normal(size=(200, 3)), axis=0)[rng.integers(0, 200, 160_000)] + rng.normal(0, 0.2, (160_000, 3))
    whole = whole[np.argsort(whole[:, 0])]
    model = MiniBatchKMeans(32, random_state=0, compute_labels=False)
    for start in range(16):
        model.partial_fit(whole[start::16])
    assert model.score(whole) > 1.01 * MiniBatchKMeans(32, random_state=0).fit(whole).score(whole)
