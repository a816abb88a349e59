"""What pictures with one palette have in common is written and shown once."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import make_flat, make_photo


@pytest.fixture
def pictures(photo):
    make_flat([(255, 0, 0), (0, 0, 255)], 64, 64).save("flat.png")
    return ["photo.png", "flat.png"]


def test_one_swatch_and_one_palette_of_each_format_stand_for_all(quantize, pictures, listing):
    run = quantize(*pictures, "-k", "4", "--shared", "-d", "out", "--export", "hex", "--export", "gpl")
    assert run.code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "flat-k4-report.json", "flat-k4.png", "photo-k4-report.json", "photo-k4.png",
        "shared-k4-palette.gpl", "shared-k4-palette.hex", "shared-k4-swatch.png",
    ]  # fmt: skip
    assert run.err.count("shared-k4-swatch.png") == 1
    codes = Path("out/shared-k4-palette.hex").read_text().split()
    assert all(run.err.count(f"#{code}") == 1 for code in codes)


def test_swatch_has_the_shares_of_all_pictures(quantize, pictures):
    quantize(*pictures, "-k", "4", "--shared", "--sort", "share")
    strip = np.asarray(Image.open("shared-k4-swatch.png").convert("RGB"))[30, 20:1000]
    assert len(np.unique(strip, axis=0)) == 4
    red = (strip == strip[0]).all(axis=1).mean()
    assert red == pytest.approx(0.25, abs=0.13), "a half of one of two pictures is red"


def test_second_run_replaces_its_own_files_and_no_others(quantize, pictures):
    words = (*pictures, "-k", "4", "--shared", "--export", "hex")
    assert [quantize(*words).code for _ in range(2)] == [0, 0]
    for picture in pictures:
        Path(picture).with_name(f"{Path(picture).stem}-k4-report.json").unlink()
    Path("photo-k4.png").unlink()
    run = quantize(*words)
    assert run.code == 1
    assert run.err == (
        "quantize: shared-k4-palette.hex: exists and was not written by quantize; use --force to replace it\n"
    )
    assert not Path("photo-k4.png").exists()


def test_plan_names_what_all_have_in_common(quantize, pictures, listing):
    before = listing()
    run = quantize(*pictures, "-k", "4", "--shared", "--export", "hex", "-n")
    assert run.out.splitlines() == [
        "photo.png -> photo-k4.png, photo-k4-report.json",
        "flat.png -> flat-k4.png, flat-k4-report.json",
        "hex palette of all -> shared-k4-palette.hex",
        "swatch of all -> shared-k4-swatch.png",
    ]
    assert listing() == before


def test_report_of_each_names_what_is_beside_it(quantize, pictures):
    quantize(*pictures, "-k", "4", "--shared")
    assert json.loads(Path("flat-k4-report.json").read_text())["outputs"]["shared-swatch"] == "shared-k4-swatch.png"


def test_picture_that_is_called_shared_does_not_lose_its_swatch_unheard(quantize, photo):
    make_photo().save("shared.png")
    make_photo(seed=1).save("shared-k4-swatch.png")
    run = quantize("photo.png", "shared-k4-swatch.png", "-k", "4", "--shared")
    assert run.code == 2
    assert "shared-k4-swatch.png" in run.err


def test_palette_alone_is_told_once_with_how_many_pictures_are_in_it(quantize, pictures):
    run = quantize(*pictures, "-k", "4", "--shared", "-o", "all.hex")
    assert (run.code, run.err) == (0, "2 of 2 pictures -> all.hex\n")
    assert len(Path("all.hex").read_text().split()) == 4


def test_picture_that_is_missing_in_a_palette_alone_is_a_failure(quantize, pictures):
    run = quantize("missing.png", *pictures, "-k", "4", "--shared", "-o", "-", "--format", "hex")
    assert run.code == 1
    assert run.err == "missing.png: no such file\n2 of 3 pictures -> standard output\n"
    assert len(run.out.split()) == 4
