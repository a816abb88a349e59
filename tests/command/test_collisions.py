"""Outputs that stand for an input by another name, and names that no file can have."""

import os

import pytest

from tests.conftest import make_photo


@pytest.fixture
def photo(tmp_path):
    make_photo().save("photo.png")
    return (tmp_path / "photo.png").read_bytes()


@pytest.mark.parametrize("arguments", [("-d", "link", "--name", "{stem}"), ("-o", "link/photo.png")])
def test_input_behind_a_link_is_no_output(quantize, tmp_path, photo, arguments):
    (tmp_path / "link").symlink_to(tmp_path)
    run = quantize("photo.png", *arguments)
    assert run.code == 2
    assert "is photo.png by another name" in run.err
    assert (tmp_path / "photo.png").read_bytes() == photo


@pytest.mark.parametrize("arguments", [("--name", "other"), ("-o", "other.png")])
def test_input_under_another_name_of_the_same_content_is_no_output(quantize, tmp_path, photo, arguments):
    os.link("photo.png", "other.png")
    run = quantize("photo.png", *arguments)
    assert run.code == 2
    assert "other.png: is photo.png by another name" in run.err
    assert (tmp_path / "other.png").read_bytes() == photo
    assert quantize("photo.png", *arguments, "-f").code == 0
    assert (tmp_path / "photo.png").read_bytes() == photo


@pytest.mark.parametrize(
    ("link", "target", "words"),
    [
        ("photo-k16.png", "other-k16.png", "would both be written to"),
        ("photo-k16-swatch.png", "photo-k16.png", "photo-k16-swatch.png: is photo-k16.png by another name"),
        ("table.csv", "photo-k16.png", "table.csv: is an input or output of this command"),
        ("table.csv", "photo.png", "table.csv: is an input or output of this command"),
        ("index.html", "photo-k16.html", "the index of all pages goes there, too"),
    ],
)
def test_two_outputs_that_a_link_makes_one_are_refused(quantize, tmp_path, photo, link, target, words):
    make_photo(seed=1).save("other.png")
    (tmp_path / link).symlink_to(target)
    run = quantize("photo.png", "other.png", "--page", "--csv", "table.csv", "--force")
    assert run.code == 2
    assert words in run.err
    assert (tmp_path / "photo.png").read_bytes() == photo
    assert not (tmp_path / "photo-k16.png").exists()


def test_two_outputs_of_one_content_become_two_files(quantize, tmp_path, photo):
    make_photo(seed=1).save("other.png")
    assert quantize("photo.png", "-q").code == 0
    os.link("photo-k16.png", "other-k16.png")
    assert quantize("photo.png", "other.png", "-q").code == 0
    assert not (tmp_path / "photo-k16.png").samefile(tmp_path / "other-k16.png")
    assert (tmp_path / "photo-k16.png").read_bytes() != (tmp_path / "other-k16.png").read_bytes()


@pytest.mark.parametrize("name", ["x" * 252, "x" * 245])  # its own, and that of its swatch
def test_name_that_no_file_can_have_is_refused_before_anything_is_read(quantize, photo, name):
    run = quantize("photo.png", "missing.png", "--name", name + "{stem}")
    assert run.code == 2
    assert "is too long for a file name" in run.err
    assert len(run.err) <= 301


def test_table_that_appeared_during_the_run_stays(quantize, tmp_path, photo, monkeypatch):
    table = tmp_path / "table.csv"
    find = "quantize.command.running.convert_all"
    from quantize.command import running

    convert_all = running.convert_all

    def interfere(*arguments):
        table.write_text("my own table")
        return convert_all(*arguments)

    monkeypatch.setattr(find, interfere)
    run = quantize("photo.png", "--csv", "table.csv", "-q")
    assert run.code == 1
    assert "exists and is no table of quantize" in run.err
    assert table.read_text() == "my own table"
