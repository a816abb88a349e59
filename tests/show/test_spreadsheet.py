"""The batch as a table, through the command."""

import csv
import io
import json
from pathlib import Path

import pytest

from quantize.show.spreadsheet import HEAD, Spreadsheet
from tests.conftest import make_photo


def read(name="all.csv"):
    with Path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_table_has_a_row_for_every_picture_whatever_became_of_it(quantize, photo):
    make_photo(seed=1).save("other, one.png")
    quantize("photo.png", "-q")
    run = quantize("photo.png", "missing.png", "other, one.png", "photo-k16.png", "--csv", "all.csv", "-q")
    assert run.code == 1
    rows = read()
    assert [(row["name"], row["status"]) for row in rows] == [
        ("photo.png", "written"), ("missing.png", "failed"),
        ("other, one.png", "written"),
    ]  # fmt: skip
    assert rows[1]["message"] == "missing.png: no such file"
    assert rows[1]["psnr"] == rows[0]["message"] == ""


def test_figures_are_those_of_the_report(quantize, photo):
    run = quantize("photo.png", "--csv", "all.csv", "--json", "--report", "full")
    report, [row] = json.loads(run.out), read()
    assert float(row["psnr"]) == report["error"]["psnr"]
    assert float(row["ciede2000_p95"]) == report["error"]["ciede2000"]["p95"]
    assert int(row["label_bytes"]) == report["size"]["parts"]["labels"]
    assert (row["output"], row["has_alpha"]) == ("photo-k16.png", "false")
    assert [name for name in HEAD if row[name] == "" and not name.startswith("blurred")] == ["message"]


def test_what_a_dither_leaves_after_the_blur_has_columns(quantize, photo):
    quantize("photo.png", "--csv", "all.csv", "--report", "full", "--dither", "bayer", "-k", "4")
    [row] = read()
    assert float(row["blurred_psnr"]) > float(row["psnr"])
    assert float(row["blurred_ciede2000_mean"]) < float(row["ciede2000_mean"])


def test_what_was_not_measured_is_empty(quantize, photo):
    quantize("photo.png", "--csv", "all.csv", "--report", "none")
    [row] = read()
    assert row["mse"] == row["ssim"] == ""
    assert row["bytes_after"] == str(Path("photo-k16.png").stat().st_size)


def test_earlier_table_is_replaced_and_a_foreign_file_is_not(quantize, photo, listing):
    assert quantize("photo.png", "--csv", "all.csv").code == 0
    assert quantize("photo.png", "--csv", "all.csv", "-k", "4").code == 0
    assert read()[0]["palette_colors"] == "4"
    Path("mine.csv").write_text("name,size\n")
    before = listing()
    run = quantize("photo.png", "--csv", "mine.csv", "-k", "5")
    assert run.code == 2
    assert "mine.csv: exists and is no table of quantize; use --force to replace it" in run.err
    assert (Path("mine.csv").read_text(), listing()) == ("name,size\n", before)
    assert quantize("photo.png", "--csv", "mine.csv", "-f").code == 0


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("photo.png", "photo.png: is an input or output of this command"),
        ("photo-k16-report.json", "photo-k16-report.json: is an input or output of this command"),
        ("nowhere/all.csv", "nowhere: no such folder"),
        (".", ".: is a directory"),
        ("-", "the table needs a file name"),
    ],
)
def test_table_that_has_no_place_stops_the_run(quantize, photo, listing, name, sentence):
    run = quantize("photo.png", "--csv", name, "-f")
    assert run.code == 2
    assert sentence in run.err
    assert listing() == ["photo.png"]


def test_dry_run_names_the_table_and_writes_none(quantize, photo, listing):
    assert "table of all -> all.csv" in quantize("photo.png", "--csv", "all.csv", "-n").out
    assert listing() == ["photo.png"]


def test_table_that_cannot_be_written_is_a_failure_and_the_pictures_stay(quantize, photo, monkeypatch):
    from quantize.errors import OutputError
    from quantize.files.writing import atomic

    save = atomic.save_files

    def refuse(contents, *rest):
        if Path("all.csv") not in contents:
            return save(contents, *rest)
        raise OutputError("all.csv: cannot be written (No space left on device)")

    monkeypatch.setattr(atomic, "save_files", refuse)
    run = quantize("photo.png", "--csv", "all.csv")
    assert run.code == 1
    assert "all.csv: cannot be written (No space left on device)" in run.err
    assert Path("photo-k16.png").exists()


def test_name_that_is_no_text_is_spelled_out(quantize, photo):
    name = "bad\udcff.png"
    try:
        make_photo().save(name)
    except (OSError, UnicodeError):
        pytest.skip("this file system takes text only")
    quantize(name, "missing\udcff.png", "--csv", "all.csv", "-q", "--report", "none")
    assert [row["name"] for row in read()] == [r"bad\udcff.png", r"missing\udcff.png"]


@pytest.mark.parametrize("name", ["=1+1.png", "+1.png", "-1.png", "@SUM(A1).png", "\uff1d1.png"])
def test_name_cannot_become_a_formula(name):
    table = Spreadsheet()
    table.add(name, None, failure=f"{name}: no such file")
    text = table.encode().decode()
    [row] = csv.DictReader(io.StringIO(text))
    assert row["name"] == f"'{name}"
    assert row["message"] == f"'{name}: no such file"


def test_control_characters_are_spelled_out_and_no_number_is_touched(quantize, photo):
    table = Spreadsheet()
    table.add("a\rb\n\x1b[31m\x85\u2028.png", None, skipped="x")
    data = table.encode()
    assert data.count(b"\n") == 2
    assert rb"a\rb\n\x1b[31m\x85\u2028.png,skipped,x," in data
    quantize("photo.png", "--csv", "all.csv")
    assert not any(value.startswith("'") for value in read()[0].values())
