"""Names from a file: parted by lines or NUL, from a disk or from standard input."""

import io
from pathlib import Path

import pytest

from tests.conftest import make_photo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.png", "b c.png", "d\ne.png"):
        make_photo(8, 8).save(tmp_path / name)
    return tmp_path


def give_input(monkeypatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_names_stand_one_a_line(quantize, folder):
    Path("names.txt").write_bytes(b"a.png\r\n\nb c.png")
    assert quantize("--from-file", "names.txt", "--no-swatch", "--report", "none", "-d", "out").code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a-k16.png", "b c-k16.png"]


def test_names_of_standard_input_parted_by_nul_may_have_lines(quantize, folder, monkeypatch):
    give_input(monkeypatch, b"d\ne.png\0b c.png\0")
    assert quantize("a.png", "--from-file", "-", "--no-swatch", "--report", "none", "-d", "out").code == 0
    assert len(list(Path("out").iterdir())) == 3


def test_names_count_as_if_they_were_given(quantize, folder):
    Path("names.txt").write_text("a.png\nb c.png\n")
    assert "-o names one picture, but 2 are given" in quantize("--from-file", "names.txt", "-o", "x.png").err
    Path("names.txt").write_text("a.png\n")
    assert quantize("--from-file", "names.txt", "-o", "x.png").code == 0


@pytest.mark.parametrize(
    ("arguments", "data", "sentence"),
    [
        (["--from-file", "missing.txt"], None, "missing.txt: no such file"),
        (["--from-file", "."], None, ".: cannot be read (Is a directory)"),
        (["--from-file", "-"], b"\n\0\n"[:1], "standard input: names no picture"),
        (["--from-file", "-", "-"], b"a.png\n", "which cannot be a picture, too"),
        (["--from-file", "-", "-o", "x.png"], b"-\n", "which cannot be a picture, too"),
    ],
)
def test_names_that_cannot_be_had_are_a_sentence(quantize, folder, listing, monkeypatch, arguments, data, sentence):
    give_input(monkeypatch, data or b"")
    before = listing()
    run = quantize(*arguments)
    assert run.code == 2
    assert sentence in run.err
    assert len(run.err.splitlines()) == 1
    assert listing() == before
