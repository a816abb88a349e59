"""Palettes that people bring, on the command line: chosen from, kept, named, and with a row for what is transparent."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from quantize.files.palettes.presets import list_presets
from tests.conftest import make_glow, make_photo


@pytest.fixture
def chart(tmp_path):
    """A chart of 60 threads, by their numbers."""
    colors = np.random.default_rng(0).integers(0, 256, (60, 3)).tolist()
    lines = ["GIMP Palette", *("{} {} {}\t{}".format(*color, 300 + number) for number, color in enumerate(colors))]
    (tmp_path / "dmc.gpl").write_text("\n".join(lines) + "\n")
    return colors


def stored(name):
    values = Image.open(name).getpalette()
    return [values[start : start + 3] for start in range(0, len(values), 3)]


@pytest.mark.parametrize("more", [(), ("--dither", "atkinson"), ("--space", "oklab")])
def test_best_entries_of_a_palette_are_stored_by_their_names(quantize, photo, chart, more):
    run = quantize("photo.png", "-p", "dmc.gpl", "-k", "5", "--export", "css", "--export", "gpl", *more)
    assert run.code == 0
    colors = stored("photo-dmc-5.png")
    assert len(colors) == 5 and all(color in chart for color in colors)
    css = Path("photo-dmc-5-palette.css").read_text()
    for color in colors:
        assert f"--dmc-{300 + chart.index(color)}: #{bytes(color).hex()};" in css


def test_best_entries_stand_beside_a_kept_color(quantize, photo, chart):
    assert quantize("photo.png", "-p", "dmc.gpl", "-k", "5", "--keep", "#010203").code == 0
    assert stored("photo-dmc-5.png")[-1] == [1, 2, 3]
    assert len(stored("photo-dmc-5.png")) == 5


def test_best_entries_are_shared_or_reach_a_target(quantize, photo, chart):
    make_photo(seed=1).save("other.png")
    assert quantize("photo.png", "other.png", "-p", "dmc.gpl", "-k", "6", "--shared").code == 0
    assert stored("photo-dmc-6.png") == stored("other-dmc-6.png")
    assert quantize("photo.png", "-p", "dmc.gpl", "--target", "delta-e=12").code == 0
    assert len(stored("photo-dmc-auto.png")) < 60


def test_unused_entries_are_left_out_of_exports_alone(quantize, photo, chart):
    assert quantize("photo.png", "-p", "dmc.gpl", "--export", "hex", "--used").code == 0
    written = Path("photo-dmc-palette.hex").read_text().split()
    assert 0 < len(written) < 60 == len(stored("photo-dmc.png"))
    assert quantize("photo.png", "-p", "dmc.gpl", "-o", "used.hex", "--used").code == 0
    assert Path("used.hex").read_text().split() == written


def test_own_palette_and_indices_stay(quantize, tmp_path):
    labels = np.random.default_rng(0).integers(0, 4, (9, 9), np.uint8)
    image = Image.frombytes("P", (9, 9), labels.tobytes())
    image.putpalette([9, 9, 9, 80, 0, 0, 9, 9, 9, 0, 0, 200, 5, 5, 5])
    image.save("same.png")
    for given, name in (("-", "same-own.png"), ("same.png", "same-same.png")):
        assert quantize("same.png", "-p", given, "--bits", "8").code == 0
        assert (np.asarray(Image.open(name)) == labels).all()
        assert stored(name)[:5] == stored("same.png")[:5]
        assert Path(name).read_bytes()[24] == 8
    make_photo().save("photo.png")
    run = quantize("photo.png", "-p", "-")
    assert (run.code, "photo.png: has no palette of its own" in run.err) == (1, True)


@pytest.mark.parametrize(
    "more", [("-k", "8"), ("-p", "pico-8"), ("-p", "pico-8", "-k", "8"), ("-k", "8", "--optimize")]
)
@pytest.mark.parametrize("format", ["png", "gif"])
def test_transparent_entry_has_its_row_and_counts(quantize, tmp_path, more, format):
    pixels = np.asarray(make_glow()).copy()
    pixels[..., 3] = np.where(pixels[..., 3] < 128, 0, 255)
    Image.fromarray(pixels).save("sprite.png")
    assert quantize("sprite.png", *more, "--transparent-index", "0", "-o", f"x.{format}").code == 0
    image = Image.open(f"x.{format}")
    assert ((np.asarray(image) == 0) == (pixels[..., 3] == 0)).all()
    assert image.info["transparency"] == 0
    assert len(stored(f"x.{format}")) == (16 if more == ("-p", "pico-8") else 8)


def test_number_of_colors_follows_the_bits(quantize, photo):
    assert quantize("photo.png", "--bits", "2", "-o", "x.png").code == 0
    assert Path("x.png").read_bytes()[24] == 2
    assert len(stored("x.png")) == 4
    assert quantize("photo.png", "-k", "auto", "--bits", "4", "-o", "y.png").code == 0
    assert Path("y.png").read_bytes()[24] == 4


def test_presets_are_listed_and_each_is_a_palette(quantize, photo):
    run = quantize("--palettes")
    assert run.code == 0
    assert [line.split()[0] for line in run.out.splitlines()] == list(list_presets())
    assert all(len(line) <= 80 for line in run.out.splitlines())
    for name, preset in list_presets().items():
        assert quantize("photo.png", "-p", name, "-q", "--no-swatch").code == 0
        assert stored(f"photo-{name}.png") == [list(color) for color in preset.colors]


def test_accents_are_refused_with_a_palette_that_is_given(quantize, listing, photo):
    before = listing()
    run = quantize(photo, "-p", "bw", "--accents", "0.5")
    assert (run.code, listing()) == (2, before)
    assert "leave out --accents" in run.err
