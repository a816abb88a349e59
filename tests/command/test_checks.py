"""Every refusal of a wrong command: one sentence that names the option to change, exit code 2, nothing written."""

import pytest

from quantize.command.peers import PEERS
from tests.conftest import make_photo


def split(line: str) -> list[str]:
    return ["" if word == "''" else word for word in line.split()]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("photo.png -o x.png --name {stem}", "-o is the whole name of the result; leave out --name"),
        ("photo.png -p #fff,#000 --seed 3", "leave out --seed"),
        ("photo.png -p #fff,#000 --effort best", "leave out --effort"),
        ("photo.png -p #fff,#000 --n-init 2", "leave out --n-init"),
        ("photo.png -o - --report full", "--report writes beside the picture"),
        ("photo.png -o - --swatch", "--swatch writes beside the picture"),
        ("photo.png --target ''", "should be like psnr=34"),
        ("photo.png --csv ''", "give the table a file name"),
        ("photo.png -o ''", "is no file name"),
        ("photo.png -o /", "is no file name"),
        ("photo.png --name {stem:d}", "a field stands alone"),
        ("photo.png --name {k:d}", "a field stands alone"),
        ("photo.png --name {stem!x}", "a field stands alone"),
        ("photo.png --name {stem:>100000000}", "a field stands alone"),
        ("photo.png --name {width}", "no field {width}"),
        ("photo.png --name {stem", "expected '}'"),
        ("photo.png --dither bayer --dither-strength nan", "is no finite number"),
        ("photo.png --tol nan", "is no finite number"),
        ("photo.png other.png -o x.png", "-o names one picture, but 2 are given"),
        ("photo.png other.png -o x.css", "give --shared, too"),
        ("photo.png --format css", "give -o - with it"),
        ("photo.png -o x.css --dither bayer", "leave out --dither"),
        ("photo.png -o x.css --despeckle 9", "leave out --despeckle"),
        ("photo.png --in-place -d out", "leave out --output-dir"),
        ("photo.png --in-place --format gif", "leave out --format"),
        ("- --in-place", "no place to write standard input"),
        ("64 photo.png", "for 64 colors, give -k 64"),
        ("photo.png sub/photo.png -d out", "--name '{parent}-{stem}-k{k}'"),
        ("photo.png --name {stem}", "photo.png: its result would replace it"),
        ("photo.png photo-k16.png -f", "is the result of photo.png, and an input too"),
        ("photo.png -d photo.png/out", "cannot be made (photo.png is a file)"),
        *((f"photo.png {name}", f"{name} is another program's option") for name in PEERS),
    ],
)
@pytest.mark.parametrize("dry", [(), ("-n",)])
def test_wrong_command_is_one_sentence_and_nothing_is_written(quantize, photo, listing, line, sentence, dry):
    make_photo(8, 8).save("other.png")
    make_photo(8, 8).save("photo-k16.png")
    (photo.parent / "sub").mkdir()
    make_photo(8, 8).save("sub/photo.png")
    before = listing()
    run = quantize(*split(line), *dry)
    assert (run.code, run.out) == (2, "")
    assert sentence in run.err
    assert "Traceback" not in run.err
    assert listing() == before


def test_cluster_without_dask_is_refused_and_so_is_what_it_cannot_have(quantize, monkeypatch):
    make_photo().save("photo.png")
    line = ("photo.png", "--scheduler", "tcp://127.0.0.1:1")
    monkeypatch.setattr("quantize.command.checks.find_spec", lambda name: None)
    assert "pip install 'quantize[dask]'" in quantize(*line).err
    monkeypatch.setattr("quantize.command.checks.find_spec", lambda name: name)
    run = quantize(*line, "-j", "2")
    assert run.code == 2
    assert "leave out -j" in run.err
    assert "give files" in quantize("-", "-d", "out", *line[1:]).err


@pytest.mark.parametrize("name", ["linked/photo-k16.png", "link.png"])
def test_result_that_is_an_input_behind_a_link_is_refused(quantize, photo, tmp_path, name):
    make_photo(seed=1).save(tmp_path / "photo-k16.png")
    (tmp_path / "linked").symlink_to(tmp_path)
    (tmp_path / "link.png").symlink_to("photo-k16.png")
    run = quantize("photo.png", name)
    assert run.code == 2
    assert "photo-k16.png: is the result of photo.png, and an input too" in run.err


@pytest.mark.parametrize("words", ["photo.png -o -", "photo.png -o - --format ase"])
def test_terminal_gets_no_picture(quantize, photo, monkeypatch, words):
    monkeypatch.setattr("quantize.command.checks._is_terminal", lambda: True)
    run = quantize(*words.split())
    assert run.code == 2
    assert run.err == (
        "quantize: a picture would be written to the terminal; send it on with a pipe or > FILE, or name it with "
        "-o FILE\n"
    )


def test_terminal_gets_a_palette_that_is_text(quantize, photo, monkeypatch):
    monkeypatch.setattr("quantize.command.checks._is_terminal", lambda: True)
    assert quantize("photo.png", "-o", "-", "--format", "hex", "-k", "2").out.count("\n") == 2
    assert quantize("photo.png", "-o", "-", "-n").code == 0
