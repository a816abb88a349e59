"""What is ours is known by its content: nothing that somebody else made or changed is replaced without --force."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from quantize.files.marks import is_marked, is_ours
from quantize.version import MARK
from tests.conftest import make_photo


def test_the_report_knows_each_file_by_its_hash(quantize, photo, tmp_path):
    assert quantize("photo.png", "--export", "hex", "-q").code == 0
    report = json.loads((tmp_path / "photo-k16-report.json").read_text())
    assert set(report["sha256"]) == {"picture", "swatch", "palette-hex"}
    for what, digest in report["sha256"].items():
        assert sha256((tmp_path / report["outputs"][what]).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("name", ["photo-k16.png", "photo-k16-swatch.png", "photo-k16-palette.hex"])
def test_what_was_put_in_the_place_of_a_result_is_not_replaced(quantize, photo, tmp_path, name):
    """The report of an earlier run names it, and does not know its content."""
    assert quantize("photo.png", "--export", "hex", "-q").code == 0
    (tmp_path / name).write_bytes(b"my own")
    run = quantize("photo.png", "--export", "hex", "-q")
    assert run.code == 1
    assert f"{name}: exists and was not written by quantize; use --force to replace it" in run.err
    assert (tmp_path / name).read_bytes() == b"my own"
    assert quantize("photo.png", "--export", "hex", "-q", "--force").code == 0


def test_a_result_that_was_edited_and_kept_our_mark_is_not_replaced(quantize, photo, tmp_path):
    assert quantize("photo.png", "-q").code == 0
    path = tmp_path / "photo-k16.png"
    kept = PngInfo()
    kept.add_text("Software", MARK)
    Image.open(path).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(path, pnginfo=kept)
    edited = path.read_bytes()
    assert quantize("photo.png", "-q").code == 1
    assert path.read_bytes() == edited


def test_running_twice_replaces_our_own(quantize, photo):
    for _ in range(2):
        assert quantize("photo.png", "--export", "hex", "-q").code == 0
        assert quantize("photo.png", "--report", "none", "-d", "out", "-q").code == 0


def test_the_result_of_another_picture_is_refused_with_the_name_that_parts_them(quantize, photo, tmp_path):
    make_photo(seed=1).save(tmp_path / "photo.bmp")
    assert quantize("photo.png", "-q").code == 0
    before = (tmp_path / "photo-k16.png").read_bytes()
    run = quantize("photo.bmp", "-q")
    assert run.code == 1
    assert "photo-k16.png: is the result of photo.png; part them with --name '{stem}-{ext}-k{k}'" in run.err
    assert (tmp_path / "photo-k16.png").read_bytes() == before
    assert quantize("photo.bmp", "-q", "--name", "{stem}-{ext}-k{k}").code == 0


@pytest.mark.parametrize("name", ["n-report.json", "n-swatch.png", "n-palette.hex"])
def test_a_named_output_is_no_order_to_replace_what_stands_beside_it(quantize, photo, tmp_path, name):
    (tmp_path / "n.png").write_text("replace me")
    (tmp_path / name).write_text("mine")
    run = quantize("photo.png", "-o", "n.png", "--export", "hex", "-q")
    assert run.code == 1
    assert (tmp_path / name).read_text() == "mine"
    assert (tmp_path / "n.png").read_text() == "replace me"


@pytest.mark.parametrize(
    "text", ["# quantize my photos first\n", "/* quantize */ a {}", "# quantize 0.1.0 was used here\nmine\n"]
)
def test_a_note_that_begins_like_our_mark_is_not_ours(tmp_path: Path, text):
    path = tmp_path / "notes.gpl"
    path.write_text(text)
    assert not is_ours(path)


@pytest.mark.parametrize("kind", ["gpl", "css", "ase", "json", "png"])
def test_exported_palettes_are_known_by_their_mark(quantize, photo, tmp_path, kind):
    assert quantize("photo.png", "--export", kind, "--report", "none", "-q").code == 0
    assert is_ours(tmp_path / f"photo-k16-palette.{kind}")


@pytest.mark.parametrize("kind", ["gpl", "css", "scss", "json"])
def test_palette_of_ours_that_somebody_has_edited_is_not_ours(quantize, photo, tmp_path, kind):
    line = ("photo.png", "--export", kind, "--report", "none", "-q")
    assert quantize(*line).code == 0
    path = tmp_path / f"photo-k16-palette.{kind}"
    whole = path.read_text()
    path.write_text(whole.rstrip("\n") + " \n")
    assert not is_ours(path)
    assert quantize(*line).code == 1
    path.write_text(re.sub(f"{MARK} [0-9a-f]{{8}}", MARK, whole, count=1))
    assert is_ours(path)  # as earlier versions wrote it


def test_report_page_and_index_that_somebody_has_edited_are_not_ours(quantize, photo, tmp_path):
    make_photo(seed=1).save(tmp_path / "other.png")
    assert quantize("photo.png", "other.png", "--page", "-q", "-k", "4").code == 0
    for name in ("photo-k4-report.json", "photo-k4.html", "index.html"):
        path = tmp_path / name
        report = tmp_path / "photo-k4-report.json"
        assert is_ours(path, report)
        path.write_bytes(path.read_bytes() + b"\n")
        assert not is_ours(path, report)


def test_our_own_result_is_replaced_whatever_an_older_report_says_of_it(quantize, photo):
    """A run without a report, or one that was killed between two renames, leaves the older one there."""
    assert quantize("photo.png", "-q").code == 0
    assert quantize("photo.png", "-q", "--report", "none", "--dither", "bayer").code == 0
    assert quantize("photo.png", "-q").code == 0


def test_a_file_that_appears_during_the_run_is_not_replaced(quantize, photo, tmp_path, monkeypatch):
    from quantize.pipeline import convert

    def appear(*arguments: object) -> object:
        (tmp_path / "photo-k16-swatch.png").write_text("mine")
        return measure(*arguments)

    measure = convert.measure
    monkeypatch.setattr(convert, "measure", appear)
    run = quantize("photo.png", "-q")
    assert run.code == 1
    assert (tmp_path / "photo-k16-swatch.png").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo-k16-swatch.png", "photo.png"]


def test_nothing_is_put_beside_a_device(quantize, photo, listing):
    assert quantize("photo.png", "-o", "/dev/null", "--export", "css", "-q").code == 0
    assert listing() == ["photo.png"]
    assert not Path("/dev/null-palette.css").exists()
    assert not Path("/dev/null-report.json").exists()


@pytest.mark.parametrize("n_bytes", [0, 1 << 13])
def test_mark_far_behind_other_texts_is_seen(tmp_path, n_bytes):
    texts = PngInfo()
    texts.add_text("Comment", "x" * n_bytes)
    texts.add_text("Software", MARK)
    make_photo().save(tmp_path / "ours.png", pnginfo=texts)
    assert is_marked(tmp_path / "ours.png")


def test_pictures_of_others_are_not_even_opened(tmp_path, monkeypatch):
    monkeypatch.setattr("quantize.files.marks._read_mark", pytest.fail)
    for name in ("theirs.png", "theirs.jpg", "theirs.tif"):
        make_photo().save(tmp_path / name)
        assert not is_marked(tmp_path / name)
