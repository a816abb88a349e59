import subprocess
import sys

import numpy as np
import pytest

from quantize import Settings, Target, UsageError


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"dither": "fs"}, "dither='fs': there is none; there are none, floyd-steinberg, "),
        ({"space": "hsv"}, "space='hsv': there is none; there are rgb, linear, oklab, lab"),
        ({"format": "jpg"}, "format='jpg': there is none; there are png, gif, webp"),
        ({"n_colors": 0}, "n_colors=0: should be a number, from 1 to 4096"),
        ({"keep": ("red", "nocolor")}, "'nocolor' is not a color"),
        ({"keep": ("#ff000080",)}, "'#ff000080': is not opaque, as it should be here; leave its alpha out"),
        ({"target": "psnr"}, "target 'psnr': should be like psnr=34, ssim=0.95, delta-e=2 or size=40KB"),
        ({"target": 34}, "target=34: should be like 'psnr=34' or Target('psnr', 34)"),
        ({"n_colors": "16"}, "n_colors='16': should be a number, from 1 to 4096"),
        ({"accents": 2}, "accents=2: should be a number, from 0 to 1"),
        ({"seed": -1}, "seed=-1: should be a number, from 0 to 4294967295"),
        ({"bits": 3}, "bits=3: there is none; there are 1, 2, 4, 8"),
        ({"despeckle": -1}, "despeckle=-1: should be a number, 0 or more"),
        ({"palette": "nrod"}, "'nrod' is neither a file nor a color; did you mean the preset nord?"),
        ({"palette": [(1, 2)]}, "(1, 2) is not a color; write it as '#e4002b', (228, 0, 43) or 'tomato'"),
        ({"palette": [(0.5, 0.5, 0.5)]}, "(0.5, 0.5, 0.5) is not a color"),
    ],
)
def test_mistakes_get_a_sentence(values, sentence):
    with pytest.raises(UsageError) as caught:
        Settings(**values)
    assert str(caught.value).startswith(sentence)


def test_kept_colors_are_read_as_people_write_them():
    assert Settings(keep=("#e4002b", "tomato", (1, 2, 3))).keep == ((228, 0, 43), (255, 99, 71), (1, 2, 3))
    assert Settings(keep="#e4002b").keep == ((228, 0, 43),)


def test_texts_are_read_as_the_command_reads_them():
    assert Settings(target="size=40KB").target == Target("size", 40_000)
    assert Settings(n_colors="auto").target == Target("delta-e", 2)
    assert Settings(n_colors="auto", target="psnr=34").target == Target("psnr", 34)
    assert Settings(palette="nord").palette.title == "nord"
    assert Settings(candidates="#000, white", n_colors=1).candidates.hex == ["#000000", "#ffffff"]
    assert Settings(palette="-").own_palette
    assert Settings(palette=["#1a2b3c", (255, 99, 71), np.array([1, 2, 3, 4])]).palette.hex[1:] == [
        "#ff6347",
        "#01020304",
    ]
    assert Settings(keep="oklch(100% 0 0)").keep == ((255, 255, 255),)


def test_only_what_was_changed_is_shown():
    assert repr(Settings()) == "Settings()"
    settings = Settings(n_colors=8, target=Target("psnr", 34.0))
    assert repr(settings) == "Settings(n_colors=8, target=Target(measure='psnr', value=34.0))"


@pytest.mark.parametrize("color", ["white", "#fff", "#ffffff", "rgb(255, 255, 255)"])
def test_background_is_any_opaque_color(color: str) -> None:
    assert Settings(background=color).background == "#ffffff"


def test_background_that_is_no_color_is_one_sentence() -> None:
    with pytest.raises(UsageError, match="'whitish' is not a color"):
        Settings(background="whitish")


@pytest.mark.parametrize("field", ["palette='nord'", "keep='tomato'", "background='red'", "target='psnr=34'"])
def test_settings_read_text_wherever_they_are_imported_from(field):
    script = f"from quantize.records.settings import Settings; Settings({field})"
    subprocess.run([sys.executable, "-c", script], check=True)
